import { endTimes, NO_ROWS } from "../model/extent.js"
import type { Exactness, Group, GroupSurvey, Log, Reduced, Selection, Survey } from "../model/log.js"
import { given } from "../model/options.js"
import { hasTime } from "../model/time.js"
import { aCount, checkLog, checkOptions, checkRange, choice } from "../text/asked.js"
import { type Clock, isBroken, soundExtent, suspectClocks } from "../views/clocks.js"
import type { Range } from "../views/view.js"
import { type Axis, Slots } from "./slots.js"

/** All channels of one group in buckets of equal length. */
export interface GroupBuckets extends Axis {
  /** Index into `Log.groups`. */
  readonly group: number
  /** One per channel; null for channels that are no numbers. */
  readonly channels: readonly (Reduced | null)[]
}

/** What `reduce` takes beside the log. */
interface ReduceOptions extends Range, Pick<Selection, "signal" | "progress"> {
  /** Channels stay apart, groups share their time axis. */
  readonly buckets: number
  /** Exact when absent. */
  readonly how?: Exactness
  /** True if groups without time share an axis of row numbers, as a picture has one. */
  readonly sharedRows?: boolean
}

/**
 * Count, mean, spread, min and max of every channel over time, by one pass over the rows, or from summaries where
 * the file stores them. Memory is bounded by `buckets`.
 * @throws UsageError for an option that is unknown, a count of buckets that is none, or a limit that is no number of seconds
 */
export async function reduce(log: Log, options: ReduceOptions): Promise<GroupBuckets[]> {
  checkLog(log, "reduce")
  checkOptions(options, ["buckets", "how", "start", "end", "sharedRows", "signal", "progress"], "reduce")
  aCount(options?.buckets, "buckets")
  choice({ how: options.how }, "how", ["exact", "drawn"], "exact")
  checkRange(options)
  const { start, end, signal, progress } = options
  const selection: Selection = given({ start, end, signal, progress })
  const survey = await log.survey(selection)
  const clocks = await suspectClocks(log, survey, selection)
  const axes = axesOf(log, survey, options, clocks)
  const slots = new Map<number, Slots>()
  const result = new Map<number, GroupBuckets>()
  for (const [index, group] of log.groups.entries()) {
    const axis = axes[index] as Axis
    const stored = await storedBuckets(log, index, axis, options)
    if (stored !== null) result.set(index, stored)
    else slots.set(index, new Slots(group, axis, options.buckets))
  }
  if (slots.size > 0) {
    for await (const chunk of log.chunks({ ...selection, reuse: true, groups: [...slots.keys()] })) slots.get(chunk.group)?.add(chunk)
  }
  for (const [index, own] of slots) result.set(index, { group: index, ...own.axis, channels: own.reduced() })
  return log.groups.flatMap((_, index) => result.get(index) ?? [])
}

/** One time axis for all groups that have time, so that their buckets can be laid side by side. */
function axesOf(log: Log, survey: Survey, { start, end, sharedRows }: ReduceOptions, clocks: readonly (Clock | null)[] | null): Axis[] {
  const span = soundExtent(log, survey, clocks)
  // The last row fills a place as long as the densest group's, so that it lies inside a half-open range.
  const place = Math.min(...log.groups.map((group, g) => spacingOf(group, survey.groups[g] ?? NO_ROWS, clocks?.[g] ?? null)))
  const last = span === null ? 0 : span.to
  const time: Axis = { by: "time", from: start ?? span?.from ?? 0, to: end ?? last + (Number.isFinite(place) ? place : 1) }
  const most = Math.max(1, ...log.groups.map((group, index) => (hasTime(group) ? 0 : (survey.groups[index]?.rows ?? 0))))
  return log.groups.map((group, index) => {
    if (hasTime(group)) return time
    return { by: "rows", from: 0, to: sharedRows === true ? most : Math.max(1, survey.groups[index]?.rows ?? 0) }
  })
}

/** Seconds from row to row; infinite where they cannot be told. */
function spacingOf(group: Group, survey: GroupSurvey, clock: Clock | null): number {
  if (clock !== null && isBroken(clock))
    return clock.rows > 1 && clock.lasted > 0 ? clock.lasted / (clock.rows - 1) : Number.POSITIVE_INFINITY
  const ends = endTimes(group, survey)
  return ends !== null && ends.last > ends.first ? (ends.last - ends.first) / (survey.rows - 1) : Number.POSITIVE_INFINITY
}

async function storedBuckets(log: Log, index: number, axis: Axis, { buckets, how }: ReduceOptions): Promise<GroupBuckets | null> {
  const group = log.groups[index] as Group
  if (log.reduce === undefined || axis.by === "rows") return null
  const channels: Reduced[] = []
  for (const channel of group.channels.keys()) channels.push(await log.reduce(index, channel, axis.from, axis.to, buckets, how))
  return { group: index, ...axis, channels }
}
