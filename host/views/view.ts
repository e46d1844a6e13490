import { durationOf, NO_ROWS } from "../model/extent.js"
import { issue } from "../model/issues.js"
import type { Annotation, Chunk, FormatName, Group, Issue, Log, Selection, Survey, UserData, UtcPoint } from "../model/log.js"
import { given } from "../model/options.js"
import { tickAt } from "../model/values.js"
import { checkOptions, checkRange, choice } from "../text/asked.js"
import type { Picked } from "./pick.js"

/** A time range in seconds from the log's start, half open; a side that is absent is open. */
export interface Range {
  readonly start?: number
  readonly end?: number
}

/** What a view passes on to every reading of the log below it. */
export type Passing = Pick<Selection, "order" | "signal" | "progress" | "follow">

/** The names of everything that `Selection` holds. */
const SELECTION = Object.keys({
  groups: 1,
  start: 1,
  end: 1,
  order: 1,
  reuse: 1,
  remember: 1,
  signal: 1,
  progress: 1,
  follow: 1,
} satisfies Record<keyof Selection, 1>)

/** @throws UsageError for a name that `Selection` does not have, with the nearest one, for limits that are no numbers and for an unknown order */
function checkSelection(selection: Selection): void {
  checkOptions(selection, SELECTION, "chunks")
  checkRange(selection)
  choice({ order: selection.order }, "order", ["time", "file"], "time")
}

/** What of a log is seen, and what takes the place of its own. */
interface Sight {
  /** All groups and channels when absent. */
  readonly picks?: readonly Picked[] | null
  readonly range?: Range
  /** Other rows: resampled, or moved in time. Picks and ranges are not applied to them. */
  readonly rows?: Pick<Log, "groups" | "chunks" | "survey">
  readonly annotations?: readonly Annotation[]
  readonly utc?: readonly UtcPoint[]
  readonly passing?: Passing
  /** What is wrong around the log, before its own issues. It may grow while the log is read. */
  readonly around?: () => readonly Issue[]
  /** Instead of closing the log. */
  readonly close?: () => Promise<void>
}

/** A log seen through another: a part of its channels and rows, or other rows or annotations in place of its own. */
export class View implements Log {
  readonly reduce?: NonNullable<Log["reduce"]>
  private readonly picks: readonly Picked[] | null
  private readonly range: Range
  private readonly passing: Passing
  private readonly own: Pick<Sight, "rows" | "annotations" | "utc">
  private readonly around: () => readonly Issue[]
  private readonly onClose: () => Promise<void>
  /** True when channels or a time range were asked for. */
  private readonly isPart: boolean
  private hasEnded = false
  private hasRows = false

  constructor(
    private readonly log: Log,
    { picks = null, range = {}, passing = {}, around = () => [], close = () => log.close(), ...own }: Sight,
  ) {
    this.own = own
    this.picks = picks
    this.range = range
    this.passing = passing
    this.onClose = close
    this.around = around
    this.isPart = own.rows === undefined && (picks !== null || range.start !== undefined || range.end !== undefined)
    // Stored summaries know nothing of a range that ends inside a bucket, nor of other rows.
    const open = range.start === undefined && range.end === undefined && own.rows === undefined
    const { reduce } = log
    if (open && reduce !== undefined) {
      this.reduce = (group, channel, from, to, buckets, how) => {
        const pick = picks?.[group]
        return reduce.call(log, pick?.group ?? group, pick?.channels[channel] ?? channel, from, to, buckets, how)
      }
    }
  }

  get format(): FormatName {
    return this.log.format
  }
  get variant(): string {
    return this.log.variant
  }
  get name(): string {
    return this.log.name
  }
  get start(): bigint | null {
    return this.log.start
  }
  get issues(): readonly Issue[] {
    const around = this.isPart && this.hasEnded && !this.hasRows ? [...this.around(), NOTHING] : this.around()
    return around.length === 0 ? this.log.issues : [...around, ...this.log.issues]
  }
  get userData(): readonly UserData[] {
    return this.log.userData
  }

  get groups(): readonly Group[] {
    if (this.own.rows !== undefined) return this.own.rows.groups
    if (this.picks === null) return this.log.groups
    return this.picks.map(({ group, channels }) => {
      const whole = this.log.groups[group] as Group
      return { ...whole, channels: channels.map((channel) => whole.channels[channel] as Group["channels"][number]) }
    })
  }

