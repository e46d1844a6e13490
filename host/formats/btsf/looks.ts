import { type Master, timeField } from "./head/master.js"
import { fieldNumber, type RowField } from "./head/row-layout.js"

/** Rows in a row that must look right before they are taken for rows; of files without a time twice as many. */
export const PROOF = 8
/** Near the end of the data fewer rows are left than `PROOF`; with fewer than this nothing is proved. */
export const LEAST_PROOF = 3
/** Rows that must be known before they say what rows look like. */
const LEAST_LEARNT = 8
/** A step of time up to this many usual ones, or twice the longest known one, is no reason to look closer. */
const USUAL_STEPS = 64
/** Time may go ahead by so many usual steps where bytes were lost. */
const STEPS_LOST = 1e6
/** Rows behind a break have a usual step within this factor of the one before it. */
const STEP_FACTOR = 16
/** A value may lie outside of the known range by so many times its width. */
const WIDENED = 8
/** Steps that the usual one is the median of. */
const KEPT_STEPS = 64

/** What is known of the values of one metric. */
interface Range {
  readonly field: RowField
  readonly isFloat: boolean
  low: number
  high: number
  /** Least magnitude that is not 0: a float of the wrong bytes is often tiny. */
  least: number
  notFinite: boolean
}

/**
 * What the rows of one file look like: padding that is zero, time that goes on by steps as before, values near those seen. It is learnt
 * from rows that are sound, and answers one question: do bytes look like rows of this file? The format has no checksum; nothing else
 * can tell where rows begin.
 */
export class RowLooks {
  /** Rows learnt from. */
  learnt = 0
  /** True if padding that is not zero says something. */
  padded: boolean
  /** Where the time stands in a row; undefined where it proves nothing. */
  time: RowField | undefined
  private readonly ranges: Range[]
  private readonly steps: number[] = []
  private kept = 0
  private longest = 0
  private usualStep: number | null = null

  constructor(private readonly master: Master) {
    const { row, structSize } = master
    this.padded = structSize > row.used
    this.time = timeField(master)
    this.ranges = row.fields
      .filter((field) => field !== this.time)
      .map((field) => ({
        field,
        isFloat: field.wire === "f32" || field.wire === "f64",
        low: Number.POSITIVE_INFINITY,
        high: Number.NEGATIVE_INFINITY,
        least: Number.POSITIVE_INFINITY,
        notFinite: false,
      }))
  }

  /** True once enough rows are known. */
  get known(): boolean {
    return this.learnt >= LEAST_LEARNT
  }

  /** True if the values alone can tell a row from other bytes: some hold to a small part of what their type could hold. */
  get telling(): boolean {
    return this.known && this.ranges.some((range) => range.high >= range.low && (range.isFloat || widthOf(range) < typeWidth(range) / 4))
  }

  /** The usual step of time, in ticks; 0 while none is known. */
  get usual(): number {
    this.usualStep ??= [...this.steps].sort((a, b) => a - b)[this.steps.length >> 1] ?? 0
    return this.usualStep
  }

  /** The longest step of time that is no reason to look closer. */
  get bound(): number {
    return this.steps.length < LEAST_LEARNT || this.usual === 0
      ? Number.POSITIVE_INFINITY
      : Math.max(USUAL_STEPS * this.usual, 2 * this.longest)
  }

  /** Learns from the row at `at`, and from the step to the next when `next` holds it. */
  learn(view: DataView, at: number, next: boolean): void {
    const { structSize, row } = this.master
    this.learnt++
    for (const range of this.ranges) {
      const value = fieldNumber(view, at + range.field.at, range.field, row.little)
      if (!Number.isFinite(value)) {
        range.notFinite = true
        continue
      }
      if (value < range.low) range.low = value
      if (value > range.high) range.high = value
      const size = Math.abs(value)
      if (size > 0 && size < range.least) range.least = size
    }
    if (!next || this.time === undefined) return
    const step = this.timeAt(view, at + structSize) - this.timeAt(view, at)
    if (!(step >= 0)) return
    this.steps[this.kept++ % KEPT_STEPS] = step
    this.usualStep = null
    if (step > this.longest) this.longest = step
  }

  /** The time of the row at `at`, in ticks; NaN where time proves nothing. */
  timeAt(view: DataView, at: number): number {
    return this.time === undefined ? Number.NaN : fieldNumber(view, at + this.time.at, this.time, this.master.row.little)
  }

  /** True if values and padding of the row at `at` look right, whatever its time. */
  fits(view: DataView, at: number): boolean {
    const { row, structSize } = this.master
    if (this.padded) for (let i = at + row.used; i < at + structSize; i++) if (view.getUint8(i) !== 0) return false
    if (!this.known) return true
    let outside = 0
    for (const range of this.ranges) {
      const value = fieldNumber(view, at + range.field.at, range.field, row.little)
      if (!isNear(range, value) && ++outside > this.ranges.length / 4) return false
    }
    return true
  }

  /** True if time may have gone from `last` to `time` where bytes were lost or put in between. */
  follows(last: number, time: number): boolean {
    if (this.time === undefined || Number.isNaN(last)) return true
    const step = time - last
    return step >= 0 && (this.usual === 0 || step <= Math.max(STEPS_LOST * this.usual, 2 * this.longest))
  }

  /**
   * True if the `rows` rows from byte `at` on look like rows of this file: the values and padding of each, and the steps of time between them.
   * @param rows at least `LEAST_PROOF`; files whose time proves nothing need more to be sure
   */
  run(view: DataView, at: number, rows: number): boolean {
    const { structSize } = this.master
    if (this.time === undefined && !this.padded && !this.telling) return false
    const steps: number[] = []
    let before = Number.NaN
    for (let i = 0; i < rows; i++) {
      const row = at + i * structSize
      if (this.time !== undefined) {
        const time = this.timeAt(view, row)
        if (!isPlain(time) || (i > 0 && !(time >= before && time - before <= this.bound))) return false
        if (i > 0) steps.push(time - before)
        before = time
      }
      if (!this.fits(view, row)) return false
    }
    if (this.time === undefined || this.usual === 0) return true
    const median = steps.sort((a, b) => a - b)[steps.length >> 1] as number
    return median >= this.usual / STEP_FACTOR && median <= this.usual * STEP_FACTOR
  }
}

/** False for floats so tiny or huge that they are rather other bytes. */
export function isPlain(value: number): boolean {
  const size = Math.abs(value)
  return size === 0 || (size > 1e-30 && size < 1e30)
}

function isNear(range: Range, value: number): boolean {
  if (!Number.isFinite(value)) return range.notFinite
  if (range.high < range.low) return true
  const room = widthOf(range) / 2
  if (value < range.low - room || value > range.high + room) return false
  return !range.isFloat || value === 0 || Math.abs(value) >= range.least / 65_536
}

/** Width of the values that look right. */
function widthOf({ low, high, isFloat }: Range): number {
  const span = high - low
  return 2 * WIDENED * Math.max(span, isFloat ? Math.max(Math.abs(low), Math.abs(high)) / 4 : 1)
}

function typeWidth({ field }: Range): number {
  return 2 ** (8 * field.size)
}
