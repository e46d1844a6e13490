import type { Chunk, Group } from "./log.js"
import { seconds } from "./values.js"

/** True when the file says how long a tick of this group is. */
export function hasTime(group: Group): boolean {
  return group.time.kind === "fixed" || group.time.tick !== 0
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
    for (let i = 0; i < times.length; i++) times[i] = time.offset + (first + i) / time.rate
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
