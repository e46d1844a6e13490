import type { Calibration, Channel, Chunk, Group, Log, Selection, Values } from "../../model/log.js"
import { hasTime, rowTimes } from "../../model/time.js"
import { isBig, physical, physicalColumn, seconds } from "../../model/values.js"
import { isNumeric } from "../../model/wire.js"
import { checkLog, checkOptions } from "../../text/asked.js"
import { type Entry, FACTOR, Levels, merge } from "./levels.js"

/** Rows of an entry of the finest level, as long as memory allows. */
const BASE_ROWS = 64

/** The largest share of the rows' bytes that a pyramid takes, but for one that is smaller than `SMALL`. */
const SHARE = 0.03
const SMALL = 64 * 1024
/** A pyramid takes no more, however long the log is. */
const CAP = 128 * 1024 * 1024

/** How a pyramid is filled. */
export interface FillOptions extends Pick<Selection, "signal" | "progress"> {
  /** Called after each window of rows: what the pyramid holds then can be shown. */
  readonly grown?: () => void | Promise<void>
}

/**
 * Minimum, maximum and mean of a log's channels over more and more rows, made in one pass: a picture of any part of it needs no other
 * pass. Values are physical. It can be read at any time while it grows.
 */
export class Pyramid {
  readonly groups: PyramidGroup[] = []
  /** Bytes of the file that its rows take. */
  private seen = 0

  /** Reads all rows of a log into it. It must be empty, or hold the rows that the log had before it grew. */
  async fill(log: Log, options: FillOptions = {}): Promise<void> {
    checkLog(log, "fill")
    checkOptions(options, ["grown", "signal", "progress"], "fill")
    const { grown, signal, progress } = options
    const done = (bytes: number) => {
      this.seen = Math.max(this.seen, bytes)
      progress?.(bytes)
    }
    let window = 0
    for await (const chunk of log.chunks({ reuse: true, remember: true, progress: done, ...(signal === undefined ? {} : { signal }) })) {
      if (chunk.window > window) await grown?.()
      window = chunk.window
      this.add(log.groups, chunk)
    }
    this.keepSmall()
    await grown?.()
  }

  private add(groups: readonly Group[], chunk: Chunk): void {
    for (let g = this.groups.length; g <= chunk.group; g++) this.groups.push(new PyramidGroup(groups[g] as Group))
    this.groups[chunk.group]?.add(chunk)
    this.keepSmall()
  }

  /** Bytes that its entries take. */
  get bytes(): number {
    return this.groups.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Makes the entries of the largest group longer while it takes too much memory. */
  private keepSmall(): void {
    const most = Math.min(CAP, Math.max(SMALL, SHARE * this.seen))
    while (this.bytes > most) {
      const [largest] = [...this.groups].sort((a, b) => b.bytes - a.bytes)
      if (largest === undefined || !largest.coarsen()) return
    }
  }
}

/** The entries of one group. */
export class PyramidGroup {
  /** Rows that it has seen. */
  rows = 0
  /** Rows of an entry of the finest level. */
  entryRows = BASE_ROWS
  /** False when a row is earlier than one before it: then no entry says where its rows are. */
  isRising = true
  /** One per channel; null for channels that are no numbers. */
  readonly channels: (ChannelEntries | null)[]
  /** Seconds from the log's start of each entry's first row, the open one included; empty for a fixed rate and without times. */
  private firsts = new Float64Array(0)
  /** 1 where the row before an entry has the time of the entry's first row. */
  private torn = new Uint8Array(0)
  /** Seconds from the log's start of the last row, in a group with its own ticks. */
  lastTime = Number.NEGATIVE_INFINITY
  private scratch = new Float64Array(0)

  constructor(readonly group: Group) {
    this.channels = group.channels.map((channel) => (isNumeric(channel.type) ? new ChannelEntries(channel, BASE_ROWS) : null))
  }

  /** Complete entries of the finest level. */
  get entries(): number {
    return Math.floor(this.rows / this.entryRows)
  }

  /** Rows behind the last complete entry. */
  get openRows(): number {
    return this.rows % this.entryRows
  }

  /** Entries whose beginning is known: the one that is being filled among them. */
  get begins(): number {
    return this.firsts.length === 0 || this.openRows > 0 ? this.entries + 1 : this.entries
  }

  get bytes(): number {
    return this.firsts.byteLength + this.torn.byteLength + this.channels.reduce((sum, channel) => sum + (channel?.levels.bytes ?? 0), 0)
  }

  /** Adds rows behind those that it has; rows that it has are passed over, rows that are left out are without a value. */
  add(chunk: Chunk): void {
    if (chunk.first > this.rows) this.leaveOut(chunk.first - this.rows)
    const from = this.rows - chunk.first
    if (from >= chunk.rows) return
    if (this.scratch.length < chunk.rows) this.scratch = new Float64Array(chunk.rows)
    const values = this.scratch.subarray(0, chunk.rows)
    for (const [c, channel] of this.channels.entries()) {
      channel?.add(chunk.columns[c] as Values, chunk.missing[c] ?? null, values, from, this)
    }
    if (this.group.time.kind === "stamped" && hasTime(this.group)) this.addTimes(rowTimes(this.group, chunk), from)
    this.rows += chunk.rows - from
  }