  get annotations(): readonly Annotation[] {
    if (this.own.annotations !== undefined) return this.own.annotations
    const { start = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY } = this.range
    const kept: Annotation[] = []
    for (const annotation of this.log.annotations) {
      if (annotation.time !== null && (annotation.time < start || annotation.time >= end)) continue
      const group = annotation.group === null ? null : this.indexOf(annotation.group)
      if (group !== undefined) kept.push(group === annotation.group ? annotation : { ...annotation, group })
    }
    return kept
  }

  get utc(): readonly UtcPoint[] {
    if (this.own.utc !== undefined) return this.own.utc
    if (this.picks === null) return this.log.utc
    return this.log.utc.flatMap((point) => {
      const group = this.indexOf(point.group)
      return group === undefined ? [] : [{ ...point, group }]
    })
  }

  /** The view's index of a group of the log, undefined if it is not in the view. */
  private indexOf(group: number): number | undefined {
    if (this.picks === null) return group
    const index = this.picks.findIndex((pick) => pick.group === group)
    return index < 0 ? undefined : index
  }

  async survey(selection: Pick<Selection, "signal" | "progress"> = {}): Promise<Survey> {
    if (this.own.rows !== undefined) return this.own.rows.survey(selection)
    if (this.range.start !== undefined || this.range.end !== undefined) return this.count(selection)
    const whole = await this.log.survey({ ...this.passing, ...selection })
    if (this.picks === null) return whole
    const groups = this.picks.map(({ group }) => whole.groups[group] ?? NO_ROWS)
    return { groups, duration: durationOf(this.groups, groups) }
  }

  /** A range ends where the values say: only reading tells how many rows it holds. */
  private async count(selection: Selection): Promise<Survey> {
    const found: { rows: number; first: number | bigint | null; last: number | bigint | null }[] = []
    const starts: number[] = []
    for await (const chunk of this.chunks(selection)) {
      if (chunk.rows === 0) continue
      const seen = (found[chunk.group] ??= { rows: 0, first: tickAt(chunk.ticks, 0), last: null })
      if (seen.rows === 0) starts[chunk.group] = chunk.first
      seen.rows += chunk.rows
      seen.last = tickAt(chunk.ticks, chunk.rows - 1)
    }
    const groups = this.groups.map((_, index) => found[index] ?? NO_ROWS)
    return { groups, duration: durationOf(this.groups, groups, starts) }
  }

  async *chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    checkSelection(selection)
    if (this.own.rows !== undefined) {
      yield* this.own.rows.chunks(selection)
      return
    }
    const { picks } = this
    const asked = selection.groups
    const groups =
      picks === null ? asked : asked === undefined ? picks.map(({ group }) => group) : asked.map((i) => (picks[i] as Picked).group)
    const start = latest(this.range.start, selection.start)
    const end = earliest(this.range.end, selection.end)
    const below: Selection = {
      ...this.passing,
      ...selection,
      ...given({ groups, start, end }),
    }
    for await (const chunk of this.log.chunks(below)) {
      this.hasRows ||= chunk.rows > 0
      if (picks === null) {
        yield chunk
        continue
      }
      const group = this.indexOf(chunk.group)
      if (group === undefined) continue
      const { channels } = picks[group] as Picked
      yield {
        ...chunk,
        group,
        columns: channels.map((channel) => chunk.columns[channel] as Chunk["columns"][number]),
        missing: channels.map((channel) => chunk.missing[channel] ?? null),
      }
    }
    this.hasEnded = true
  }

  close(): Promise<void> {
    return this.onClose()
  }

  /** The log below, where all of its channels and rows are seen. */
  get whole(): Log | null {
    const { rows, annotations, utc } = this.own
    return this.isPart || rows !== undefined || annotations !== undefined || utc !== undefined ? null : this.log
  }
}

/** The log itself, where nothing of it is left out or changed: what its own format may copy byte for byte. */
export function wholeOf(log: Log): Log {
  return log instanceof View && log.whole !== null ? wholeOf(log.whole) : log
}

/** An empty result is told: it may come of a wrong time or channel. */
export const NOTHING = issue("no-rows", "warning", "no row lies in the part that was asked for")

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b)
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b)
}
