import type { Source } from "../../bytes/source.js"
import { type IssueList, issue } from "../../model/issues.js"
import type { Ticks } from "../../model/log.js"
import { isBig } from "../../model/values.js"
import type { Master } from "./head/master.js"
import { LEAST_PROOF, PROOF, RowLooks } from "./looks.js"
import { findRowsAgain, learnSomewhere, proofOf } from "./resync.js"

/** A stretch of rows in memory, with some rows before and behind the ones in question. */
interface Stretch {
  readonly bytes: Uint8Array
  /** Byte of row 0 in `bytes`. */
  readonly from: number
  /** Byte of row 0 in the file. */
  readonly at: number
}

/** A place where rows stop being ours. */
export interface Break {
  /** The first row of the window that is left out. */
  readonly row: number
  /** Byte of the file from which on rows look right again; the end of the data if none do. */
  readonly resume: number
}

/** Rows behind the window that are looked at. */
export const LOOK_BEHIND = 2 * PROOF + 8
/** Rows of a window that are learnt from. */
const SAMPLED = 256
/** Up to this many odd rows in a row are kept if only their time or padding is odd: the clock stumbled, no byte was lost. */
const MOST_ODD = 3
/** Searches to the end of the file, each of which may read all of it. */
const LONG_SEARCHES = 64

/**
 * Watches the rows go by: finds where they stop looking like rows of this file, and reports where time goes back or padding is not zero.
 * A sound row costs one comparison of its time and one of its padding; only where these are odd the rows around are looked at closely.
 */
export class BreakFinder {
  readonly looks: RowLooks
  /** Time of the last row that was passed over. */
  private previous = Number.NaN
  private previousButOne = Number.NaN
  private searches = LONG_SEARCHES
  /** Rows of the window that are learnt. */
  private learntTo = 0
  private readonly padding: number

  constructor(
    private readonly source: Source,
    private readonly master: Master,
    private readonly issues: IssueList,
  ) {
    this.looks = new RowLooks(master)
    this.padding = master.structSize - master.row.used
  }

  /**
   * Looks for the first break in a window.
   * @param odd the file's size does not fit whole rows from here
   * @param end byte behind the file's data
   */
  async find(stretch: Stretch, rows: number, ticks: Ticks, odd: boolean, end: number, signal?: AbortSignal): Promise<Break | null> {
    const { bytes } = stretch
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.learntTo = 0
    if (this.looks.learnt === 0) await this.begin(stretch, rows, ticks, end)
    for (let row = 0; ; row++) {
      row = this.suspect(view, stretch, row, { rows, ticks, odd })
      if (row >= rows) break
      this.learn(view, stretch, row)
      const found = await this.judge(view, stretch, row, ticks, end, signal)
      if (found !== null) return found
    }
    this.learn(view, stretch, rows)
    return null
  }

  /** Reports where the time of the first `rows` rows goes back. */
  passOver(ticks: Ticks, rows: number, at: number): void {
    if (!this.master.metrics.some((metric) => metric.isTime)) return
    for (let row = firstBack(ticks, 0, rows, this.previous); row < rows; row = firstBack(ticks, row + 1, rows, Number.NaN)) {
      const before = row === 0 ? this.previous : Number(ticks[row - 1])
      const text = `time goes from ${before} to ${ticks[row]}`
      this.issues.add(issue("clock-step", "note", text, { at: at + row * this.master.structSize }))
    }
    this.previousButOne = rows > 1 ? Number(ticks[rows - 2]) : this.previous
    this.previous = Number(ticks[rows - 1])
  }

