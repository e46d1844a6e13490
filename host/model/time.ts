import { evenTimes } from "./even-times.js"
import type { Chunk, Group, Log } from "./log.js"
import { seconds } from "./values.js"

/** True when the file says how long a tick of this group is. */
export function hasTime({ time }: Pick<Group, "time">): boolean {
  return time.kind === "fixed" || time.tick !== 0
}

/** True when the group's ticks are a wall clock without a zone: see `TimeBase`. */
export function isNaive({ time }: Pick<Group, "time">): boolean {
  return time.kind === "stamped" && time.naive === true
}

/**
 * Where each row of a chunk stands in time: seconds from the log's start, or the ticks themselves where the
 * file does not say how long a tick is (streams of one file then still share their clock).
 */
export function rowTimes(group: Group, chunk: Chunk): Float64Array {
  const times = new Float64Array(chunk.rows)
  const { time } = group
  const { ticks, first } = chunk
  if (time.kind === "fixed") {
    const { shift, first: from, step, per } = evenTimes(time)
    for (let i = 0; i < times.length; i++) times[i] = shift + (from + (first + i) * step) / per
    return times
  }
  if (ticks === null) {
    for (let i = 0; i < times.length; i++) times[i] = first + i
    return times
  }
  if (ticks instanceof Float64Array) times.set(ticks)
  else for (let i = 0; i < times.length; i++) times[i] = Number(ticks[i])
  if (time.tick === 0) return times
  const { divide, by } = scale(group)
  if (divide) for (let i = 0; i < times.length; i++) times[i] = (times[i] as number) / by
  else for (let i = 0; i < times.length; i++) times[i] = (times[i] as number) * by
  return times
}

/** How `seconds` turns a stamped group's tick into a time: by a division where that is exact. */
function scale(group: Group): { divide: boolean; by: number } {
  const one = seconds(group, 1, 0)
  const perSecond = Math.round(1 / one)
  return 1 / perSecond === one ? { divide: true, by: perSecond } : { divide: false, by: one }
}

const NS_PER_SECOND = 1e9
/** Stands for a row whose time is no number, or lies beyond what 64 bits of ns hold: the years 1678 to 2261. */
export const NO_INSTANT = -(2n ** 63n)

/**
 * ns since 1970 UTC of each row, exact to the ns where the ticks are whole ns; `NO_INSTANT` for a row that has none. A log that does not say
 * when it started counts from 1970, and ticks of a group without times count as ns: a caller tells both.
 */
export function instantsOf({ start }: Pick<Log, "start">, group: Group, chunk: Chunk): BigInt64Array {
  const from = hasTime(group) ? (start ?? 0n) : 0n
  const out = new BigInt64Array(chunk.rows)
  const { ticks } = chunk
  const tickNs = wholeNs(group)
  if (ticks instanceof BigInt64Array && tickNs > 0) {
    const scale = BigInt(tickNs)
    for (let i = 0; i < out.length; i++) out[i] = within(from + (ticks[i] as bigint) * scale)
    return out
  }
  const unit = tickNs > 0 ? tickNs : NS_PER_SECOND
  const counts = tickNs > 0 && ticks instanceof Float64Array ? ticks : rowTimes(group, chunk)
  for (let i = 0; i < out.length; i++) {
    const ns = scaled(counts[i] as number, unit)
    out[i] = ns === null ? NO_INSTANT : within(from + ns)
  }
  return out
}

/** ns of a tick where they are whole; ticks without a length count as ns. 0 for all others. */
function wholeNs(group: Group): number {
  if (group.time.kind === "fixed") return 0
  if (!hasTime(group)) return 1
  const ns = group.time.tick * NS_PER_SECOND
  return Math.abs(ns - Math.round(ns)) < 1e-12 * ns ? Math.round(ns) : 0
}

/** `count * unit` of a whole unit, without the rounding of a product beyond 2^53; null for what is no number. */
function scaled(count: number, unit: number): bigint | null {
  const product = count * unit
  if (Number.isSafeInteger(product) && Number.isInteger(count)) return BigInt(product)
  const whole = Math.floor(count)
  if (!Number.isFinite(whole)) return null
  return BigInt(whole) * BigInt(unit) + BigInt(Math.round((count - whole) * unit))
}

function within(instant: bigint): bigint {
  return instant > NO_INSTANT && instant < -NO_INSTANT ? instant : NO_INSTANT
}
