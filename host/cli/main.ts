#!/usr/bin/env node
import { cleanUpOnSignals } from "./interrupt.js"
import { createProgram } from "./program.js"
import { reportError } from "./report-error.js"

cleanUpOnSignals()
try {
  await createProgram().parseAsync()
} catch (error) {
  process.exitCode = reportError(error, process.argv.slice(2))
}
// Everything was written synchronously; a pipe on standard input must not keep the process alive.
process.exit()
