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

/** ns since 1970 UTC of each row, exact to the ns where the ticks are; the log must say when it started. */
export function utcColumn(log: Log, group: Group, chunk: Chunk): BigInt64Array {
  const start = log.start ?? 0n
  const out = new BigInt64Array(chunk.rows)
  const { ticks } = chunk
  const perTick = group.time.kind === "stamped" ? Math.round(group.time.tick * NS_PER_SECOND) : 0
  if (ticks instanceof BigInt64Array && perTick >= 1) {
    const scale = BigInt(perTick)
    for (let i = 0; i < out.length; i++) out[i] = start + (ticks[i] as bigint) * scale
    return out
  }
  const times = rowTimes(group, chunk)
  for (let i = 0; i < out.length; i++) out[i] = start + nanoseconds(times[i] as number)
  return out
}

/** Seconds as ns, without the rounding of a product beyond 2^53. */
function nanoseconds(time: number): bigint {
  const whole = Math.floor(time)
  if (!Number.isFinite(whole)) return 0n
  return BigInt(whole) * 1_000_000_000n + BigInt(Math.round((time - whole) * NS_PER_SECOND))
}
