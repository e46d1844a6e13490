import type { Channel, Chunk, Log, Selection, Values } from "../model/log.js"
import { seconds } from "../model/values.js"
import { isFloat } from "../model/wire.js"
import { checkLog, checkOptions, checkRange } from "../text/asked.js"
import type { Range } from "../views/view.js"
import { type ChannelStats, Tally, type Value } from "./tally.js"

export type { ChannelStats } from "./tally.js"

/** What `stats` takes beside the log. */
type StatsOptions = Range & Pick<Selection, "signal" | "progress">

/**
 * One entry per channel, in the log's order, by one pass over the rows in bounded memory. Where the file stores
 * summaries they answer, and only the first and last row are read.
 * @throws UsageError for an option that is unknown or a limit that is no number of seconds
 */
export async function stats(log: Log, options: StatsOptions = {}): Promise<ChannelStats[]> {
  checkLog(log, "stats")
  checkOptions(options, ["start", "end", "signal", "progress"], "stats")
  checkRange(options)
  const tallies: Tally[][] = []
  const rows: number[] = []
  const summed = log.reduce === undefined ? new Map<number, ChannelStats[]>() : await summarised(log, options)
  const groups = log.groups.map((_, index) => index).filter((index) => !summed.has(index))
  if (groups.length > 0 || summed.size === 0) {
    // Naming no groups lets those that turn up later through.
    for await (const chunk of log.chunks({ ...options, reuse: true, ...(summed.size === 0 ? {} : { groups }) })) {
      const group = (tallies[chunk.group] ??= talliesOf(log, chunk.group))
      rows[chunk.group] = (rows[chunk.group] ?? 0) + chunk.rows
      for (const [index, tally] of group.entries()) tally.add(chunk.columns[index] as Values, chunk.missing[index] ?? null)
    }
  }
  return log.groups.flatMap((group, g) => {
    const stored = summed.get(g)
    if (stored !== undefined) return stored
    const own = tallies[g] ?? talliesOf(log, g)
    return own.map((tally) => tally.result(group.name, rows[g] ?? 0))
  })
}

function talliesOf(log: Log, group: number): Tally[] {
  return (log.groups[group]?.channels ?? []).map((channel) => new Tally(channel))
}

/** Half of what stamps differ by at least, in seconds. */
const HALF_NS = 5e-10

/** Statistics of the groups whose summaries the file stores, by group index. */
async function summarised(log: Log, options: StatsOptions): Promise<Map<number, ChannelStats[]>> {
  const found = new Map<number, ChannelStats[]>()
  const reduce = log.reduce as NonNullable<Log["reduce"]>
  const survey = await log.survey(options)
  for (const [index, group] of log.groups.entries()) {
    const { rows = 0, first = null, last = null } = survey.groups[index] ?? {}
    // Which stamped rows lie in a range only the rows tell.
    if (rows === 0 || (group.time.kind === "stamped" && (options.start ?? options.end) !== undefined)) continue
    const [begin, finish] = [seconds(group, first, 0), seconds(group, last, rows - 1)]
    const { from, to, ends, held } =
      group.time.kind === "fixed" ? evenRange(group.time.rate, rows, begin, options) : { ...unevenRange(begin, finish), held: rows }
    if (to <= from) continue
    const entries: ChannelStats[] = []
    for (const [c, channel] of group.channels.entries()) {
      const bucket = await reduce.call(log, index, c, from, to, 1)
      const count = bucket.count[0] ?? 0
      const some = count > 0
      // Summaries leave both out: an integer that does not count is not there, a float may be NaN.
      const left = Math.max(0, held - count)
      const missing = isFloat(channel.type) ? 0 : left
      entries.push({
        group: group.name,
        channel: channel.name,
        unit: channel.unit,
        rows: held,
        count: held - missing,
        missing,
        nan: left - missing,
        min: some ? (bucket.min[0] ?? null) : null,
        max: some ? (bucket.max[0] ?? null) : null,
        mean: some ? (bucket.mean[0] ?? null) : null,
        std: some ? (bucket.std[0] ?? null) : null,
        first: await rowValue(log, index, c, ends.first),
        last: await rowValue(log, index, c, ends.last),
      })
    }
    found.set(index, entries)
  }
  return found
}

/** A range of times, and those of its first and its last row. */
interface Span {
  readonly from: number
  readonly to: number
  readonly ends: { readonly first: Range; readonly last: Range }
}

/** What of a group with a fixed rate lies in a range. `held`: its rows there. */
function evenRange(rate: number, rows: number, begin: number, { start, end }: Range): Span & { held: number } {
  const spacing = 1 / rate
  // Half a sample beside the rows: no rounding decides whether the first or the last one counts.
  const from = Math.max(start ?? Number.NEGATIVE_INFINITY, begin - spacing / 2)
  const to = Math.min(end ?? Number.POSITIVE_INFINITY, begin + (rows - 0.5) * spacing)
  const slack = Math.max(1e-9, Math.min(0.25, 4 * Number.EPSILON * rate * Math.max(Math.abs(from), Math.abs(to))))
  const first = Math.max(0, Math.ceil((from - begin) * rate - slack))
  const held = Math.max(0, Math.min(rows, Math.ceil((to - begin) * rate - slack)) - first)
  return { from, to, held, ends: { first: { start: from, end: from + spacing }, last: { start: to - spacing, end: to } } }
}

/** All of a group with stamps in ns. */
function unevenRange(begin: number, finish: number): Span {
  const ends = { first: { end: begin + HALF_NS }, last: { start: finish } }
  return { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, ends }
}

/** The last value of a channel between two times. */
async function rowValue(log: Log, group: number, channel: number, range: Range): Promise<Value> {
  let found: Chunk | null = null
  for await (const chunk of log.chunks({ groups: [group], ...range })) if (chunk.rows > 0) found = chunk
  if (found === null) return null
  const tally = new Tally(log.groups[group]?.channels[channel] as Channel)
  tally.add(found.columns[channel] as Values, found.missing[channel] ?? null)
  return tally.result("", found.rows).last
}
