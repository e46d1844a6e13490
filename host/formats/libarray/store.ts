import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, readSync, statSync, writeSync } from "node:fs"
import { join } from "node:path"
import { type Lock, lockSoon } from "../../io/lock.js"
import { replaceFile } from "../../io/replace-file.js"
import { LogError } from "../../model/errors.js"
import { compareMoments, DAY_SECONDS, dayText, digitsOf, type Moment, momentText, parseMoment } from "./moment.js"
import { dayPath, defaultRoot, isWritableName, type SeriesName } from "./names.js"
import { type Lines, scanLines } from "./scan.js"

/**
 * The operations on a series. Each locks the file of its day: of several writers at once, one waits for the other.
 * There is no delete, and there will be none: the system's rule is that deleting raw data is bad science. `update` may empty a line's data; its time stays.
 */

/** Why an operation was refused. */
export type Refusal = "bad-name" | "bad-time" | "bad-data" | "exists" | "out-of-order" | "not-found" | "month-file"

/** An operation that was refused: nothing was changed. */
export class RefusedError extends LogError {
  override name = "RefusedError"

  constructor(
    readonly refusal: Refusal,
    message: string,
  ) {
    super(`${refusal}: ${message}`, { format: "libarray" })
  }
}

/** Where and how to write. */
export interface StoreOptions {
  /** Root of the tree; default: TSDIR, else the working directory. */
  readonly root?: string
  /** `insert` may add a line with a time that is there already: behind it. */
  readonly allowDuplicate?: boolean
  /** Waits until an appended line is on the disk; `insert` and `update` always do. */
  readonly sync?: boolean
}

/**
 * Adds a line behind all others of its day, with one write.
 * @param time `YYYY-MM-DD HH:MM:SS`, with a fraction of up to 9 digits if the caller wants one
 * @param data text without line ends or NUL, or its bytes
 * @throws RefusedError `exists` for the time of the last line, `out-of-order` for an earlier one
 */
export function append(series: SeriesName, time: string, data: string | Uint8Array, options: StoreOptions = {}): void {
  const fresh = newLine(series, time, data, options)
  locked(fresh.path, () => appendLine(fresh, time, options))
}

