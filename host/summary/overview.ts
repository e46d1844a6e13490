import { endTimes, NO_ROWS } from "../model/extent.js"
import type { Annotation, Channel, Group, GroupSurvey, Issue, Log, Selection, TimeBase, UserData, UtcPoint } from "../model/log.js"
import { checkLog, checkOptions } from "../text/asked.js"
import { clockIssues, lastedOf, suspectClocks, usualRates } from "../views/clocks.js"
import { type LoggerHealth, loggerHealth } from "./logger-health.js"

/** A group as `info` shows it. */
export interface GroupOverview {
  readonly name: string
  readonly time: TimeBase
  readonly rows: number
  /** Rows a second: the fixed rate, or that of the steps that rows usually take: pauses and damage do not count. Null without times or with fewer than two rows. */
  readonly rate: number | null
  /** How much faster than their nominal rate the rows come by UTC, in ppm; null where the file does not tell. */
  readonly drift: number | null
  /** Ticks as stored; for a fixed rate the sample numbers. */
  readonly first: number | bigint | null
  readonly last: number | bigint | null
  /** The same in seconds from the log's start. */
  readonly firstTime: number | null
  readonly lastTime: number | null
  readonly channels: readonly Channel[]
}

/** What can be told of a log without looking at its values. */
export interface Overview {
  readonly format: Log["format"]
  readonly variant: string
  readonly name: string
  /** ns since 1970 UTC. */
  readonly start: bigint | null
  readonly duration: number | null
  readonly rows: number
  readonly health: LoggerHealth | null
  readonly groups: readonly GroupOverview[]
  readonly annotations: readonly Annotation[]
  readonly utc: readonly UtcPoint[]
  readonly userData: readonly UserData[]
  readonly issues: readonly Issue[]
}

/** Surveys a log; only the logger's own counters are read as values, and the times of a log that is short or whose clock seems to have been set. */
export async function overview(log: Log, selection: Pick<Selection, "signal" | "progress"> = {}): Promise<Overview> {
  checkLog(log, "overview")
  checkOptions(selection, ["signal", "progress"], "overview")
  const survey = await log.survey(selection)
  const health = await loggerHealth(log, selection)
  const clocks = await suspectClocks(log, survey, selection)
  const told = clockIssues(log, clocks)
  const rates = await usualRates(log, clocks, selection)
  const groups = log.groups.map((group, index) => groupOverview(group, survey.groups[index] ?? NO_ROWS, rates[index] ?? null))
  return {
    format: log.format,
    variant: log.variant,
    name: log.name,
    start: log.start,
    duration: lastedOf(log, survey, clocks),
    rows: groups.reduce((sum, { rows }) => sum + rows, 0),
    health,
    groups,
    annotations: log.annotations,
    utc: log.utc,
    userData: log.userData,
    issues: told.length === 0 ? log.issues : [...log.issues, ...told],
  }
}

function groupOverview(group: Group, survey: GroupSurvey, rate: number | null): GroupOverview {
  const { name, time, channels, drift = null } = group
  const { rows, first, last } = survey
  const ends = endTimes(group, survey)
  return { name, time, rows, rate, drift, first, last, firstTime: ends?.first ?? null, lastTime: ends?.last ?? null, channels }
}
