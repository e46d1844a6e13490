import { evenTime, evenTimes } from "./even-times.js"
import type { BigValues, Calibration, Group, NumberValues, Ticks, Values } from "./log.js"
import { type Columns, type Storage, type StorageName, storageOf, type Wire } from "./wire.js"

const FRESH: { readonly [S in StorageName]: (n: number) => Columns[S] } = {
  u8: (n) => new Uint8Array(n),
  u16: (n) => new Uint16Array(n),
  u32: (n) => new Uint32Array(n),
  u64: (n) => new BigUint64Array(n),
  i8: (n) => new Int8Array(n),
  i16: (n) => new Int16Array(n),
  i32: (n) => new Int32Array(n),
  i64: (n) => new BigInt64Array(n),
  f32: (n) => new Float32Array(n),
  f64: (n) => new Float64Array(n),
  text: (n) => new Array<string>(n).fill(""),
  bytes: (n) => new Array<Uint8Array>(n).fill(new Uint8Array(0)),
  mixed: (n) => new Array<unknown>(n).fill(undefined),
}

/** A fresh column of `n` values of a wire type: zeros, empty strings or undefined. */
export function newValues<W extends Wire>(type: W, n: number): Storage[W] {
  return FRESH[storageOf(type)](n) as Storage[W]
}

/** True for columns that a `number` loop can read. */
export function isNumbers(values: Values): values is NumberValues {
  return ArrayBuffer.isView(values) && !isBig(values)
}

/** True for 64-bit integer columns. */
export function isBig(values: Values): values is BigValues {
  return values instanceof BigInt64Array || values instanceof BigUint64Array
}

/** `(raw + addition) / divisor * multiplier`; `raw` itself without calibration. */
export function physical(raw: number, calibration: Calibration | null): number {
  if (calibration === null) return raw
  return ((raw + calibration.addition) / calibration.divisor) * calibration.multiplier
}

/**
 * Physical values of a number or 64-bit column in f64, NaN where missing. 64-bit integers are rounded to f64.
 * @param out where they go: as long as `values`, fresh when absent; `values` itself where that is a Float64Array no longer needed raw
 * @returns null for text, bytes and mixed columns.
 */
export function physicalColumn(
  values: Values,
  calibration: Calibration | null,
  missing: Uint8Array | null,
  out: Float64Array = new Float64Array(values.length),
): Float64Array | null {
  if (!isNumbers(values) && !isBig(values)) return null
  if (isBig(values)) for (let i = 0; i < out.length; i++) out[i] = Number(values[i])
  else if (out !== values) out.set(values)
  if (calibration !== null) calibrate(out, calibration)
  if (missing !== null) for (let i = 0; i < out.length; i++) if (missing[i] === 1) out[i] = Number.NaN
  return out
}

/** In place. A factor of 1 and an addition of 0 change no value, so their loops are left out. */
function calibrate(out: Float64Array, { addition, divisor, multiplier }: Calibration): void {
  if (addition === 0 && multiplier === 1) for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) / divisor
  else for (let i = 0; i < out.length; i++) out[i] = (((out[i] as number) + addition) / divisor) * multiplier
}

/**
 * Seconds from the log's start of a row.
 * @param tick the row's tick; ignored for a fixed rate
 * @param index the row's index within the group
 * @returns NaN when the file gives no time
 */
export function seconds(group: Group, tick: number | bigint | null, index: number): number {
  if (group.time.kind === "fixed") return evenTime(evenTimes(group.time), index)
  if (group.time.tick === 0 || tick === null) return Number.NaN
  const ticksPerSecond = 1 / group.time.tick
  // A decimal tick (1 ms) divides by a whole number: 1001 ms is 1.001 s, not 1.0009999999999999.
  const whole = Math.round(ticksPerSecond)
  if (Math.abs(ticksPerSecond - whole) < whole * 1e-12) return Number(tick) / whole
  return Number(tick) * group.time.tick
}

/** Tick `i` of a chunk, or null for a fixed rate. */
export function tickAt(ticks: Ticks | null, i: number): number | bigint | null {
  return ticks === null ? null : (ticks[i] as number | bigint)
}
