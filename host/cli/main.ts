#!/usr/bin/env node
import { readFileSync } from "node:fs"
import { oldNode } from "./terminal/node-version.js"

// Said before anything is loaded that an old Node cannot read.
const tooOld = oldNode(process.versions.node)
if (tooOld === null) await main()
else {
  console.error(tooOld)
  process.exitCode = 1
}
// All output was written synchronously. An open pipe on standard input must not keep the process alive.
process.exit()

async function main(): Promise<void> {
  const { cleanUpOnSignals } = await import("./terminal/interrupt.js")
  cleanUpOnSignals()
  try {
    const { createProgram } = await import("./program.js")
    const program = createProgram(packageVersion())
    const args = process.argv.slice(2)
    if (args[0] === "help") (await import("./options/help-target.js")).refuseUnknown(program, args.slice(1))
    if (asksForHelp(args)) (await import("./options/known-names.js")).nameKnown(program)
    await program.parseAsync()
  } catch (error) {
    process.exitCode = (await import("./report/report-error.js")).reportError(error, process.argv.slice(2))
  }
}

/** True if the help is to be shown; then it names every format and target. */
function asksForHelp(args: readonly string[]): boolean {
  return args[0] === "help" || args.includes("--help") || args.includes("-h")
}

function packageVersion(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8")
  return (JSON.parse(text) as { version: string }).version
}
