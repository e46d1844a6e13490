import { search } from "../bytes/search.js"
import type { Group, Log } from "../model/log.js"
import { hasTime, rowTimes } from "../model/time.js"

/** Places that are looked up; more are too dense to be told apart. */
const MOST = 200

/**
 * When a file's damage happened: between the last row before each issue's bytes and the first row behind. Needs the
 * rows' places in the file; issues of formats without them have no time.
 */
export async function damageTimes(log: Log): Promise<{ from: number; to: number; text: string }[]> {
  const places = log.issues
    .filter(({ severity, at }) => severity === "error" && at >= 0)
    .slice(0, MOST)
    .map(({ at, length, text }) => ({
      at,
      end: at + length,
      text,
      from: Number.NaN,
      before: -1,
      to: Number.NaN,
      after: Number.POSITIVE_INFINITY,
    }))
  if (places.length === 0) return []
  for await (const chunk of log.chunks({ order: "file" })) {
    const group = log.groups[chunk.group] as Group
    const { order } = chunk
    if (order === null || !hasTime(group)) continue
    const times = rowTimes(group, chunk)
    const firstFrom = (at: number) => search(0, order.length, (i) => (order[i] as number) >= at)
    for (const place of places) {
      const next = firstFrom(Math.max(place.at, place.end - 1))
      const previous = firstFrom(place.at) - 1
      if (previous >= 0 && (order[previous] as number) > place.before) {
        place.before = order[previous] as number
        place.from = times[previous] as number
      }
      if (next < order.length && (order[next] as number) < place.after) {
        place.after = order[next] as number
        place.to = times[next] as number
      }
    }
  }
  return places.flatMap(({ from, to, text }) => {
    if (Number.isNaN(from) && Number.isNaN(to)) return []
    const [begin, end] = [Number.isNaN(from) ? to : from, Number.isNaN(to) ? from : to]
    return [{ from: Math.min(begin, end), to: Math.max(begin, end), text }]
  })
}
