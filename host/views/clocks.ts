import { durationOf, type Extent, endTimes, extent, NO_ROWS } from "../model/extent.js"
import { issue } from "../model/issues.js"
import type { Group, Issue, Log, Selection, Survey } from "../model/log.js"
import { hasTime, rowTimes } from "../model/time.js"
import { headRates, UsualStep } from "../model/usual-rate.js"

/** A step of a group's clock that its sampling does not explain. */
export interface Jump {
  /** The first row behind it, counting every row of the group. */
  readonly row: number
  /** Seconds from the log's start as this row is stamped. */
  readonly time: number
  /** Seconds from the row before; below 0 for a step back. */
  readonly step: number
  /** Seconds that a row usually takes. */
  readonly usual: number
}

/** What the rows of one group say of its clock. */
export interface Clock {
  /** From the earliest to the latest row without an odd stamp; null without rows. */
  readonly range: Extent | null
  /** Seconds of all stretches in which time does not go back, and a usual step from each to the next. */
  readonly lasted: number
  /** Rows with a time that is not odd. */
  readonly rows: number
  /** Rows whose time is no finite number. */
  readonly untimed: number
  /** The step that rows usually take. */
  readonly step: UsualStep
  readonly jumps: readonly Jump[]
  /** Rows whose stamp is far from those around it, by their number. */
  readonly odd: ReadonlySet<number>
}

/** A pause of a logger is shorter than this, in seconds, ... */
const LONGEST_PAUSE = 3600
/** ... or it is no more than so many usual steps. */
const MOST_STEPS = 10_000
/** A step back by less is jitter of stamps, not a clock that was set. */
const JITTER = 1
/** At most so many rows in a row are odd; more are a clock that was set. */
const MOST_ODD = 3
/** Jumps that are kept; a log with more has no clock worth telling of. */
const MOST_JUMPS = 1000
/** Odd rows that are kept: each may cost a grid millions of rows. */
const MOST_ODD_KEPT = 1_000_000
/** A longer log than this, in seconds, is rather one whose clock was set. */
const LONGEST_LOG = 366 * 86_400
/** A log of at most so many rows is read to look at its clock; a longer one only where its ends look wrong. */
const FEW_ROWS = 2_000_000

/**
 * The clocks of the groups that are stamped, null for the others: where time goes back, and which stamps are odd. One pass over
 * the rows.
 */
export async function clocksOf(log: Log, selection: Selection = {}): Promise<(Clock | null)[]> {
  const groups = [...(selection.groups ?? log.groups.keys())].filter((g) => isStamped(log.groups[g]))
  const readers: ClockReader[] = []
  if (groups.length > 0) {
    for await (const chunk of log.chunks({ ...selection, groups, reuse: true })) {
      const times = rowTimes(log.groups[chunk.group] as Group, chunk)
      const reader = (readers[chunk.group] ??= new ClockReader())
      for (let i = 0; i < times.length; i++) reader.add(chunk.first + i, times[i] as number)
    }
  }
  return log.groups.map((_, g) => readers[g]?.end() ?? null)
}

/** The clocks as `clocksOf`, for a log that is short or whose ends look wrong; null for one that is not read. */
export async function suspectClocks(
  log: Log,
  { groups: counts }: Survey,
  selection: Pick<Selection, "signal"> = {},
): Promise<(Clock | null)[] | null> {
  const stamped = [...log.groups.keys()].filter((g) => isStamped(log.groups[g]))
  const rows = stamped.reduce((sum, g) => sum + (counts[g]?.rows ?? 0), 0)
  const looksWrong = stamped.some((g) => {
    const ends = endTimes(log.groups[g] as Group, counts[g] ?? NO_ROWS)
    return ends !== null && !(ends.last - ends.first >= 0 && ends.last - ends.first <= LONGEST_LOG)
  })
  return rows > 0 && (looksWrong || rows <= FEW_ROWS) ? clocksOf(log, selection) : null
}

function isStamped(group: Group | undefined): boolean {
  return group !== undefined && group.time.kind === "stamped" && hasTime(group)
}

/** Seconds that a log lasted: of its longest clock where one goes back or has odd stamps, else from its first row to its last. */
export function lastedOf(log: Log, survey: Survey, clocks: readonly (Clock | null)[] | null): number | null {
  const known = (clocks ?? []).flatMap((clock) => clock ?? [])
  if (!known.some(isBroken)) return survey.duration
  const others = log.groups.map((_, g) => ((clocks?.[g] ?? null) === null ? (survey.groups[g] ?? NO_ROWS) : NO_ROWS))
  return Math.max(durationOf(log.groups, others) ?? 0, ...known.map(({ lasted }) => lasted))
}

/** Rows a second as each group usually has them: by its clock where that was read, else by its first rows; null where nothing tells. */
export async function usualRates(
  log: Log,
  clocks: readonly (Clock | null)[] | null,
  selection: Pick<Selection, "signal"> = {},
): Promise<(number | null)[]> {
  if (clocks === null) return headRates(log, selection)
  return log.groups.map(({ time }, g) => (time.kind === "fixed" ? time.rate : (clocks[g]?.step.rate(time.tick) ?? null)))
}

/** True when the first and the last row do not tell from when to when a clock ran. */
export function isBroken({ jumps, odd, untimed }: Clock): boolean {
  return odd.size > 0 || untimed > 0 || jumps.some(({ step }) => step < 0)
}

