import { appendFileSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { TIME_LENGTH } from "../../../shared/libarray/layout.js"
import type { Lock } from "../../io/lock.js"
import { replaceFile } from "../../io/replace-file.js"
import { DAY_SECONDS, dayText, momentText } from "./moment.js"
import { checkSeriesName, dayPath, defaultRoot, type SeriesName } from "./names.js"
import { type LineFault, type Lines, scanLines } from "./scan.js"
import { contentOf, locked, refuseMonthFile } from "./store.js"

/** How lines are imported. */
export interface ImportOptions {
  /** Default: TSDIR, else the working directory. */
  readonly root?: string
  /** Bytes of lines held in memory; more go to temporary files below the root. Default 64 MiB. */
  readonly memory?: number
  /** Called for each line without a time; `line` counts from 1. */
  readonly warn?: (fault: LineFault) => void
}

/** What an import did. */
export interface Imported {
  readonly lines: number
  readonly days: number
  /** Lines that were there already, time and data: importing a file twice changes nothing. */
  readonly same: number
  /** Lines without a time. */
  readonly bad: number
}

/**
 * Imports lines in any order: they are gathered by day, sorted by time (stable), merged with what the day has, and each day's file is
 * replaced once, whole or not at all. Lines of equal time are kept, those in the tree first.
 * @param input pieces of a text of lines, cut anywhere
 * @throws UsageError for names that may not be written, RefusedError for a tree of months
 */
export async function importLines(
  series: SeriesName,
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ImportOptions = {},
): Promise<Imported> {
  checkSeriesName(series)
  const { root = defaultRoot(), memory = 64 * 1024 * 1024, warn = () => {} } = options
  const gathered = new Gathered(join(root, `.import-${process.pid}`), memory)
  try {
    let bad = 0
    let linesBefore = 0
    for await (const piece of wholeLines(input)) {
      const lines = scanLines(piece, null)
      for (const fault of lines.faults) {
        if (fault.kind !== "bad-line") continue
        bad++
        warn({ ...fault, line: fault.line + linesBefore })
      }
      linesBefore += lines.scanned
      gathered.add(lines)
    }
    let imported = 0
    let same = 0
    let days = 0
    for (const day of gathered.days()) {
      const below = dayPath(series, dayText(day))
      refuseMonthFile(root, series, below)
      const path = join(root, ...below.split("/"))
      const lines = gathered.take(day)
      const result = locked(path, (lock) => mergeDay(path, lines, lock))
      imported += result.added
      same += result.same
      if (result.added > 0) days++
    }
    return { lines: imported, days, same, bad }
  } finally {
    gathered.clear()
  }
}

/** Pieces that end where a line does. */
async function* wholeLines(input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const rest: Uint8Array[] = []
  for await (const piece of input) {
    const end = piece.lastIndexOf(10) + 1
    if (end > 0) yield Buffer.concat([...rest.splice(0), piece.subarray(0, end)])
    if (end < piece.length) rest.push(piece.slice(end))
  }
  if (rest.length > 0) yield Buffer.concat(rest)
}

/** Lines by day, in memory and beyond a bound in temporary files. */
class Gathered {
  private readonly parts = new Map<number, Uint8Array[]>()
  private readonly spilled = new Set<number>()
  private held = 0

  constructor(
    private readonly folder: string,
    private readonly memory: number,
  ) {}

  add(lines: Lines): void {
    for (let i = 0; i < lines.n; ) {
      const day = Math.floor((lines.seconds[i] as number) / DAY_SECONDS)
      const texts: Uint8Array[] = []
      for (; i < lines.n && Math.floor((lines.seconds[i] as number) / DAY_SECONDS) === day; i++) texts.push(lineOf(lines, i))
      const part = Buffer.concat(texts)
      const list = this.parts.get(day)
      if (list === undefined) this.parts.set(day, [part])
      else list.push(part)
      this.held += part.length
    }
    if (this.held > this.memory) this.spill()
  }

  days(): number[] {
    return [...new Set([...this.spilled, ...this.parts.keys()])].sort((a, b) => a - b)
  }

  take(day: number): Uint8Array {
    const early = this.spilled.has(day) ? readFileSync(join(this.folder, dayText(day))) : new Uint8Array(0)
    const parts = this.parts.get(day) ?? []
    this.parts.delete(day)
    return Buffer.concat([early, ...parts])
  }

  clear(): void {
    if (this.spilled.size > 0) rmSync(this.folder, { recursive: true, force: true })
  }

  private spill(): void {
    mkdirSync(this.folder, { recursive: true })
    for (const [day, parts] of this.parts) {
      appendFileSync(join(this.folder, dayText(day)), Buffer.concat(parts))
      this.spilled.add(day)
    }
    this.parts.clear()
    this.held = 0
  }
}

/** A line as it is written: a blank between date and time, LF at the end, the fraction as it was. */
function lineOf({ bytes, start, data, end, seconds, nanos }: Lines, i: number): Uint8Array {
  const timeLength = (data[i] as number) - 1 - (start[i] as number)
  const time = momentText({ seconds: seconds[i] as number, nanos: nanos[i] as number }, Math.max(0, timeLength - TIME_LENGTH - 1))
  return Buffer.concat([Buffer.from(`${time}|`), bytes.subarray(data[i], end[i]), Buffer.of(10)])
}

/** Merges lines into a day's file. What the file holds stays, lines without a time included: each stays behind the line it stood behind. */
function mergeDay(path: string, fresh: Uint8Array, lock: Lock): { added: number; same: number } {
  const old = contentOf(path)
  const oldSpans = spansOf(old)
  const there = new Map<string, number>()
  for (const span of oldSpans) if (span.key !== null) there.set(span.key, (there.get(span.key) ?? 0) + 1)
  const added: Span[] = []
  let same = 0
  for (const span of spansOf(fresh)) {
    const copies = there.get(span.key as string) ?? 0
    if (copies > 0) {
      there.set(span.key as string, copies - 1)
      same++
    } else added.push(span)
  }
  if (added.length === 0) return { added: 0, same }
  const all = [...oldSpans, ...added]
  const order = all.map((_, i) => i).sort((a, b) => compareSpans(all[a] as Span, all[b] as Span) || a - b)
  replaceFile(
    path,
    order.map((i) => ended((all[i] as Span).bytes)),
    undefined,
    lock,
  )
  return { added: added.length, same }
}

/** A line with a time and the lines without one that follow it. */
interface Span {
  readonly bytes: Uint8Array
  readonly seconds: number
  readonly nanos: number
  /** Time and data; null for what stands before the first line with a time. */
  readonly key: string | null
}

function spansOf(bytes: Uint8Array): Span[] {
  const lines = scanLines(bytes, null)
  const inFile = Array.from({ length: lines.n }, (_, i) => i).sort((a, b) => (lines.start[a] as number) - (lines.start[b] as number))
  const spans: Span[] = []
  const first = inFile[0] === undefined ? bytes.length : (lines.start[inFile[0]] as number)
  if (first > 0) spans.push({ bytes: bytes.subarray(0, first), seconds: Number.NEGATIVE_INFINITY, nanos: 0, key: null })
  for (const [k, i] of inFile.entries()) {
    const next = inFile[k + 1]
    const end = next === undefined ? bytes.length : (lines.start[next] as number)
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1", lines.data[i], lines.end[i])
    const [seconds, nanos] = [lines.seconds[i] as number, lines.nanos[i] as number]
    spans.push({ bytes: bytes.subarray(lines.start[i], end), seconds, nanos, key: `${seconds}.${nanos}|${data}` })
  }
  return spans
}

function compareSpans(a: Span, b: Span): number {
  if (a.seconds === b.seconds) return a.nanos - b.nanos
  return a.seconds < b.seconds ? -1 : 1
}

function ended(bytes: Uint8Array): Uint8Array {
  return bytes[bytes.length - 1] === 10 ? bytes : Buffer.concat([bytes, Buffer.of(10)])
}
