import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The repository's `devicescript` folder. */
export const deviceFolder = findDeviceFolder()

/**
 * Bytecode of a program, built by `devs build` and kept until a source changes.
 * @param entry path relative to the repository
 * @throws Error with the compiler's messages
 */
export function bytecode(entry: string): Uint8Array {
  const root = join(deviceFolder, "..")
  const output = join(root, ".build", "bytecode", entry.replace(/[^a-z0-9]+/gi, "-"))
  const stamp = join(output, "sources.sha256")
  const program = join(output, "bytecode.devs")
  const today = sourcesHash(root, entry)
  return withLock(join(root, ".build", "bytecode.lock"), () => {
    if (!existsSync(stamp) || !existsSync(program) || readFileSync(stamp, "utf8") !== today) {
      mkdirSync(output, { recursive: true })
      build(root, entry, output)
      writeFileSync(stamp, today)
    }
    return readFileSync(program)
  })
}

/**
 * Runs a program by `devs run --test`, the supported way: the machine collects garbage at every allocation there.
 * @returns what it printed. @throws Error with the command's messages when the program fails
 */
export function runByCommand(entry: string): string {
  const root = join(deviceFolder, "..")
  return withLock(join(root, ".build", "bytecode.lock"), () => {
    copyBoards(root)
    return devs(root, ["run", "--test", "-T", "60000", join("..", entry)])
  })
}

function build(root: string, entry: string, output: string): void {
  copyBoards(root)
  devs(root, ["build", "--quiet", join("..", entry)])
  // The command's own option for the output folder takes no value.
  cpSync(join(deviceFolder, ".devicescript", "bin", "bytecode.devs"), join(output, "bytecode.devs"))
}

function devs(root: string, command: readonly string[]): string {
  const program = join(root, "node_modules", "@devicescript", "cli", "devicescript")
  // Without CI the command asks the registry for updates and colours its output.
  const options = { cwd: deviceFolder, env: { ...process.env, NO_UPDATE_NOTIFIER: "1", CI: "1" }, encoding: "utf8", stdio: "pipe" } as const
  try {
    return execFileSync(process.execPath, [program, ...command], options)
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`devs ${command.join(" ")}:\n${stdout}${stderr}`)
  }
}

/** The DeviceScript command reads boards from its project folder only. */
export function copyBoards(root: string): void {
  const target = join(deviceFolder, "boards")
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  for (const name of readdirSync(join(root, "boards")))
    if (name.endsWith(".board.json")) cpSync(join(root, "boards", name), join(target, name))
}

function sourcesHash(root: string, entry: string): string {
  const hash = createHash("sha256")
  hash.update(readFileSync(join(root, entry)))
  for (const folder of ["shared", "boards", "devicescript/src", "test/device/programs"]) hashFolder(join(root, folder), hash)
  return hash.digest("hex")
}

function hashFolder(folder: string, hash: ReturnType<typeof createHash>): void {
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) hashFolder(path, hash)
    else if (/\.(ts|json)$/.test(entry.name)) hash.update(entry.name).update(readFileSync(path))
  }
}

/** One build at a time: test files run in several processes, the command writes into the project folder. */
export function withLock<T>(path: string, work: () => T): T {
  mkdirSync(dirname(path), { recursive: true })
  while (!lock(path)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  try {
    return work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** Takes the lock file, also from a process that is no more. */
function lock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" })
    return true
  } catch {
    if (!holderLives(path)) rmSync(path, { force: true })
    return false
  }
}

function holderLives(path: string): boolean {
  try {
    const holder = Number(readFileSync(path, "utf8"))
    // The file is empty for a moment after its creation.
    if (holder !== 0) process.kill(holder, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

function findDeviceFolder(): string {
  // From the sources and from `.build`, where the demo runs.
  for (const up of ["../../", "../../../"]) {
    const folder = fileURLToPath(new URL(`${up}devicescript`, import.meta.url))
    if (existsSync(join(folder, "devsconfig.json"))) return folder
  }
  throw new Error("the devicescript folder is missing")
}
