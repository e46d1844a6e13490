import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { copyBoards } from "../../../host/gen/board-program.js"
import { refuseStale } from "../../../host/gen/current.js"
import { keptProgram, lockDeviceFolder } from "../../../host/gen/programs.js"

/** The repository's `devicescript` folder. */
export const deviceFolder = findDeviceFolder()

const root = join(deviceFolder, "..")

/** The programs that a whole run needs, so that they can be built in one go. */
export const PROGRAMS: readonly string[] = [
  ...["simulator", "board", "emulated"].map((name) => `devicescript/src/${name}.ts`),
  ...["encoders", "heap", "hour", "parts", "rates", "steps", "smoke", "broken"].map((name) => `test/device/programs/${name}.ts`),
]

/** The command that builds programs: see host/gen/build-device.ts. */
export const BUILDER = join(root, "dist", "host", "gen", "build-device.js")

const built = new Map<string, Uint8Array>()

/**
 * Bytecode of a program, built when none is kept from today's sources.
 * @param entry path relative to the repository
 * @throws Error with the compiler's messages
 */
export function bytecode(entry: string): Uint8Array {
  let bytes = built.get(entry)
  if (bytes === undefined) {
    bytes = readFileSync(builtProgram(entry))
    built.set(entry, bytes)
  }
  return bytes
}

/**
 * Runs a program by `devs run --test`, the supported way: the machine collects garbage at every allocation there.
 * @returns what it printed. @throws Error with the command's messages when the program fails
 */
export function runByCommand(entry: string): string {
  return devs(["run", "--test", "-T", "60000", builtProgram(entry)])
}

/** Runs the DeviceScript command in its project folder, with the boards in place; one process at a time. @throws Error with its messages */
export function devsInFolder(command: readonly string[]): string {
  const unlock = lockDeviceFolder(root)
  try {
    copyBoards(root)
    return devs(command)
  } finally {
    unlock()
  }
}

function builtProgram(entry: string): string {
  refuseStale(root)
  if (keptProgram(root, entry) === null) node([BUILDER, entry])
  const kept = keptProgram(root, entry)
  if (kept === null) throw new Error(`${entry} changed while it was built`)
  return kept
}

function devs(command: readonly string[]): string {
  return node([join(root, "node_modules", "@devicescript", "cli", "devicescript"), ...command])
}

function node(command: readonly string[]): string {
  // Without CI the DeviceScript command asks the registry for updates and colours its output.
  const options = { cwd: deviceFolder, env: { ...process.env, NO_UPDATE_NOTIFIER: "1", CI: "1" }, encoding: "utf8", stdio: "pipe" } as const
  try {
    return execFileSync(process.execPath, command, options)
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command.join(" ")}:\n${stdout}${stderr}`)
  }
}

function findDeviceFolder(): string {
  // From the sources and from `.build`, where the demo runs.
  for (const up of ["../../../", "../../../../"]) {
    const folder = fileURLToPath(new URL(`${up}devicescript`, import.meta.url))
    if (existsSync(join(folder, "devsconfig.json"))) return folder
  }
  throw new Error("the devicescript folder is missing")
}
