import { randomBytes } from "node:crypto"
import { closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { leaveNothing } from "./leftovers.js"
import { behindLinks } from "./links.js"
import { type Lock, lockFile } from "./lock.js"

/** Characters of a file's name that its draft's name begins with: UTF-8 makes at most 180 bytes of them, of the 255 that a name may have. */
const NAME_START = 60

/**
 * New content for the file at a path, written beside it and seen under its name only when it is complete. A symbolic link stays:
 * the file that it leads to is replaced. A file that is replaced keeps its permissions. One draft a file: a second writer is refused.
 */
export class Draft {
  /** The draft's own file: `NAME.<random>.part`. It is created and never opened when it exists, so no other writer's draft is touched. */
  readonly path: string
  readonly fd: number
  private readonly target: string
  private readonly mode: number | null
  private open = true
  /** Null where the caller has the lock of the file. */
  private readonly lock: Lock | null
  private readonly forget: () => void

  /**
   * @param prefix begins the draft's name, where readers of a folder leave such names out
   * @param lock of the file, where the caller has it
   * @throws LogError when another writer has the file's lock
   */
  constructor(path: string, prefix = "", lock: Lock | null = null) {
    this.target = behindLinks(path)
    const folder = dirname(this.target)
    mkdirSync(folder, { recursive: true })
    this.mode = statSync(this.target, { throwIfNoEntry: false })?.mode ?? null
    const start = basename(this.target).slice(0, NAME_START)
    const draft = `${prefix}${start}.${randomBytes(4).toString("hex")}.part`
    this.lock = lock === null ? lockFile(this.target, { draft }) : null
    this.path = join(folder, draft)
    try {
      this.fd = openSync(this.path, "wx+", this.mode ?? 0o666)
    } catch (error) {
      this.lock?.release()
      throw error
    }
    this.forget = leaveNothing(() => this.discard())
  }

  /** All bytes are on the disk; nothing more can be written. */
  seal(): void {
    if (!this.open) return
    if (this.mode !== null) fchmodSync(this.fd, this.mode & 0o7777)
    fsyncSync(this.fd)
    closeSync(this.fd)
    this.open = false
  }

  /** Gives a sealed draft the file's name. */
  publish(): void {
    renameSync(this.path, this.target)
    this.forget()
    this.lock?.release()
  }

  /** Removes the draft; the file stays as it was. */
  discard(): void {
    if (this.open) closeSync(this.fd)
    this.open = false
    rmSync(this.path, { force: true })
    this.forget()
    this.lock?.release()
  }

  /** Makes the new name durable, too: it is when its folder is. */
  syncFolder(): void {
    syncFolder(dirname(this.target))
  }
}

/** Gives the file at `path` new content, whole or not at all, and durably. @param lock of the file, where the caller has it @throws LogError */
export function replaceFile(path: string, parts: readonly Uint8Array[], prefix?: string, lock?: Lock): void {
  const draft = new Draft(path, prefix, lock)
  try {
    let size = 0
    for (const part of parts) {
      writeAll(draft.fd, part, size)
      size += part.length
    }
    draft.seal()
    draft.publish()
  } catch (error) {
    draft.discard()
    throw error
  }
  draft.syncFolder()
}

function syncFolder(path: string): void {
  let fd: number
  try {
    fd = openSync(path, "r")
  } catch {
    return // Windows opens no folders.
  }
  try {
    fsyncSync(fd)
  } catch {
    // Some network file systems sync no folders.
  } finally {
    closeSync(fd)
  }
}

/** Writes all of `bytes` at an offset of an open file. */
export function writeAll(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, at + done)
}
