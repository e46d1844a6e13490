import type { Severity } from "../../model/log.js"
import type { ZoneReader } from "../../text/zones.js"
import { DAY_SECONDS, dayNumber, daysInMonth } from "./moment.js"

/** A line that breaks a rule. */
export interface LineFault {
  readonly kind: "bad-line" | "wrong-day" | "unsorted" | "duplicates" | "no-line-end" | "skipped-hour" | "repeated-hour" | "unreadable"
  /** Byte offset in the bytes scanned. */
  readonly at: number
  readonly length: number
  /** Counted from 1 at the first line scanned. */
  readonly line: number
  readonly text: string
}

/** The lines of a stretch of a file that have a time; in time order. */
export interface Lines {
  readonly n: number
  readonly bytes: Uint8Array
  /** Offset of each line, of its data, and behind its data: without CR and LF. */
  readonly start: Uint32Array
  readonly data: Uint32Array
  readonly end: Uint32Array
  /** Seconds since 1970 and nanoseconds: of the naive time, or of UTC where a zone was given. */
  readonly seconds: Float64Array
  readonly nanos: Uint32Array
  readonly faults: readonly LineFault[]
  /** The bytes are just these lines in this order, each ended by a single LF. */
  readonly verbatim: boolean
  /** Lines scanned, blank ones included. */
  readonly scanned: number
}

const LF = 10
const CR = 13
const BAR = 0x7c
const ZERO = 0x30
/** A fault's text shows so much of a line. */
const SHOWN = 40
/** Faults reported one by one in a stretch; a binary file would otherwise give one for each line. */
const MAX_FAULTS = 1000

/** Stands for text that is not a date. */
const NO_DAY = -1e9

/** The time of the line being read: reused, since a result object per line would cost more than the parsing. */
interface Parsed {
  seconds: number
  nanos: number
  data: number
}

/**
 * Finds the lines of a stretch of bytes that begins at a line start.
 * @param day days since 1970 that the lines belong to, or null when they may have any
 * @param zone turns the lines' times into UTC, in the order of the file; null leaves them naive
 */
export function scanLines(bytes: Uint8Array, day: number | null, zone: ZoneReader | null = null): Lines {
  const most = Math.floor(bytes.length / 20) + 1
  const start = new Uint32Array(most)
  const data = new Uint32Array(most)
  const end = new Uint32Array(most)
  const seconds = new Float64Array(most)
  const nanos = new Uint32Array(most)
  const faults = new Faults()
  const parsed: Parsed = { seconds: 0, nanos: 0, data: 0 }
  const dates = new Dates()
  let n = 0
  let line = 0
  let verbatim = bytes.length === 0 || bytes[bytes.length - 1] === LF
  let unsortedLine = 0
  let duplicates = 0
  let repeated = 0
  for (let at = 0; at < bytes.length; line++) {
    const isLine = parseTime(bytes, at, dates, parsed)
    // A time holds no line end: the search goes on behind it.
    let next = isLine ? parsed.data : at
    let zeros = 0
    for (; next < bytes.length && bytes[next] !== LF; next++) if (bytes[next] === 0) zeros++
    const stop = next > at && bytes[next - 1] === CR ? next - 1 : next
    if (!isLine || zeros > 0) {
      verbatim = false
      if (stop > at) faults.add(badLine(bytes, at, stop, line + 1, zeros))
      at = next + 1
      continue
    }
    if (stop !== next) verbatim = false
    start[n] = at
    data[n] = parsed.data
    end[n] = stop
    const time = zone === null ? parsed.seconds : zone.next(parsed.seconds)
    if (zone?.isRepeated) repeated++
    if (zone?.isSkipped) faults.add(skipped(zone, { at, length: stop - at, line: line + 1 }))
    seconds[n] = time
    nanos[n] = parsed.nanos
    if (n > 0) {
      const step = time - (seconds[n - 1] as number) || parsed.nanos - (nanos[n - 1] as number)
      if (step === 0) duplicates++
      if (step < 0 && unsortedLine === 0) unsortedLine = line + 1
    }
    if (day !== null && Math.floor(parsed.seconds / DAY_SECONDS) !== day) {
      faults.add({ kind: "wrong-day", at, length: stop - at, line: line + 1, text: "the line belongs to another day than its file" })
    }
    if (next === bytes.length) {
      faults.add({
        kind: "no-line-end",
        at,
        length: stop - at,
        line: line + 1,
        text: "the last line has no line end: it may not be finished",
      })
    }
    n++
    at = next + 1
  }
  const found = { n, bytes, start, data, end, seconds, nanos, faults: faults.all, verbatim, scanned: line }
  if (duplicates > 0) faults.ofAll("duplicates", `${duplicates} lines with the time of the line before`)
  if (repeated > 0) {
    const text = `${repeated} lines in the hour that the clock of ${zone?.name} showed twice; the second one begins where the times step back`
    faults.ofAll("repeated-hour", text)
  }
  if (unsortedLine === 0) return found
  faults.ofAll("unsorted", `lines are not in time order, first line ${unsortedLine}; they are sorted`, unsortedLine)
  return sorted(found)
}

