import { search } from "../bytes/search.js"
import type { Group, Issue, Log } from "../model/log.js"
import { hasTime, rowTimes } from "../model/time.js"

/** Places that are looked up; more are too dense to be told apart. */
const MOST = 200

/** Where in time, or in rows, the rows around a damaged place stand. */
export interface DamageTime {
  readonly issue: Issue
  /** Seconds from the log's start, or row numbers. */
  readonly from: number
  readonly to: number
  readonly text: string
}

/**
 * When a file's damage happened: between the last row before each error's bytes and the first row behind. Errors without a place
 * in the file, or that cost no row, have no time. Reads all rows of a log that has such errors.
 * @param rowsOf the group whose row numbers are meant, in a log without time
 */
export async function damageTimes(log: Log, rowsOf?: number): Promise<DamageTime[]> {
  const places = log.issues
    .filter(({ severity, at, rowsKept }) => severity === "error" && at >= 0 && rowsKept !== true)
    .slice(0, MOST)
    .map((issue) => ({
      issue,
      at: issue.at,
      end: issue.at + issue.length,
      text: issue.text,
      from: Number.NaN,
      before: -1,
      to: Number.NaN,
      after: Number.POSITIVE_INFINITY,
    }))
  if (places.length === 0) return []
  for await (const chunk of log.chunks({ order: "file" })) {
    const group = log.groups[chunk.group] as Group
    const { order } = chunk
    if (order === null || (rowsOf === undefined ? !hasTime(group) : chunk.group !== rowsOf)) continue
    const times = rowsOf === undefined ? rowTimes(group, chunk) : Float64Array.from({ length: chunk.rows }, (_, i) => chunk.first + i)
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
  return places.flatMap(({ issue, from, to, text }) => {
    if (Number.isNaN(from) && Number.isNaN(to)) return []
    const [begin, end] = [Number.isNaN(from) ? to : from, Number.isNaN(to) ? from : to]
    return [{ issue, from: Math.min(begin, end), to: Math.max(begin, end), text }]
  })
}