/** The range that holds all rows with times that are not odd; null without any. */
export function rangeOf(clocks: readonly (Clock | null)[]): Extent | null {
  const ranges = clocks.flatMap((clock) => clock?.range ?? [])
  if (ranges.length === 0) return null
  return { from: Math.min(...ranges.map(({ from }) => from)), to: Math.max(...ranges.map(({ to }) => to)) }
}

/** From the earliest to the latest row without an odd stamp, by clocks where they were read, else by the survey; null without times. */
export function soundExtent(log: Log, { groups }: Survey, clocks: readonly (Clock | null)[] | null): Extent | null {
  const counts = groups.map((count, g) => ((clocks?.[g] ?? null) === null ? count : NO_ROWS))
  const [read, told] = [rangeOf(clocks ?? []), extent(log.groups, counts)]
  if (read === null || told === null) return read ?? told
  return { from: Math.min(read.from, told.from), to: Math.max(read.to, told.to) }
}

/** Steps back, odd stamps and, of a log that lasts over a year, steps ahead, as warnings. */
export function clockIssues(log: Log, clocks: readonly (Clock | null)[] | null): Issue[] {
  return (clocks ?? []).flatMap((clock, g) => {
    if (clock === null) return []
    const name = log.groups[g]?.name ?? ""
    const isLong = clock.range !== null && clock.range.to - clock.range.from > LONGEST_LOG
    const told = clock.jumps.filter(({ step }) => step < 0 || isLong)
    const issues = told.map(({ row, step, usual }) => {
      const how = `${step < 0 ? "back" : "ahead"} by ${Math.abs(step - usual).toFixed(3)} s at row ${row}`
      return issue(
        "clock-jump",
        "warning",
        `the clock of ${name} was set ${how}: convert --repair-clock joins the rows before to those behind`,
        { group: name },
      )
    })
    const [first] = clock.odd
    if (first !== undefined) {
      const text = `${clock.odd.size} rows of ${name} have a stamp far from those around it, the first is row ${first}`
      issues.push(issue("odd-stamp", "warning", text, { group: name }))
    }
    if (clock.untimed > 0) issues.push(issue("no-time", "warning", `${clock.untimed} rows of ${name} have no time`, { group: name }))
    return issues
  })
}

/** Follows one clock row by row. */
class ClockReader {
  private readonly jumps: Jump[] = []
  private readonly odd = new Set<number>()
  private from = Number.POSITIVE_INFINITY
  private to = Number.NEGATIVE_INFINITY
  private rows = 0
  private untimed = 0
  private lasted = 0
  private readonly step = new UsualStep()
  private last = Number.NaN
  /** The numbers of the first rows. */
  private readonly begin: number[] = []
  private usual = 0
  /** Rows behind a jump, while it is open whether they are odd. */
  private waiting: { readonly row: number; readonly time: number }[] = []

  add(row: number, time: number): void {
    if (!Number.isFinite(time)) this.untimed++
    else if (this.rows === 0 && this.waiting.length === 0) this.take(row, time)
    else if (!this.isJump(time - this.last)) {
      for (const each of this.waiting) this.leaveOut(each.row)
      this.waiting.length = 0
      this.take(row, time)
    } else {
      this.waiting.push({ row, time })
      if (this.waiting.length > MOST_ODD) this.settle()
    }
  }

  end(): Clock {
    const [next] = this.waiting
    // A lone last stamp a year away is odd; a nearer one may be a pause, and several are a clock that was set.
    if (next !== undefined && this.waiting.length === 1 && this.rows > MOST_ODD && next.time - this.last > LONGEST_LOG) {
      for (const each of this.waiting) this.leaveOut(each.row)
    } else this.settle()
    const { jumps, odd, rows, untimed, lasted, step, from, to } = this
    return { range: rows === 0 ? null : { from, to }, lasted, rows, untimed, step, jumps, odd }
  }

  /** The rows that wait are the clock's: it was set, or the few rows before them are odd. */
  private settle(): void {
    const waiting = this.waiting
    this.waiting = []
    const [next] = waiting
    if (next === undefined) return
    const step = next.time - this.last
    if (this.rows <= MOST_ODD && this.jumps.length === 0 && (step < -LONGEST_PAUSE || (step > LONGEST_LOG && waiting.length > MOST_ODD))) {
      for (const row of this.begin) this.leaveOut(row)
      this.from = Number.POSITIVE_INFINITY
      this.to = Number.NEGATIVE_INFINITY
      this.rows = this.lasted = this.usual = 0
      this.last = next.time
    }
    for (const each of waiting) this.take(each.row, each.time)
  }

  private take(row: number, time: number): void {
    const step = this.rows === 0 ? 0 : time - this.last
    if (this.isJump(step)) {
      if (this.jumps.length < MOST_JUMPS) this.jumps.push({ row, time, step, usual: this.usual })
      this.lasted += step > 0 ? step : this.usual
    } else {
      this.lasted += step
      if (this.rows > 0 && step >= 0) this.step.add(step)
      // A mean that follows: steps of a logger hardly change.
      if (step > 0) this.usual = this.usual === 0 ? step : this.usual * 0.9 + step * 0.1
    }
    if (this.begin.length < MOST_ODD && this.jumps.length === 0) this.begin.push(row)
    if (time < this.from) this.from = time
    if (time > this.to) this.to = time
    this.rows++
    this.last = time
  }

  private isJump(step: number): boolean {
    return step < -JITTER || (step > LONGEST_PAUSE && step > this.usual * MOST_STEPS)
  }

  private leaveOut(row: number): void {
    if (this.odd.size < MOST_ODD_KEPT) this.odd.add(row)
  }
}
