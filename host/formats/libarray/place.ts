import type { WriteOptions } from "../../model/format.js"
import type { Chunk, Group, Log } from "../../model/log.js"
import { hasTime, rowTimes } from "../../model/time.js"
import { UniqueNames } from "../../text/unique.js"
import { checkSeriesName, isWritableName, type SeriesName, seriesText, writableName } from "./names.js"

const NS = 1_000_000_000n

/**
 * The series that each group of a log becomes: its name if that is `net/method/id` already, else the station of the network and
 * method that the options `net` and `method` name (default: the log and its format).
 * @throws UsageError for a `net` or `method` that may not be written
 */
export function seriesOf(log: Log, { net, method }: WriteOptions): SeriesName[] {
  const free = new UniqueNames({ fold: (name) => name.toLowerCase() })
  return log.groups.map(({ name }) => {
    const parts = name.split("/")
    const isSeries = parts.length === 3 && parts.every(isWritableName)
    const own = isSeries ? { net: parts[0] as string, method: parts[1] as string, id: parts[2] as string } : null
    const series = {
      net: net === undefined ? (own?.net ?? writableName(log.name)) : String(net),
      method: method === undefined ? (own?.method ?? log.format) : String(method),
      id: own?.id ?? writableName(name),
    }
    const [id = series.id] = free.take(seriesText(series)).split("/").slice(-1)
    checkSeriesName({ ...series, id })
    return { ...series, id }
  })
}

/** The time of each row of a chunk in ns since 1970 UTC of the log's clock; null where the group has no time. */
export function instantsOf(log: Log, group: Group, chunk: Chunk): BigInt64Array | null {
  if (!hasTime(group)) return null
  const start = log.start ?? 0n
  const instants = new BigInt64Array(chunk.rows)
  const { ticks } = chunk
  const tickNs = group.time.kind === "stamped" ? Math.round(group.time.tick * 1e9) : 0
  if (ticks instanceof BigInt64Array && tickNs > 0) {
    for (let i = 0; i < instants.length; i++) instants[i] = within(start + (ticks[i] as bigint) * BigInt(tickNs))
    return instants
  }
  const times = rowTimes(group, chunk)
  for (let i = 0; i < instants.length; i++) {
    const time = times[i] as number
    // Whole seconds apart from the rest: the product with 1e9 would leave 53 bits after 104 days.
    const whole = Math.floor(time)
    instants[i] = Number.isFinite(time) ? within(start + BigInt(whole) * NS + BigInt(Math.round((time - whole) * 1e9))) : NO_INSTANT
  }
  return instants
}

/** Stands for a row whose time is no number, or beyond the years 1678 to 2261. */
export const NO_INSTANT = -(2n ** 63n)
const BOUND = 9_200_000_000_000_000_000n

function within(instant: bigint): bigint {
  return instant > -BOUND && instant < BOUND ? instant : NO_INSTANT
}
