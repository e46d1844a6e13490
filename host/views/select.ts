import { OptionError, UsageError } from "../model/errors.js"
import { type Extent, extent } from "../model/extent.js"
import type { Log } from "../model/log.js"
import { given } from "../model/options.js"
import { isNaive } from "../model/time.js"
import { aText, checkLog, checkOptions, theTexts } from "../text/asked.js"
import { instantText, parseTimePoint, type TimePoint } from "../text/times.js"
import { type Picked, pickChannels } from "./pick.js"
import { type Passing, type Range, View } from "./view.js"

/** What a user asks of a log. */
export interface Wanted {
  /** Exact names, globs or `/regex/`, of a channel or `group.channel`. All channels when absent. */
  readonly channels?: readonly string[]
  /** Time expressions, half open. */
  readonly start?: string
  readonly end?: string
}

/** @throws UsageError for a name that `Wanted` does not have, with the nearest one, and for channels or times that are no texts */
export function checkWanted(given: unknown): void {
  checkOptions(given, ["channels", "start", "end"], "selectFrom")
  const { channels, start, end } = (given ?? {}) as Readonly<Record<string, unknown>>
  if (channels !== undefined) theTexts(channels, "channels")
  if (start !== undefined) aText(start, "start")
  if (end !== undefined) aText(end, "end")
}

/**
 * The part of a log that a user asked for, as a log of its own: fewer channels, fewer rows, the same ticks.
 * Closing it closes the log.
 * @throws UsageError for a channel or a time that the log does not have
 */
export async function selectFrom(log: Log, wanted: Wanted, passing: Passing = {}): Promise<Log> {
  checkLog(log, "selectFrom")
  checkWanted(wanted)
  const picks = wanted.channels === undefined ? null : await picksOf(log, wanted.channels, passing)
  return new View(log, { picks, range: await resolveRange(log, wanted, passing), passing })
}

async function picksOf(log: Log, patterns: readonly string[], passing: Passing): Promise<readonly Picked[]> {
  // A growing file has no end to survey; there a group that turns up later is matched by no pattern.
  if (passing.follow === undefined) await log.survey(passing)
  return pickChannels(log.groups, patterns)
}

/** Turns time expressions into seconds from the log's start. @throws UsageError */
export async function resolveRange(log: Log, { start, end }: Wanted, passing: Passing = {}): Promise<Range> {
  const from = start === undefined ? undefined : await toSeconds(log, parseTimePoint(start), passing)
  const to = end === undefined ? undefined : await toSeconds(log, parseTimePoint(end), passing)
  if (from !== undefined && to !== undefined && to <= from) {
    throw new OptionError((called) => `${called("end")} ${end} is not after ${called("start")} ${start}: nothing lies between them`)
  }
  return given({ start: from, end: to })
}

async function toSeconds(log: Log, point: TimePoint, passing: Passing): Promise<number> {
  if (point.from === "1970") {
    if (log.start !== null) return Number(point.ns - log.start) / 1e9
    throw new UsageError(`the log does not say when it started, so ${instantText(point.ns)} cannot be placed`, {
      hint: "give seconds from its start, as in --start 12.5",
    })
  }
  if (point.from === "end") return (await knownExtent(log, passing)).to - point.seconds
  // A naive clock's second 0 is 1970: people mean the first row. So does a log that any of its groups lays beside such a clock.
  return log.groups.some(isNaive) ? (await knownExtent(log, passing)).from + point.seconds : point.seconds
}

/** Times of the earliest and the latest row. @throws UsageError when the log has no times */
async function knownExtent(log: Log, passing: Passing): Promise<Extent> {
  const { groups } = await log.survey(passing)
  const span = extent(log.groups, groups)
  if (span === null) throw new UsageError("the log has no times, so its end cannot be counted from")
  return span
}