  /** Seconds from the log's start of the first row of entry `e`; the row's number where the file gives no time. */
  timeOf(e: number): number {
    if (this.firsts.length > 0) return this.firsts[e] as number
    return seconds(this.group, null, e * this.entryRows)
  }

  /** True when rows on both sides of an entry's beginning have the same time. */
  isTorn(e: number): boolean {
    return this.torn[e] === 1
  }

  /** Makes entries longer. @returns false when there is one alone */
  coarsen(): boolean {
    if (this.entries < FACTOR) return false
    for (const channel of this.channels) channel?.coarsen()
    this.entryRows *= FACTOR
    if (this.firsts.length > 0) {
      const known = Math.ceil(this.rows / this.entryRows)
      this.firsts = this.firsts.filter((_, e) => e % FACTOR === 0 && e < known * FACTOR)
      this.torn = this.torn.filter((_, e) => e % FACTOR === 0 && e < known * FACTOR)
    }
    return true
  }

  private leaveOut(rows: number): void {
    const gap = new Float64Array(Math.min(rows, 65_536)).fill(Number.NaN)
    for (let left = rows; left > 0; left -= gap.length) {
      const n = Math.min(left, gap.length)
      for (const channel of this.channels) channel?.sumUp(gap, 0, n, this)
      this.rows += n
    }
  }

  private addTimes(times: Float64Array, from: number): void {
    const { entryRows } = this
    const most = Math.ceil((this.rows + times.length - from) / entryRows)
    if (this.firsts.length < most) {
      const [firsts, torn] = [new Float64Array(most * 2), new Uint8Array(most * 2)]
      firsts.set(this.firsts)
      torn.set(this.torn)
      Object.assign(this, { firsts, torn })
    }
    const { firsts, torn } = this
    let left = (entryRows - this.openRows) % entryRows
    let e = Math.ceil(this.rows / entryRows)
    let last = this.lastTime
    let isRising = this.isRising
    for (let i = from; i < times.length; i++, left--) {
      const time = times[i] as number
      if (!(time >= last)) isRising = false
      if (left === 0) {
        firsts[e] = time
        torn[e++] = time === last ? 1 : 0
        left = entryRows
      }
      last = time
    }
    this.isRising = isRising
    this.lastTime = last
  }
}

/** The entries of one channel, and the one that is being filled. */
class ChannelEntries {
  readonly levels: Levels
  /** The rows behind the last complete entry. */
  readonly open: Entry = none()

  constructor(
    private readonly channel: Channel,
    rows: number,
  ) {
    this.levels = new Levels(rows)
  }

  /** @param into where the values are put as numbers: one per row of the chunk @param from the first row that is new */
  add(values: Values, missing: Uint8Array | null, into: Float64Array, from: number, place: Place): void {
    if (physicalColumn(values, null, missing, into) !== null) this.sumUp(into, from, into.length, place, isBig(values))
  }

  /** @param beyond true for integers that may not fit a double */
  sumUp(values: Float64Array, from: number, to: number, { openRows, entryRows }: Place, beyond = false): void {
    let room = entryRows - openRows
    for (let begin = from; begin < to; room = entryRows) {
      const end = Math.min(to, begin + room)
      addRun(this.open, values, begin, end, this.channel.calibration, beyond)
      if (end - begin < room) return
      this.levels.push(this.open)
      Object.assign(this.open, none())
      begin = end
    }
  }

  coarsen(): void {
    const { count, min, max, mean } = this.levels.coarsen()
    merge(this.open, count, min, max, mean)
  }
}

/** How far the entry is filled that rows are added to. */
type Place = Pick<PyramidGroup, "openRows" | "entryRows">

function none(): Entry {
  return { count: 0, min: Number.NaN, max: Number.NaN, mean: Number.NaN }
}

/** Adds `values[from..to)` to an entry. A calibration turns no order round but by its sign, so it is applied to the sums. */
function addRun(entry: Entry, values: Float64Array, from: number, to: number, calibration: Calibration | null, beyond: boolean): void {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let sum = 0
  for (let i = from; i < to; i++) {
    const value = values[i] as number
    if (value < min) min = value
    if (value > max) max = value
    sum += value
  }
  let count = to - from
  if (Number.isNaN(sum)) {
    sum = count = 0
    for (let i = from; i < to; i++) {
      const value = values[i] as number
      if (Number.isNaN(value)) continue
      sum += value
      count++
    }
  }
  if (beyond && min < -EXACT) min *= 1 + Number.EPSILON
  if (beyond && max > EXACT) max *= 1 + Number.EPSILON
  const [a, b] = [physical(min, calibration), physical(max, calibration)]
  merge(entry, count, Math.min(a, b), Math.max(a, b), physical(sum / count, calibration))
}

/** Integers beyond are rounded when they become numbers. */
const EXACT = 2 ** 53
