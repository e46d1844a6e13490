import { evenTime, evenTimes } from "../model/even-times.js"
import { endTimes, extent, NO_ROWS } from "../model/extent.js"
import type { Chunk, Exactness, Group, GroupSurvey, Log, Reduced, Selection, Survey, Values } from "../model/log.js"
import { Moments } from "../model/moments.js"
import { hasTime, rowTimes } from "../model/time.js"
import { physicalColumn } from "../model/values.js"
import { isNumeric } from "../model/wire.js"
import type { Range } from "../views/view.js"

/** All channels of one group in buckets of equal length. */
export interface GroupBuckets {
  /** Index into `Log.groups`. */
  readonly group: number
  /** Seconds from the log's start; row numbers for a group without time. Half open, cut into equal parts. */
  readonly by: "time" | "rows"
  readonly from: number
  readonly to: number
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
 */
export async function reduce(log: Log, options: ReduceOptions): Promise<GroupBuckets[]> {
  const survey = await log.survey(options)
  const axes = axesOf(log, survey, options)
  const slots = new Map<number, Slots>()
  const result = new Map<number, GroupBuckets>()
  for (const [index, group] of log.groups.entries()) {
    const axis = axes[index] as Axis
    const stored = await storedBuckets(log, index, axis, options)
    if (stored !== null) result.set(index, stored)
    else slots.set(index, new Slots(group, axis, options.buckets))
  }
  if (slots.size > 0) {
    for await (const chunk of log.chunks({ ...options, reuse: true, groups: [...slots.keys()] })) slots.get(chunk.group)?.add(chunk)
  }
  for (const [index, own] of slots) result.set(index, { group: index, ...own.axis, channels: own.reduced() })
  return log.groups.flatMap((_, index) => result.get(index) ?? [])
}

type Axis = Pick<GroupBuckets, "by" | "from" | "to">

/** One time axis for all groups that have time, so that their buckets can be laid side by side. */
function axesOf(log: Log, survey: Survey, { start, end, sharedRows }: ReduceOptions): Axis[] {
  const span = extent(log.groups, survey.groups)
  // The last row fills a place as long as the densest group's, so that it lies inside a half-open range.
  const place = Math.min(...log.groups.map((group, g) => spacingOf(group, survey.groups[g] ?? NO_ROWS)))
  const last = span === null ? 0 : span.to
  const time: Axis = { by: "time", from: start ?? span?.from ?? 0, to: end ?? last + (Number.isFinite(place) ? place : 1) }
  const most = Math.max(1, ...log.groups.map((group, index) => (hasTime(group) ? 0 : (survey.groups[index]?.rows ?? 0))))
  return log.groups.map((group, index) => {
    if (hasTime(group)) return time
    return { by: "rows", from: 0, to: sharedRows === true ? most : Math.max(1, survey.groups[index]?.rows ?? 0) }
  })
}

/** Seconds from row to row; infinite where they cannot be told. */
function spacingOf(group: Group, survey: GroupSurvey): number {
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

/** The buckets of one group while its rows come in. */
class Slots {
  private readonly moments: Moments[]
  private scratch = new Float64Array(0)

  constructor(
    private readonly group: Group,
    readonly axis: Axis,
    private readonly buckets: number,
  ) {
    this.moments = group.channels.map(() => new Moments(buckets))
  }

  add(chunk: Chunk): void {
    const runs = this.runs(chunk)
    if (this.scratch.length < chunk.rows) this.scratch = new Float64Array(chunk.rows)
    const into = this.scratch.subarray(0, chunk.rows)
    for (const [c, channel] of this.group.channels.entries()) {
      const column = physicalColumn(chunk.columns[c] as Values, channel.calibration, chunk.missing[c] ?? null, into)
      if (column === null) continue
      const moments = this.moments[c] as Moments
      for (let run = 0; run < runs.length; run += 3) {
        moments.add(runs[run] as number, column, runs[run + 1] as number, runs[run + 2] as number)
      }
    }
  }

  /** Neighbouring rows of the same bucket, as (bucket, from, to) one after another. */
  private runs(chunk: Chunk): number[] {
    const { by, from, to } = this.axis
    const { buckets } = this
    const perUnit = buckets / (to - from)
    const { time, isRising } = by === "rows" ? { time: (i: number) => chunk.first + i, isRising: true } : timesOf(this.group, chunk)
    const slotAt = (i: number): number => {
      const at = time(i)
      return at >= from && at < to ? Math.min(buckets - 1, Math.floor((at - from) * perUnit)) : -1
    }
    const runs: number[] = []
    let length = 1
    for (let begin = 0; begin < chunk.rows; begin += length) {
      const slot = slotAt(begin)
      // Buckets are equally long, and so are their runs but for a row. No run of a clock that goes back can be leapt over.
      length = isRising ? endOfRun(slotAt, slot, begin + 1, chunk.rows, begin + length) - begin : 1
      if (slot >= 0) runs.push(slot, begin, begin + length)
    }
    return runs
  }

  reduced(): (Reduced | null)[] {
    return this.group.channels.map(({ type }, c) => {
      if (!isNumeric(type)) return null
      return (this.moments[c] as Moments).reduced()
    })
  }
}

/** First row from `low` on in another bucket than `slot`, `high` at most, in rising buckets. `guess`: where that may be. */
function endOfRun(slotAt: (i: number) => number, slot: number, low: number, high: number, guess: number): number {
  let [same, other] = [low, high]
  let probe = guess
  for (let tries = 0; same < other; tries++) {
    const at = Math.max(same, Math.min(other - 1, probe))
    const isSame = slotAt(at) === slot
    if (isSame) same = at + 1
    else other = at
    // The row beside a near guess decides; then halves.
    probe = tries === 0 ? (isSame ? same : other - 1) : (same + other) >> 1
  }
  return same
}

/** Times of a chunk's rows, and whether they never fall. */
function timesOf(group: Group, chunk: Chunk): { time: (i: number) => number; isRising: boolean } {
  const { time } = group
  if (time.kind === "fixed") {
    const even = evenTimes(time)
    return { time: (i) => evenTime(even, chunk.first + i), isRising: true }
  }
  const times = rowTimes(group, chunk)
  let isRising = true
  for (let i = 1; i < times.length; i++) if (!((times[i] as number) >= (times[i - 1] as number))) isRising = false
  return { time: (i) => times[i] as number, isRising }
}