  /** Where the first rows are broken at once, learns from rows behind them what rows look like. */
  private async begin(stretch: Stretch, rows: number, ticks: Ticks, end: number): Promise<void> {
    const { looks, master } = this
    const wanted = Math.min(rows, SAMPLED)
    const sound = firstOdd(ticks, 0, wanted, Number.NaN, Number.POSITIVE_INFINITY)
    const padded = this.padding > 0 ? this.firstPadded(stretch, 0, wanted) : wanted
    if (Math.min(sound, padded) >= Math.min(wanted, 2 * PROOF) || (await learnSomewhere(this.source, master, looks, stretch.at, end)) > 0)
      return
    // Rows that show no order anywhere: neither time nor padding can tell where they begin.
    if (sound < 2 * PROOF) looks.time = undefined
    if (padded < 2 * PROOF) looks.padded = false
  }

  /** The first row from `from` that is worth a closer look. */
  private suspect(
    view: DataView,
    stretch: Stretch,
    from: number,
    { rows, ticks, odd }: { rows: number; ticks: Ticks; odd: boolean },
  ): number {
    const { looks } = this
    const padded = looks.padded ? this.firstPadded(stretch, from, rows) : rows
    if (looks.time !== undefined) return firstOdd(ticks, from, padded, this.previous, looks.bound)
    if (looks.padded || !odd) return padded
    // Only the values can tell, and only in a file that is known to be damaged they are asked.
    for (let row = from; row < rows; row++) {
      if (looks.known && !looks.fits(view, stretch.from + row * this.master.structSize)) return row
      this.learn(view, stretch, row + 1)
    }
    return rows
  }

  /** Looks closely at a row that is odd. */
  private async judge(
    view: DataView,
    stretch: Stretch,
    row: number,
    ticks: Ticks,
    end: number,
    signal: AbortSignal | undefined,
  ): Promise<Break | null> {
    const { looks, master } = this
    const size = master.structSize
    const placeOf = (each: number) => stretch.from + each * size
    const left = Math.floor((view.byteLength - placeOf(row)) / size)
    const proof = proofOf(looks)
    const runs = (each: number) => {
      const rows = Math.min(proof, left - (each - row))
      return rows >= LEAST_PROOF && looks.run(view, placeOf(each), rows)
    }
    const isPadded = this.padding > 0 && looks.padded && this.firstPadded(stretch, row, row + 1) === row
    if (!isPadded && runs(row)) return null
    const last = row > 0 ? Number(ticks[row - 1]) : this.previous
    for (let next = row + 1; next <= row + MOST_ODD && next - row < left; next++) {
      if (!runs(next) || !looks.follows(last, looks.timeAt(view, placeOf(next)))) continue
      return this.keep(view, stretch, row, next) ? null : { row, resume: stretch.at + next * size }
    }
    if (left < LEAST_PROOF) {
      if (!looks.fits(view, placeOf(row))) this.doubt(stretch.at + row * size, end, "the last rows do not look like those before")
      return null
    }
    return this.search({ view, stretch, row, ticks, last, left, end, signal })
  }

  /** Rows behind a break, at whatever byte they begin. */
  private async search(place: {
    view: DataView
    stretch: Stretch
    row: number
    ticks: Ticks
    last: number
    left: number
    end: number
    signal: AbortSignal | undefined
  }): Promise<Break | null> {
    const { view, stretch, row, ticks, last, left, end, signal } = place
    const { looks, master, source } = this
    const size = master.structSize
    const at = stretch.at + row * size
    const lastButOne = row > 1 ? Number(ticks[row - 2]) : row === 1 ? this.previous : this.previousButOne
    // The row before may be the torn one: its time is whole, and the next row begins within it.
    const from = row > 0 ? at - size + 1 : at + 1
    const here = { from, last, lastButOne, later: at, signal }
    const near = Math.min(end, at + (LOOK_BEHIND + 3) * size)
    let resume = await findRowsAgain(source, master, looks, { ...here, to: near })
    if (resume === null && this.goesOn(view, stretch, row, left)) return null
    if (resume === null && this.searches-- > 0) {
      // A clock may have gone back behind the bytes that are no rows: rows of any time will do.
      const anyTime = { last: Number.NaN, lastButOne: Number.NaN }
      resume = await findRowsAgain(source, master, looks, { ...here, ...anyTime, to: end })
    }
    if (looks.time === undefined && (resume === null || (resume - at) % size === 0)) {
      // Values alone do not prove that aligned rows are not rows.
      if (resume === null) this.doubt(at, end, "values no longer look like those before")
      return null
    }
    if (resume === null && looks.telling && this.valuesFit(view, stretch, row, left)) {
      looks.time = undefined
      return null
    }
    if (resume !== null && resume < at) return { row: row - 1, resume }
    const isTorn = row > 0 && !looks.fits(view, stretch.from + (row - 1) * size)
    return { row: isTorn ? row - 1 : row, resume: resume ?? end }
  }

