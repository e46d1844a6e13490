import { type IssueList, issue } from "../../model/issues.js"
import type { Ticks } from "../../model/log.js"
import { isBig } from "../../model/values.js"
import { findStub, firstUnlike, type Stretch, type Stub } from "./align.js"
import type { Master } from "./master.js"

/** Most searches for a stub in a window, and in a whole file: a file whose time often goes back would otherwise cost too much. */
const SEARCHES_PER_WINDOW = 8
const SEARCHES = 512

/** Watches the rows go by: finds where they stop being aligned, and reports where time goes back or padding is not zero. */
export class BreakFinder {
  /** Time of the last row that was passed over. */
  private previous = Number.NaN
  private searches = SEARCHES
  /** True if the window that `find` saw last has, or may have, a break. */
  private timeWentBack = true
  private readonly hasTime: boolean
  private readonly padding: number

  constructor(
    private readonly master: Master,
    private readonly issues: IssueList,
  ) {
    this.hasTime = master.metrics.some((metric) => metric.isTime)
    this.padding = master.structSize - master.row.used
  }

  /**
   * Looks for a stub where padding is not zero or time goes back; in files with neither, where rows begin to look different.
   * @param stretch with the byte offset `at` of row 0 in the file
   * @param odd the file's size does not fit whole rows from here
   */
  find(stretch: Stretch & { readonly at: number }, rows: number, ticks: Ticks, odd: boolean): Stub | null {
    if (!this.hasTime && this.padding === 0) {
      const suspect = odd ? firstUnlike(this.master, stretch, rows) : rows
      return suspect === rows ? null : findStub(this.master, stretch, suspect)
    }
    let searches = Math.min(SEARCHES_PER_WINDOW, this.searches)
    this.timeWentBack = true
    for (let row = 0; searches > 0; row++) {
      const padded = this.padding > 0 ? this.firstPadded(stretch, row, rows) : rows
      row = this.hasTime ? firstBack(ticks, row, padded, this.previous) : padded
      if (row >= rows) {
        if (searches === SEARCHES_PER_WINDOW) this.timeWentBack = false
        return null
      }
      searches--
      this.searches--
      const stub = findStub(this.master, stretch, row)
      if (stub !== null) return stub
      if (row === padded) this.reportPadding(stretch.at + row * this.master.structSize)
    }
    return null
  }

  /** Reports where the time of the first `rows` rows goes back. */
  passOver(ticks: Ticks, rows: number, at: number): void {
    if (!this.hasTime) return
    if (this.timeWentBack) this.reportSteps(ticks, rows, at)
    this.previous = Number(ticks[rows - 1])
  }

  private reportSteps(ticks: Ticks, rows: number, at: number): void {
    for (let row = firstBack(ticks, 0, rows, this.previous); row < rows; row = firstBack(ticks, row + 1, rows, Number.NaN)) {
      const before = row === 0 ? this.previous : Number(ticks[row - 1])
      const text = `time goes from ${before} to ${ticks[row]}`
      this.issues.add(issue("clock-step", "note", text, { at: at + row * this.master.structSize }))
    }
  }

  private reportPadding(at: number): void {
    const text = "padding of a row is not zero: its values may have changed as well"
    this.issues.add(issue("padding", "warning", text, { at: at + this.master.row.used }))
  }

  /** The first row from `from` whose padding is not zero; `rows` if all paddings are zero. */
  private firstPadded({ bytes, from: base }: Stretch, from: number, rows: number): number {
    const { structSize: size, row: layout } = this.master
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    // Two words that overlap cover the usual paddings; reading each byte would cost more than the decoding.
    const [first, last] = [base + layout.used, base + size]
    if (this.padding >= 4 && this.padding <= 8) {
      const ofRow = (row: number) => view.getUint32(first + row * size) | view.getUint32(last - 4 + row * size)
      let row = from
      while (row < rows - 3 && (ofRow(row) | ofRow(row + 1) | ofRow(row + 2) | ofRow(row + 3)) === 0) row += 4
      while (row < rows && ofRow(row) === 0) row++
      return row
    }
    if (this.padding === 2 || this.padding === 3) {
      for (let row = from; row < rows; row++)
        if ((view.getUint16(first + row * size) | view.getUint16(last - 2 + row * size)) !== 0) return row
      return rows
    }
    for (let row = from; row < rows; row++) {
      for (let i = first + row * size; i < last + row * size; i++) if (view.getUint8(i) !== 0) return row
    }
    return rows
  }
}

/** The first row between `from` and `rows` whose time is not at or behind its predecessor's; `previous` is that of row 0. */
function firstBack(ticks: Ticks, from: number, rows: number, previous: number): number {
  if (from === 0 && Number(ticks[0]) < previous) return 0
  if (isBig(ticks)) {
    for (let i = Math.max(1, from); i < rows; i++) if ((ticks[i] as bigint) < (ticks[i - 1] as bigint)) return i
  } else {
    const start = Math.max(1, from)
    for (let i = start, before = ticks[start - 1] as number; i < rows; i++) {
      const tick = ticks[i] as number
      if (!(tick >= before)) return i
      before = tick
    }
  }
  return rows
}
