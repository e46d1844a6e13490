#!/usr/bin/env node
import { readFileSync } from "node:fs"
import { createProgram } from "./program.js"
import { reportError } from "./report/report-error.js"
import { cleanUpOnSignals } from "./terminal/interrupt.js"

cleanUpOnSignals()
try {
  await createProgram(packageVersion()).parseAsync()
} catch (error) {
  process.exitCode = reportError(error, process.argv.slice(2))
}
// All output was written synchronously. An open pipe on standard input must not keep the process alive.
process.exit()

function packageVersion(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8")
  return (JSON.parse(text) as { version: string }).version
}