/** A bad line is lost, and what cannot be read. A last line without its end may be cut: its data is doubtful. Lines of equal time are legal, but worth knowing. */
export function severityOf({ kind }: Pick<LineFault, "kind">): Severity {
  if (kind === "bad-line" || kind === "unreadable") return "error"
  return kind === "duplicates" || kind === "repeated-hour" ? "note" : "warning"
}

/** The faults of a stretch: each kind up to a bound, so that none crowds out another; the last one of a kind counts those beyond it. */
class Faults {
  readonly all: LineFault[] = []
  private readonly counts = new Map<LineFault["kind"], number>()
  private readonly overflow = new Map<LineFault["kind"], number>()

  /** What several lines of a stretch have together. */
  ofAll(kind: LineFault["kind"], text: string, line = 0): void {
    this.add({ kind, at: 0, length: 0, line, text })
  }

  add(fault: LineFault): void {
    const { kind } = fault
    const count = (this.counts.get(kind) ?? 0) + 1
    this.counts.set(kind, count)
    if (count <= MAX_FAULTS) {
      this.all.push(fault)
      return
    }
    const last = this.overflow.get(kind) ?? this.all.push(fault) - 1
    this.overflow.set(kind, last)
    const { at, length, line } = this.all[last] as LineFault
    this.all[last] = { kind, at, length, line, text: `${count - MAX_FAULTS} more such lines from here on` }
  }
}

function skipped(zone: ZoneReader, place: Pick<LineFault, "at" | "length" | "line">): LineFault {
  const text = `the clock of ${zone.name} skipped this time; it is read as if the clock had not been set yet`
  return { ...place, kind: "skipped-hour", text }
}

function badLine(bytes: Uint8Array, at: number, stop: number, line: number, zeros: number): LineFault {
  const fault = { kind: "bad-line", at, length: stop - at, line } as const
  if (zeros > 0) return { ...fault, text: `${zeros} zero bytes: the line is damaged and left out` }
  const shown = String.fromCharCode(...bytes.subarray(at, Math.min(stop, at + SHOWN)))
  return { ...fault, text: `no time and | at the start of ${JSON.stringify(shown)}${stop - at > SHOWN ? "..." : ""}` }
}

/** Reads `YYYY-MM-DD HH:MM:SS[.f]|` at `at`. @returns false when there is none */
function parseTime(bytes: Uint8Array, at: number, dates: Dates, into: Parsed): boolean {
  if (bytes.length - at < 20) return false
  const day = dates.dayAt(bytes, at)
  const blank = bytes[at + 10]
  const hour = two(bytes, at + 11)
  const minute = two(bytes, at + 14)
  const second = two(bytes, at + 17)
  if (day === NO_DAY || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return false
  if ((blank !== 0x20 && blank !== 0x54) || bytes[at + 13] !== 0x3a || bytes[at + 16] !== 0x3a) return false
  let bar = at + 19
  let nanos = 0
  if (bytes[bar] === 0x2e) {
    let unit = 1_000_000_000
    for (bar++; unit > 1; bar++) {
      const digit = (bytes[bar] ?? 0) - ZERO
      if (digit < 0 || digit > 9) break
      unit /= 10
      nanos += digit * unit
    }
    if (unit === 1_000_000_000) return false
  }
  if (bytes[bar] !== BAR) return false
  into.seconds = day * DAY_SECONDS + hour * 3600 + minute * 60 + second
  into.nanos = nanos
  into.data = bar + 1
  return true
}

/** Two digits; negative if they are not digits. */
function two(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - ZERO
  const ones = (bytes[at + 1] as number) - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1000
}

/** Days since 1970 of dates; remembers the last one, for lines of one day come together. */
class Dates {
  private readonly last = new Uint8Array(10)
  private day = NO_DAY

  dayAt(bytes: Uint8Array, at: number): number {
    for (let i = 9; i >= 0; i--) if (bytes[at + i] !== this.last[i]) return this.remember(bytes, at)
    return this.day
  }

  private remember(bytes: Uint8Array, at: number): number {
    this.last.set(bytes.subarray(at, at + 10))
    const year = two(bytes, at) * 100 + two(bytes, at + 2)
    const month = two(bytes, at + 5)
    const day = two(bytes, at + 8)
    const isDate = year >= 0 && bytes[at + 4] === 0x2d && bytes[at + 7] === 0x2d && day >= 1 && day <= daysInMonth(year, month)
    this.day = isDate ? dayNumber(year, month, day) : NO_DAY
    return this.day
  }
}

/** Stable, by time. */
function sorted(lines: Lines): Lines {
  const { n, seconds, nanos } = lines
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  order.sort((a, b) => (seconds[a] as number) - (seconds[b] as number) || (nanos[a] as number) - (nanos[b] as number) || a - b)
  const pick = <T extends Uint32Array | Float64Array>(from: T, to: T): T => {
    for (let i = 0; i < n; i++) to[i] = from[order[i] as number] as number
    return to
  }
  return {
    ...lines,
    start: pick(lines.start, new Uint32Array(n)),
    data: pick(lines.data, new Uint32Array(n)),
    end: pick(lines.end, new Uint32Array(n)),
    seconds: pick(seconds, new Float64Array(n)),
    nanos: pick(nanos, new Uint32Array(n)),
    verbatim: false,
  }
}