  /** True if rows go on where they should, only at another pace. */
  private goesOn(view: DataView, stretch: Stretch, row: number, left: number): boolean {
    const { looks, master } = this
    const rows = Math.min(2 * PROOF, left)
    if (rows < PROOF || looks.time === undefined || !this.valuesFit(view, stretch, row, rows)) return false
    for (let i = row + 1; i < row + rows; i++) {
      const place = stretch.from + i * master.structSize
      if (!(looks.timeAt(view, place) > looks.timeAt(view, place - master.structSize))) return false
    }
    return true
  }

  private valuesFit(view: DataView, stretch: Stretch, row: number, left: number): boolean {
    const rows = Math.min(2 * PROOF, left)
    for (let i = row; i < row + rows; i++) if (!this.looks.fits(view, stretch.from + i * this.master.structSize)) return false
    return true
  }

  /** True for odd rows that are kept, since only their time or their padding is odd; padding is told of. */
  private keep(view: DataView, stretch: Stretch, row: number, next: number): boolean {
    const { looks, master } = this
    const size = master.structSize
    const isPadded = looks.padded && this.firstPadded(stretch, row, next) < next
    if (isPadded && next === row + 1) {
      this.reportPadding(stretch.at + row * size)
      return true
    }
    for (let i = row; i < next; i++) if (!looks.fits(view, stretch.from + i * size)) return false
    return true
  }

  /** Learns from rows up to `to` of the window, in pairs spread over them. */
  private learn(view: DataView, stretch: Stretch, to: number): void {
    const size = this.master.structSize
    const step = Math.max(1, Math.floor((to - this.learntTo) / SAMPLED))
    for (let row = this.learntTo; row < to; row += step) this.looks.learn(view, stretch.from + row * size, row + 1 < to)
    this.learntTo = Math.max(this.learntTo, to)
  }

  private doubt(at: number, end: number, why: string): void {
    const text = `doubtful from byte ${at} on: ${why}, and nothing in the format can tell whether they are rows`
    this.issues.add(issue("doubtful", "error", text, { at, length: end - at }))
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

/** The first row from `from` whose time is behind its predecessor's, or further ahead than `bound`; `previous` is that of row 0. */
function firstOdd(ticks: Ticks, from: number, rows: number, previous: number, bound: number): number {
  if (from === 0 && rows > 0 && !Number.isNaN(previous)) {
    const step = Number(ticks[0]) - previous
    if (!(step >= 0 && step <= bound)) return 0
  }
  const start = Math.max(1, from)
  if (isBig(ticks)) {
    const limit = Number.isFinite(bound) ? BigInt(Math.ceil(Math.min(bound, 2 ** 62))) : 2n ** 63n
    for (let i = start, before = ticks[start - 1] as bigint; i < rows; i++) {
      const tick = ticks[i] as bigint
      if (tick < before || tick - before > limit) return i
      before = tick
    }
  } else {
    for (let i = start, before = ticks[start - 1] as number; i < rows; i++) {
      const tick = ticks[i] as number
      const step = tick - before
      if (!(step >= 0 && step <= bound)) return i
      before = tick
    }
  }
  return rows
}

/** The first row from `from` whose time is not at or behind its predecessor's. */
function firstBack(ticks: Ticks, from: number, rows: number, previous: number): number {
  return firstOdd(ticks, from, rows, previous, Number.POSITIVE_INFINITY)
}
