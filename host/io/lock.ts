import { createHash } from "node:crypto"
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs"
import { hostname } from "node:os"
import { basename, dirname, join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { LogError } from "../model/errors.js"
import { makeFolder } from "./folder.js"
import { leaveNothing } from "./leftovers.js"
import { behindLinks } from "./links.js"

/** How long a writer waits for another one that changes the same file in place. */
const PATIENCE_MS = 20_000
const LOOK_MS = 10
/** A lock without a word in it is being written, or its writer died while it was written. */
const MUTE_MS = 5000
/** Characters of a file's name that its lock's name begins with. */
const NAME_START = 60

/** Who holds a lock, and the draft that goes with it. */
interface Holder {
  readonly host: string
  readonly pid: number
  /** When the process began, in the system's own count; empty where it cannot be known. */
  readonly began: string
  /** Name of the draft beside the file, or empty. */
  readonly draft: string
}

/** The right to write a file: no other process that asks for it has it at the same time. It lies beside the file as `.NAME.lock`. */
export class Lock {
  private readonly forget: () => void
  private isHeld = true

  /** Use `lockFile` or `lockPatiently`. */
  constructor(readonly path: string) {
    this.forget = leaveNothing(() => this.release())
  }

  release(): void {
    if (!this.isHeld) return
    this.isHeld = false
    this.forget()
    rmSync(this.path, { force: true })
  }
}

/**
 * Takes the lock of a file. The lock of a process that has ended is taken over, and its draft removed.
 * @param draft name of the draft that shall go if this process dies
 * @param patience ms to wait for another process; the thread waits
 * @throws LogError when another writer has it
 */
export function lockFile(path: string, { draft = "", patience = 0 } = {}): Lock {
  const lock = lockPath(path)
  makeFolder(dirname(lock))
  for (const end = Date.now() + patience; ; ) {
    const held = tryLock(lock, draft)
    if (held instanceof Lock) return held
    if (Date.now() >= end || isOwn(held)) throw isWritten(path, lock, held)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS)
  }
}

/** The same for who changes a file in place and is done soon: the thread waits for other processes. */
export function lockSoon(path: string): Lock {
  return lockFile(path, { patience: PATIENCE_MS })
}

/** Runs `body` with the lock of a file, and waits for it where another writer has it. @throws LogError when that takes too long */
export async function lockPatiently<T>(path: string, body: (lock: Lock) => Promise<T>): Promise<T> {
  const name = lockPath(path)
  makeFolder(dirname(name))
  const end = Date.now() + PATIENCE_MS
  let held = tryLock(name, "")
  while (!(held instanceof Lock)) {
    if (Date.now() >= end) throw isWritten(path, name, held)
    await delay(LOOK_MS)
    held = tryLock(name, "")
  }
  try {
    return await body(held)
  } finally {
    held.release()
  }
}

function lockPath(path: string): string {
  const target = behindLinks(path)
  const name = basename(target)
  const own =
    name.length <= NAME_START ? name : `${name.slice(0, NAME_START)}-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`
  return join(dirname(target), `.${own}.lock`)
}

/** Takes the lock, or says who has it; null where that cannot be read. */
function tryLock(lock: string, draft: string): Lock | Holder | null {
  if (create(lock, draft)) return new Lock(lock)
  const holder = holderOf(lock)
  if (holder === null ? !isMute(lock) : !hasEnded(holder)) return holder
  // One process at a time takes over, and looks again when it is its turn: a new holder's lock is never removed.
  const turn = `${lock}.turn`
  if (!create(turn, "")) {
    const other = holderOf(turn)
    if (other === null ? isMute(turn) : hasEnded(other)) rmSync(turn, { force: true })
    return holder
  }
  try {
    const now = holderOf(lock)
    if (now === null ? isMute(lock) : hasEnded(now)) {
      if (now !== null && now.draft !== "") rmSync(join(dirname(lock), basename(now.draft)), { force: true })
      rmSync(lock, { force: true })
    }
    return create(lock, draft) ? new Lock(lock) : holderOf(lock)
  } finally {
    rmSync(turn, { force: true })
  }
}

function create(lock: string, draft: string): boolean {
  let fd: number
  try {
    fd = openSync(lock, "wx")
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "EEXIST") return false
    throw new LogError(`cannot be locked (${code})`, { path: lock, hint: "a writer needs the right to make files in its folder" })
  }
  try {
    writeSync(fd, JSON.stringify(own(draft)))
  } finally {
    closeSync(fd)
  }
  return true
}

function own(draft: string): Holder {
  return { host: hostname(), pid: process.pid, began: beganAt(process.pid), draft }
}

function isOwn(holder: Holder | null): boolean {
  return holder !== null && holder.host === hostname() && holder.pid === process.pid
}

function holderOf(lock: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(lock, "utf8")) as Partial<Holder>
    const { host, pid, began, draft } = holder
    return typeof host === "string" && typeof pid === "number" && typeof began === "string" && typeof draft === "string"
      ? { host, pid, began, draft }
      : null
  } catch {
    return null
  }
}

function isMute(lock: string): boolean {
  const found = statSync(lock, { throwIfNoEntry: false })
  return found !== undefined && Date.now() - found.mtimeMs > MUTE_MS
}

/** True when the process of a lock is no more. Of another machine's processes nothing is known. */
function hasEnded({ host, pid, began }: Holder): boolean {
  if (host !== hostname()) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH"
  }
  const now = beganAt(pid)
  return began !== "" && now !== "" && began !== now
}

/** Field 22 of Linux's /proc/PID/stat: a process number is used again, with another beginning. */
function beganAt(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8")
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? ""
  } catch {
    return ""
  }
}

function isWritten(path: string, lock: string, holder: Holder | null): LogError {
  const who = holder === null ? "another writer" : isOwn(holder) ? "this process" : `process ${holder.pid} on ${holder.host}`
  return new LogError(`is being written by ${who}`, { path, hint: `try again when it has ended; if it has, remove ${lock}` })
}
