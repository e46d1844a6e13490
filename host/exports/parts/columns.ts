import type { Channel, Chunk, Group, Values } from "../../model/log.js"
import { hasTime, rowTimes } from "../../model/time.js"
import { isBig, isNumbers, physicalColumn } from "../../model/values.js"
import { isNumeric, isWide } from "../../model/wire.js"
import { channelDigits, stepDigits, timeStepDigits } from "../../text/digits.js"
import { decimalTicks } from "../../text/ticks.js"

/** How a column's cells become text. */
export const FIXED = 0
export const SHORTEST = 1
export const SINGLE = 2
export const BOOL = 3
/** Text, bytes, 64-bit integers, msgpack values. */
export const OTHER = 4

/** A group's columns as text writers see them. */
export interface ColumnPlan {
  readonly group: Group
  readonly channels: readonly Channel[]
  /** One per channel: FIXED, SHORTEST, SINGLE, BOOL or OTHER. */
  readonly kinds: Uint8Array
  /** Decimals of FIXED columns. */
  readonly digits: Uint8Array
  /** True for channels whose stored values are written instead of the physical ones. */
  readonly raw: boolean
}

/** Decides once per group how its cells are written. */
export function planColumns(group: Group, options: { raw: boolean; digits: "resolution" | "shortest" }): ColumnPlan {
  const kinds = new Uint8Array(group.channels.length)
  const digits = new Uint8Array(group.channels.length)
  for (const [c, channel] of group.channels.entries()) {
    const seen = options.raw ? { ...channel, calibration: null } : channel
    const decimals = channelDigits(seen)
    kinds[c] = cellKind(seen, decimals)
    if (options.digits === "shortest" && (kinds[c] === FIXED || kinds[c] === SINGLE)) kinds[c] = SHORTEST
    if (kinds[c] === FIXED) digits[c] = Math.max(0, decimals)
  }
  return { group, channels: group.channels, kinds, digits, raw: options.raw }
}

function cellKind({ type, calibration }: Channel, decimals: number): number {
  if (!isNumeric(type)) return OTHER
  if (calibration === null) {
    if (isWide(type)) return OTHER
    if (type === "bool") return BOOL
    if (type === "f32") return SINGLE
  }
  return decimals < 0 ? SHORTEST : FIXED
}

/** A chunk ready to be written row by row. */
export interface PreparedChunk {
  readonly chunk: Chunk
  readonly plan: ColumnPlan
  /** Per channel its numbers; empty for OTHER. */
  readonly numbers: readonly Float64Array[]
  /** Per channel `rows` bytes, 1 for a missing value; empty if no value is missing. */
  readonly missing: readonly Uint8Array[]
  readonly times: Float64Array
  /** Decimals of the times; -1 for shortest, -2 if the group has no times. */
  readonly timeDigits: number
  /** Times as text if a f64 cannot hold them. */
  readonly exactTime: ((row: number) => string) | null
}

const NONE = new Float64Array(0)
const ALL_THERE = new Uint8Array(0)

/** Turns a chunk's columns into numbers to print: one loop a column. `times` and `numbers` if they are known already. */
export function prepareChunk(
  plan: ColumnPlan,
  chunk: Chunk,
  times: Float64Array = rowTimes(plan.group, chunk),
  numbers: readonly Float64Array[] = plan.channels.map((_, c) => columnNumbers(plan, chunk, c)),
): PreparedChunk {
  return {
    chunk,
    plan,
    numbers,
    missing: chunk.missing.map((flags) => flags ?? ALL_THERE),
    times,
    timeDigits: timeDigits(plan.group, chunk),
    exactTime: exactTime(plan.group, chunk),
  }
}

/** Numbers of one channel as they are printed, empty for OTHER. `into`: an array to reuse, as long as the chunk. */
export function columnNumbers(plan: ColumnPlan, chunk: Chunk, c: number, into?: Float64Array): Float64Array {
  if (plan.kinds[c] === OTHER) return NONE
  const values = chunk.columns[c] as Values
  const calibration = plan.raw ? null : (plan.channels[c] as Channel).calibration
  if (calibration === null && values instanceof Float64Array) return values
  if (!isNumbers(values) && !isBig(values)) throw new TypeError("a column of numbers was expected")
  return physicalColumn(values, calibration, null, into) as Float64Array
}

function timeDigits(group: Group, chunk: Chunk): number {
  if (!hasTime(group)) return -2
  const { time } = group
  if (time.kind === "fixed") return Math.max(timeStepDigits(1 / time.rate), stepDigits(time.offset))
  const { ticks } = chunk
  if (ticks instanceof Float64Array) for (let i = 0; i < ticks.length; i++) if (!Number.isInteger(ticks[i])) return -1
  return stepDigits(time.tick)
}

function exactTime({ time }: Group, { ticks }: Chunk): ((row: number) => string) | null {
  if (time.kind === "fixed" || time.tick === 0 || !(ticks instanceof BigInt64Array)) return null
  const digits = Math.round(-Math.log10(time.tick))
  if (digits < 0 || Math.abs(time.tick * 10 ** digits - 1) > 1e-9) return null
  return (row) => decimalTicks(ticks[row] as bigint, digits)
}
