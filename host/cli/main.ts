#!/usr/bin/env node
import { readFileSync } from "node:fs"
import { createProgram } from "./program.js"
import { reportError } from "./report/report-error.js"
import { cleanUpOnSignals } from "./terminal/interrupt.js"

cleanUpOnSignals()
try {
  const program = createProgram(packageVersion())
  if (asksForHelp(process.argv.slice(2))) (await import("./options/known-names.js")).nameKnown(program)
  await program.parseAsync()
} catch (error) {
  process.exitCode = reportError(error, process.argv.slice(2))
}
// All output was written synchronously. An open pipe on standard input must not keep the process alive.
process.exit()

/** True if the help is to be shown; then it names every format and target. */
function asksForHelp(args: readonly string[]): boolean {
  return args[0] === "help" || args.includes("--help") || args.includes("-h")
}

function packageVersion(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8")
  return (JSON.parse(text) as { version: string }).version
}
