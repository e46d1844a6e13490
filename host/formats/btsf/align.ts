import type { Master } from "./master.js"
import type { RowField } from "./row-layout.js"

/** A stub of a row found between whole ones: `length` bytes in front of row `row` (counted from the window's first). */
export interface Stub {
  readonly row: number
  readonly length: number
}

/** A stretch of rows in memory, with some rows before and behind the ones in question. */
export interface Stretch {
  readonly bytes: Uint8Array
  /** Byte of row 0. */
  readonly from: number
  /** Rows before row 0 in `bytes` that are aligned with it. */
  readonly before: number
}

/** Rows that are compared behind a break, and before it. */
const LOOK = 32
export const LOOK_BEFORE = 16
export const LOOK_BEHIND = LOOK + 6
/** Rows larger than this are not searched: the search grows with the square of the row. */
const MAX_SEARCHED_ROW = 4096
/** Byte positions of a row that are compared. */
const MAX_POSITIONS = 64

/**
 * Looks whether a row was cut short near row `suspect`, so that all later rows stand `length` bytes off.
 *
 * A program that appends behind a torn row shifts all later rows, and nothing in the file says so. But rows resemble their
 * predecessors: padding is zero, high bytes stay the same, time goes on. The shift that makes the rows resemble those before the break
 * far better than no shift is taken; without a clear winner no shift is.
 */
export function findStub(master: Master, stretch: Stretch, suspect: number): Stub | null {
  const size = master.structSize
  if (size > MAX_SEARCHED_ROW) return null
  const rows = new Rows(master, stretch, Math.max(-stretch.before, suspect - 3 - LOOK_BEFORE), suspect - 3)
  const shift = bestShift(rows, master, suspect + 1)
  if (shift === 0) return null
  let best = { row: suspect, likeness: -1 }
  for (let row = Math.max(0, suspect - 3); row <= suspect + 1; row++) {
    const { likeness } = rows.compare((k) => (k < row ? k * size : k * size + shift), Math.max(-stretch.before, suspect - 5), suspect + 4)
    // A tie goes to the later break: the row in front of it is kept.
    if (likeness >= best.likeness) best = { row, likeness }
  }
  return { row: best.row, length: shift }
}

/** Rows, or bytes of padding, that must speak for a shift: a few rows may look like anything. */
const MIN_ROWS = 8
const MIN_PADDING = 8
/** The least rows to learn from. */
const MIN_LEARNT = 4

function bestShift(rows: Rows, { structSize, row }: Master, from: number): number {
  const padding = structSize - row.used
  const unshifted = rows.compare((k) => k * structSize, from, from + LOOK)
  if (unshifted.rows < 2 || (unshifted.padded && (unshifted.likeness > 0.9 || !rows.known))) return 0
  // Padding that is zero only behind a shift speaks for itself; else the shifted rows must be clearly more alike.
  const spoken = padding > 0 && !unshifted.padded
  let best = { shift: 0, likeness: unshifted.likeness + (spoken ? 0 : 0.25) }
  for (let shift = 1; shift < structSize; shift++) {
    const shifted = rows.compare((k) => k * structSize + shift, from, from + LOOK)
    const enough = shifted.padded && (spoken ? shifted.rows * padding >= MIN_PADDING : shifted.rows >= MIN_ROWS)
    if (enough && shifted.likeness > best.likeness && shifted.likeness >= 0.8) best = { shift, likeness: shifted.likeness }
  }
  return best.shift
}

/**
 * For files with neither padding nor time: the first row of a window that is unlike the window's first rows although the last rows
 * are too, by bisection. @returns `rows` when the last rows still resemble the first.
 */
export function firstUnlike(master: Master, stretch: Stretch, rows: number): number {
  if (master.structSize > MAX_SEARCHED_ROW || rows < LOOK_BEFORE + 8) return rows
  const first = new Rows(master, stretch, 0, LOOK_BEFORE)
  const alike = (row: number) => first.compare((k) => k * master.structSize, row, row + 8).likeness > 0.75
  if (alike(rows - 8)) return rows
  let low = LOOK_BEFORE - 8
  let high = rows - 8
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (alike(middle)) low = middle
    else high = middle
  }
  return Math.min(rows - 1, low + 7)
}

