import { DAY_SECONDS, dayNumber, daysInMonth } from "./moment.js"

/** A line that breaks a rule. */
export interface LineFault {
  readonly kind: "bad-line" | "wrong-day" | "unsorted" | "duplicates" | "no-line-end"
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
  /** Naive time: seconds since 1970 and nanoseconds. */
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
 */
export function scanLines(bytes: Uint8Array, day: number | null): Lines {
  const most = Math.floor(bytes.length / 20) + 1
  const start = new Uint32Array(most)
  const data = new Uint32Array(most)
  const end = new Uint32Array(most)
  const seconds = new Float64Array(most)
  const nanos = new Uint32Array(most)
  const faults: LineFault[] = []
  const parsed: Parsed = { seconds: 0, nanos: 0, data: 0 }
  const dates = new Dates()
  let n = 0
  let line = 0
  let verbatim = bytes.length === 0 || bytes[bytes.length - 1] === LF
  let unsortedLine = 0
  let duplicates = 0
  for (let at = 0; at < bytes.length; line++) {
    const isLine = parseTime(bytes, at, dates, parsed)
    // A time holds no line end: the search goes on behind it.
    let next = isLine ? parsed.data : at
    while (next < bytes.length && bytes[next] !== LF) next++
    const stop = next > at && bytes[next - 1] === CR ? next - 1 : next
    if (!isLine) {
      verbatim = false
      if (stop > at) addFault(faults, badLine(bytes, at, stop, line + 1))
      at = next + 1
      continue
    }
    if (stop !== next) verbatim = false
    start[n] = at
    data[n] = parsed.data
    end[n] = stop
    seconds[n] = parsed.seconds
    nanos[n] = parsed.nanos
    if (n > 0) {
      const step = parsed.seconds - (seconds[n - 1] as number) || parsed.nanos - (nanos[n - 1] as number)
      if (step === 0) duplicates++
      if (step < 0 && unsortedLine === 0) unsortedLine = line + 1
    }
    if (day !== null && Math.floor(parsed.seconds / DAY_SECONDS) !== day) {
      addFault(faults, { kind: "wrong-day", at, length: stop - at, line: line + 1, text: "the line belongs to another day than its file" })
    }
    if (next === bytes.length) {
      addFault(faults, {
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
  const found = { n, bytes, start, data, end, seconds, nanos, faults, verbatim, scanned: line }
  if (duplicates > 0)
    faults.push({ kind: "duplicates", at: 0, length: 0, line: 0, text: `${duplicates} lines with the time of the line before` })
  if (unsortedLine === 0) return found
  faults.push({
    kind: "unsorted",
    at: 0,
    length: 0,
    line: unsortedLine,
    text: `lines are not in time order, first line ${unsortedLine}; they are sorted`,
  })
  return sorted(found)
}

/** Faults that lose and break nothing: legal, but worth knowing. */
export function isNote({ kind }: Pick<LineFault, "kind">): boolean {
  return kind === "duplicates" || kind === "no-line-end"
}

function addFault(faults: LineFault[], fault: LineFault): void {
  if (faults.length < MAX_FAULTS) faults.push(fault)
}

function badLine(bytes: Uint8Array, at: number, stop: number, line: number): LineFault {
  const shown = String.fromCharCode(...bytes.subarray(at, Math.min(stop, at + SHOWN)))
  const text = `no time and | at the start of ${JSON.stringify(shown)}${stop - at > SHOWN ? "..." : ""}`
  return { kind: "bad-line", at, length: stop - at, line, text }
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
