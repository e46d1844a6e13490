import type { Channel, Values } from "../model/log.js"
import { Moments } from "../model/moments.js"
import { isBig, isNumbers, physical, physicalColumn } from "../model/values.js"

/** A value as it stands in a log: text, a number, a 64-bit integer, any msgpack value. */
export type Value = unknown

/** What a channel's values amount to. Numbers are physical; null where there are none. */
export interface ChannelStats {
  readonly group: string
  readonly channel: string
  readonly unit: string
  /** Rows of the group. */
  readonly rows: number
  /** Rows that have a value, NaN included. */
  readonly count: number
  /** Rows of the group for which the file has no value. */
  readonly missing: number
  /** Values that are NaN: counted, and left out of the numbers below. */
  readonly nan: number
  /** bigint for 64-bit integers without calibration. */
  readonly min: number | bigint | null
  readonly max: number | bigint | null
  readonly mean: number | null
  /** Population standard deviation. */
  readonly std: number | null
  readonly first: Value
  readonly last: Value
}

/** The running statistics of one channel. */
export class Tally {
  private readonly moments = new Moments(1)
  private scratch = new Float64Array(0)
  private count = 0
  private numbers = 0
  private nan = 0
  private bigMin: bigint | null = null
  private bigMax: bigint | null = null
  private first: Value = null
  private last: Value = null

  constructor(private readonly channel: Channel) {}

  /** Adds one chunk's column of the channel. */
  add(values: Values, missing: Uint8Array | null): void {
    const { length } = values
    if (length === 0) return
    if (this.scratch.length < length) this.scratch = new Float64Array(length)
    const present = missing === null ? length : length - countOnes(missing)
    if (present === 0) return
    this.edges(values, missing)
    this.count += present
    const column = this.numeric(values, missing)
    if (column === null) return
    const before = this.moments.count[0] as number
    this.moments.add(0, column, 0, length)
    const added = (this.moments.count[0] as number) - before
    const offered = this.channel.type === "mixed" ? added + countNaN(values as unknown[]) : present
    this.numbers += offered
    this.nan += offered - added
    if (isBig(values) && this.channel.calibration === null) this.bigEdges(values, missing)
  }

  private numeric(values: Values, missing: Uint8Array | null): Float64Array | null {
    const into = this.scratch.subarray(0, values.length)
    if (isNumbers(values) || isBig(values)) return physicalColumn(values, this.channel.calibration, missing, into)
    if (this.channel.type !== "mixed") return null
    for (let i = 0; i < into.length; i++) {
      const value = values[i] as unknown
      const isNumber = typeof value === "number" || typeof value === "bigint"
      into[i] = isNumber && missing?.[i] !== 1 ? physical(Number(value), this.channel.calibration) : Number.NaN
    }
    return into
  }

  private edges(values: Values, missing: Uint8Array | null): void {
    if (this.count === 0) {
      const first = missing === null ? 0 : missing.indexOf(0)
      this.first = this.valueAt(values, first)
    }
    const last = missing === null ? values.length - 1 : missing.lastIndexOf(0)
    this.last = this.valueAt(values, last)
  }

  private valueAt(values: Values, i: number): Value {
    const raw = values[i] as unknown
    if (this.channel.type === "bool") return raw === 1
    const { calibration } = this.channel
    return calibration !== null && (typeof raw === "number" || typeof raw === "bigint") ? physical(Number(raw), calibration) : raw
  }

  private bigEdges(values: BigInt64Array | BigUint64Array, missing: Uint8Array | null): void {
    let { bigMin: min, bigMax: max } = this
    for (let i = 0; i < values.length; i++) {
      if (missing !== null && missing[i] === 1) continue
      const value = values[i] as bigint
      if (min === null || value < min) min = value
      if (max === null || value > max) max = value
    }
    this.bigMin = min
    this.bigMax = max
  }

  /** What the values amount to so far, in a group of `rows` rows. */
  result(group: string, rows: number): ChannelStats {
    const { moments, channel } = this
    const some = this.numbers - this.nan > 0
    return {
      group,
      channel: channel.name,
      unit: channel.unit,
      rows,
      count: this.count,
      missing: rows - this.count,
      nan: this.nan,
      min: this.bigMin ?? (some ? (moments.min[0] as number) : null),
      max: this.bigMax ?? (some ? (moments.max[0] as number) : null),
      mean: some ? (moments.mean[0] as number) : null,
      std: some ? moments.std(0) : null,
      first: this.first,
      last: this.last,
    }
  }
}

function countOnes(missing: Uint8Array): number {
  let ones = 0
  for (let i = 0; i < missing.length; i++) ones += missing[i] as number
  return ones
}

function countNaN(values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0)
}