interface Comparison {
  /** Rows that could be compared. */
  readonly rows: number
  /** 0 to 1. */
  readonly likeness: number
  /** All padding is zero. */
  readonly padded: boolean
}

/** What rows look like: byte positions that kept their value over the reference rows, padding among them, and the time's course. */
class Rows {
  private readonly positions: number[] = []
  private readonly values: number[] = []
  /** True if there were enough rows to learn from. */
  readonly known: boolean
  private readonly view: DataView
  private time: RowField | undefined

  /** Learns from the rows `first` to `end`. */
  constructor(
    private readonly master: Master,
    private readonly stretch: Stretch,
    first: number,
    end: number,
  ) {
    this.view = new DataView(stretch.bytes.buffer, stretch.bytes.byteOffset, stretch.bytes.length)
    this.known = end - first >= MIN_LEARNT
    this.time = timeField(master)
    // If the time went back before the break too, it proves nothing.
    if (this.known && this.compare((row) => row * master.structSize, first, end).likeness < 0.9) this.time = undefined
    const { structSize, row } = master
    for (let i = structSize - 1; i >= 0 && this.positions.length < MAX_POSITIONS; i--) {
      const value = i >= row.used ? 0 : this.constantAt(i, first, end)
      if (value === null) continue
      this.positions.push(i)
      this.values.push(value)
    }
  }

  /** Compares the rows `first` to `end` that lie within the bytes: the share of matching bytes and of plausible time steps. */
  compare(placeOf: (row: number) => number, first: number, end: number): Comparison {
    const { bytes, from } = this.stretch
    const { structSize, row: layout } = this.master
    let rows = 0
    let alike = 0
    let steps = 0
    let padded = true
    let previous = Number.NaN
    for (let row = first; row < end; row++) {
      const at = from + placeOf(row)
      if (at < 0 || at + structSize > bytes.length) continue
      rows++
      for (let i = 0; i < this.positions.length; i++) if (bytes[at + (this.positions[i] as number)] === this.values[i]) alike++
      for (let i = at + layout.used; i < at + structSize; i++) if (bytes[i] !== 0) padded = false
      if (this.time === undefined) continue
      const time = fieldNumber(this.view, at + this.time.at, this.time, layout.little)
      if (time >= previous) steps++
      previous = time
    }
    const shares: number[] = []
    if (this.positions.length > 0) shares.push(alike / (rows * this.positions.length))
    if (this.time !== undefined) shares.push(steps / (rows - 1))
    const likeness = rows < 2 || shares.length === 0 ? 0 : shares.reduce((a, b) => a + b) / shares.length
    return { rows, likeness, padded }
  }

  private constantAt(i: number, first: number, end: number): number | null {
    if (!this.known) return null
    const { bytes, from } = this.stretch
    const size = this.master.structSize
    const value = bytes[from + first * size + i]
    for (let row = first + 1; row < end; row++) if (bytes[from + row * size + i] !== value) return null
    return value ?? null
  }
}

/** The metric that is the time, if there is one; the first of several. */
function timeField(master: Master): RowField | undefined {
  return master.row.fields[master.metrics.findIndex((metric) => metric.isTime)]
}

/** One value as a number; 64-bit integers are rounded. */
function fieldNumber(view: DataView, at: number, field: RowField, little: boolean): number {
  switch (field.wire) {
    case "f32":
      return view.getFloat32(at, little)
    case "f64":
      return view.getFloat64(at, little)
    case "i8":
      return view.getInt8(at)
    case "i16":
      return view.getInt16(at, little)
    case "u16":
      return view.getUint16(at, little)
    case "i32":
      return view.getInt32(at, little)
    case "u32":
      return view.getUint32(at, little)
    case "i64":
      return Number(view.getBigInt64(at, little))
    case "u64":
      return Number(view.getBigUint64(at, little))
    default:
      return view.getUint8(at)
  }
}
