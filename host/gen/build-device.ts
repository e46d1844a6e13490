import { EventEmitter } from "node:events"
import { cpSync, readFileSync, rmSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { copyBoards } from "./board-program.js"
import { refuseStale } from "./current.js"
import { keepProgram, keptProgram, lockDeviceFolder } from "./programs.js"

/**
 * `npm run device`: builds the logger for each machine, and says where it is. Programs named as arguments, by path below the root, are
 * built instead. What is kept from today's sources is not built again.
 *
 * All are built in this one process, by calling the DeviceScript command's own entry point again and again: most of the time that a
 * single build takes is the compiler warming up.
 */
const root = fileURLToPath(new URL("../../../", import.meta.url))
const folder = join(root, "devicescript")
const output = join(folder, ".devicescript", "bin")
const bytecode = join(output, "bytecode.devs")
const LOGGERS = ["board", "emulated", "simulator"]

const asked = process.argv.slice(2)
const entries = asked.length > 0 ? asked : LOGGERS.map((name) => `devicescript/src/${name}.ts`)
refuseOldList()
const unlock = lockDeviceFolder(root)
build(entries.filter((entry) => keptProgram(root, entry) === null))

/** Ends the process when the loggers would not log by today's channel list. */
function refuseOldList(): void {
  try {
    refuseStale(root)
  } catch (error) {
    process.stderr.write(`device: ${(error as Error).message}\n`)
    process.exit(1)
  }
}

/** The command says that it is done by leaving nothing to do, and ends the process when the program has faults. */
function build(stale: string[]): void {
  let building: string | undefined
  process.on("beforeExit", () => {
    if (building !== undefined) keepProgram(root, building, readFileSync(bytecode))
    building = stale.shift()
    if (building === undefined) finish()
    else runCommand(["build", "--quiet", relative(folder, join(root, building))])
  })
}

function runCommand(command: string[]): void {
  // Without CI the command asks the registry for updates and colours its output.
  Object.assign(process.env, { NO_UPDATE_NOTIFIER: "1", CI: "1" })
  // Each call adds its listeners to the one command line.
  EventEmitter.defaultMaxListeners = 100
  process.chdir(folder)
  process.argv = [process.execPath, "devs", ...command]
  copyBoards(root)
  rmSync(bytecode, { force: true })
  const { mainCli } = createRequire(import.meta.url)("@devicescript/cli/built/devicescript-cli.cjs") as { mainCli: () => void }
  mainCli()
}

function finish(): void {
  if (asked.length === 0) for (const name of LOGGERS) show(name)
  unlock()
  process.exit()
}

/** Puts a logger beside the command's own output under a name of its own. */
function show(name: string): void {
  const kept = keptProgram(root, `devicescript/src/${name}.ts`)
  if (kept === null) throw new Error(`the sources of ${name}.ts changed while it was built`)
  const named = join(output, `${name}.devs`)
  cpSync(kept, named)
  process.stdout.write(`${relative(root, named)}: ${statSync(named).size} bytes\n`)
}
