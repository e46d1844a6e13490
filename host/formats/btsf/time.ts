import type { Values } from "../../model/log.js"
import type { Metric } from "./head/master.js"

/** The part of a metric that says how it counts time. */
type Timed = Pick<Metric, "code"> & Partial<Metric>

const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  ms: 1e-3,
  millisecond: 1e-3,
  milliseconds: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  microsecond: 1e-6,
  microseconds: 1e-6,
  ns: 1e-9,
  nanosecond: 1e-9,
  nanoseconds: 1e-9,
  min: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hour: 3600,
  hours: 3600,
}

/**
 * Seconds per tick of a time metric, from its unit: free text that begins with a unit of time (`s`, `ms since 1970`).
 * Without a unit a float counts seconds, as Python's `time.time()` and the format's own example do; for an integer
 * without a unit, and for any other unit, the length is unknown: 0.
 */
export function tickSeconds(metric: Timed): number {
  const unit = (metric.unit ?? "").trim()
  const word = /^[a-zµμ]+/.exec(unit.toLowerCase())?.[0]
  if (word === undefined) return unit === "" && (metric.code === "f" || metric.code === "d") ? 1 : 0
  return SECONDS[word] ?? 0
}

/** True if the unit says that the time counts from 1970 UTC: `s since 1970`, `ms (epoch)`, `s unix`. */
export function countsFrom1970(metric: Timed): boolean {
  return /1970|\bepoch\b|\bunix\b/i.test(`${metric.unit ?? ""} ${metric.description ?? ""}`)
}

/** Ticks of a time column: 64-bit integers unchanged, all else as f64. Returns the column itself if it has that type already. */
export function ticksOf(column: Values): Float64Array | BigInt64Array {
  if (column instanceof BigInt64Array || column instanceof Float64Array) return column
  if (column instanceof BigUint64Array) return new BigInt64Array(column.buffer, column.byteOffset, column.length)
  return Float64Array.from(column as Float32Array)
}