function appendLine({ path, line, moment }: NewLine, time: string, options: StoreOptions): void {
  const fd = openSync(path, "a+")
  try {
    const { last, ended } = lastLine(fd)
    if (last !== null && compareMoments(moment, last) <= 0) {
      const exists = compareMoments(moment, last) === 0
      const than = `the last line of its day, ${momentText(last, digitsOf(last.nanos))}`
      throw new RefusedError(
        exists ? "exists" : "out-of-order",
        exists ? `${time} is the time of ${than}` : `${time} is before ${than}: use insert`,
      )
    }
    // A line that a crash left without its end is ended first, in the same write.
    writeWhole(fd, ended ? line : Buffer.concat([Buffer.of(LF), line]))
    if (options.sync === true) fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/**
 * Puts a line where its time belongs.
 * @throws RefusedError `exists` when a line has that time and duplicates are not allowed
 */
export function insert(series: SeriesName, time: string, data: string | Uint8Array, options: StoreOptions = {}): void {
  const fresh = newLine(series, time, data, options)
  locked(fresh.path, (lock) => insertLine(fresh, time, options, lock))
}

function insertLine({ path, line, moment }: NewLine, time: string, options: StoreOptions, lock: Lock): void {
  const bytes = contentOf(path)
  const lines = scanLines(bytes, null)
  let at = bytes.length
  for (let i = 0; i < lines.n; i++) {
    const order = compareMoments(momentOf(lines, i), moment)
    if (order === 0 && options.allowDuplicate !== true) throw new RefusedError("exists", `${time} has a line`)
    if (order > 0) at = Math.min(at, lines.start[i] as number)
  }
  const needsEnd = at === bytes.length && bytes.length > 0 && bytes[bytes.length - 1] !== LF
  replaceFile(path, [bytes.subarray(0, at), needsEnd ? Buffer.of(LF) : Buffer.of(), line, bytes.subarray(at)], undefined, lock)
}

/**
 * Replaces the data of the line with exactly that time; of several, the last one.
 * @throws RefusedError `not-found`
 */
export function update(series: SeriesName, time: string, data: string | Uint8Array, options: StoreOptions = {}): void {
  const fresh = newLine(series, time, data, options)
  locked(fresh.path, (lock) => updateLine(fresh, time, lock))
}

function updateLine({ path, bytes: fresh, moment }: NewLine, time: string, lock: Lock): void {
  const bytes = contentOf(path)
  const lines = scanLines(bytes, null)
  let found = -1
  for (let i = 0; i < lines.n; i++) if (compareMoments(momentOf(lines, i), moment) === 0) found = i
  if (found < 0) throw new RefusedError("not-found", `no line has the time ${time}`)
  const end = lines.end[found] as number
  const tail = end < bytes.length ? bytes.subarray(end) : Buffer.of(LF)
  replaceFile(path, [bytes.subarray(0, lines.data[found]), fresh, tail], undefined, lock)
}

/** Runs `body` with the lock of a day's file. @throws LogError when another writer keeps it too long */
export function locked<T>(path: string, body: (lock: Lock) => T): T {
  const lock = lockSoon(path)
  try {
    return body(lock)
  } finally {
    lock.release()
  }
}

const LF = 10
const LAST = 4096

interface NewLine {
  readonly path: string
  readonly moment: Moment
  /** The whole line with its LF, and its data alone. */
  readonly line: Uint8Array
  readonly bytes: Uint8Array
}

function newLine(series: SeriesName, time: string, data: string | Uint8Array, { root = defaultRoot() }: StoreOptions): NewLine {
  for (const name of [series.net, series.method, series.id]) {
    if (!isWritableName(name))
      throw new RefusedError("bad-name", `${JSON.stringify(name)}: letters, digits, . _ and - only, for it becomes a file name`)
  }
  const moment = parseMoment(time)
  if (moment === null || moment.isDate) throw new RefusedError("bad-time", `${JSON.stringify(time)}, expected YYYY-MM-DD HH:MM:SS`)
  const bytes = typeof data === "string" ? Buffer.from(data) : data
  if (!isLineData(bytes)) throw new RefusedError("bad-data", "the data of a line holds no line end and no NUL")
  const below = dayPath(series, dayText(Math.floor(moment.seconds / DAY_SECONDS)))
  refuseMonthFile(root, series, below)
  const line = Buffer.concat([Buffer.from(`${momentText(moment, fractionOf(time))}|`), bytes, Buffer.of(LF)])
  return { path: join(root, ...below.split("/")), moment, line, bytes }
}

/** True for data that a line can hold. */
export function isLineData(bytes: Uint8Array): boolean {
  return !bytes.includes(LF) && !bytes.includes(13) && !bytes.includes(0)
}

/** Trees of the other reading, a file a month, are read but never written: two layouts in one would be two truths. */
export function refuseMonthFile(root: string, series: SeriesName, below: string): void {
  const month = join(root, ...below.split("/").slice(0, 4), series.id)
  const stat = statSync(month, { throwIfNoEntry: false })
  if (stat?.isFile() === true) throw new RefusedError("month-file", `${month} holds the whole month; such trees are read only`)
}

function fractionOf(time: string): number {
  const point = time.indexOf(".")
  return point < 0 ? 0 : time.length - point - 1
}

/** Time of the last line that has one, found from the end; and whether the file ends in LF. */
function lastLine(fd: number): { last: Moment | null; ended: boolean } {
  const { size } = fstatSync(fd)
  let ended = true
  for (let length = Math.min(size, LAST); length > 0; ) {
    const bytes = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      const n = readSync(fd, bytes, done, length - done, size - length + done)
      if (n === 0) break
      done += n
    }
    ended = bytes[length - 1] === LF
    const begin = length === size ? 0 : bytes.indexOf(LF) + 1
    const lines = scanLines(bytes.subarray(begin), null)
    if ((length === size || begin > 0) && lines.n > 0) return { last: lastOf(lines), ended }
    if (length === size) break
    length = Math.min(size, length * 8)
  }
  return { last: null, ended }
}

/** The line that stands last, whatever its time. */
function lastOf(lines: Lines): Moment {
  let last = 0
  for (let i = 1; i < lines.n; i++) if ((lines.start[i] as number) > (lines.start[last] as number)) last = i
  return momentOf(lines, last)
}

function momentOf({ seconds, nanos }: Lines, i: number): Moment {
  return { seconds: seconds[i] as number, nanos: nanos[i] as number }
}

/** The content of a day's file; empty when there is none. */
export function contentOf(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Uint8Array(0)
    throw new LogError(`cannot be read (${(error as NodeJS.ErrnoException).code})`, { format: "libarray", path })
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done)
}
