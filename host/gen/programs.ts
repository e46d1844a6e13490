import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** Bytecode that was built, kept in `.build/bytecode` until a source, a board or the compiler changes. */

/** Everything that a program can be made of, beside its own file. */
const SOURCES = ["shared", "boards", "devicescript/src", "test/device/programs"]
const COMPILER = "node_modules/@devicescript/cli/package.json"

/** Where a program is kept: its bytecode, and the hash of what it was built from. */
interface Place {
  readonly bytecode: string
  readonly stamp: string
}

/** Path of a program's bytecode; null when it is not built, or from other sources. @param entry path below the root */
export function keptProgram(root: string, entry: string): string | null {
  const { bytecode, stamp } = place(root, entry)
  if (!existsSync(stamp) || !existsSync(bytecode)) return null
  return readFileSync(stamp, "utf8") === sourcesHash(root, entry) ? bytecode : null
}

/** Keeps what was built just now. @returns where */
export function keepProgram(root: string, entry: string, built: Uint8Array): string {
  const { bytecode, stamp } = place(root, entry)
  mkdirSync(dirname(bytecode), { recursive: true })
  rmSync(stamp, { force: true })
  writeFileSync(bytecode, built)
  writeFileSync(stamp, sourcesHash(root, entry))
  return bytecode
}

/**
 * Waits until no other process builds: the DeviceScript command has one place for its output. A process that has ended without unlocking
 * is no hindrance.
 * @returns the unlocking
 */
export function lockDeviceFolder(root: string): () => void {
  const path = join(root, ".build", "bytecode.lock")
  mkdirSync(dirname(path), { recursive: true })
  while (!lock(path)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  return () => rmSync(path, { force: true })
}

function place(root: string, entry: string): Place {
  const folder = join(root, ".build", "bytecode", entry.replace(/[^a-z0-9]+/gi, "-"))
  return { bytecode: join(folder, "bytecode.devs"), stamp: join(folder, "sources.sha256") }
}

function sourcesHash(root: string, entry: string): string {
  const hash = createHash("sha256")
  for (const file of [COMPILER, entry]) hash.update(readFileSync(join(root, file)))
  for (const folder of SOURCES) hashFolder(join(root, folder), hash)
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
