import { sliceChunk } from "../model/chunk.js"
import { UsageError } from "../model/errors.js"
import { durationOf, NO_ROWS } from "../model/extent.js"
import { issue } from "../model/issues.js"
import type { Annotation, Chunk, Group, Issue, Log, Selection, Survey, Ticks, TimeBase } from "../model/log.js"
import { rowTimes } from "../model/time.js"
import { checkLog, meantText } from "../text/asked.js"

/**
 * How logs are laid side by side: by their start times (`utc`), each from second 0 (`start`), or with a number of seconds for each
 * log's second 0. Absent: by start times where all logs say when they started, else from second 0.
 */
export type Alignment = "utc" | "start" | readonly number[]

/**
 * Several logs as one, side by side in time; an issue says how. Groups keep their names, with the log's name before it where two
 * logs share one.
 * @throws UsageError when there are none, when UTC is asked for and one does not say when it started, or for a wrong count of offsets
 */
export function joinLogs(logs: readonly Log[], align?: Alignment): Log {
  if (logs.length === 0) throw new UsageError("no log to join")
  for (const log of logs) checkLog(log, "joinLogs")
  if (align !== undefined && !Array.isArray(align) && align !== "utc" && align !== "start") {
    throw new UsageError(
      `the logs cannot be aligned by ${JSON.stringify(align)}: expected "utc", "start" or a list of seconds${meantText(align, ["utc", "start"])}`,
    )
  }
  if (Array.isArray(align) && !align.every(Number.isFinite))
    throw new UsageError("the logs cannot be aligned by what are no numbers of seconds")
  const startless = logs.find(({ start }) => start === null)
  if (align === "utc" && startless !== undefined) {
    throw new UsageError(`${startless.name} does not say when it started, so the logs cannot be aligned by UTC`, { hint: "give offsets" })
  }
  if (Array.isArray(align) && align.length !== logs.length) {
    throw new UsageError(`${align.length} offsets for ${logs.length} logs: expected one for each, in seconds`)
  }
  return new Joined(logs, align ?? (startless === undefined ? "utc" : "start"), align !== undefined)
}

/** One log's place in the whole. */
interface Part {
  readonly log: Log
  /** Seconds from the whole's start to the log's. */
  readonly offset: number
}

class Joined implements Log {
  readonly variant: string
  readonly name: string
  readonly format: Log["format"]
  readonly start: bigint | null
  readonly userData: Log["userData"]
  private readonly parts: readonly Part[]
  private readonly how: Issue

  constructor(logs: readonly Log[], align: Alignment, isAsked: boolean) {
    const starts = logs.map(({ start }) => start).filter((start) => start !== null)
    const first = starts.reduce((least, start) => (start < least ? start : least), starts[0] ?? 0n)
    // With offsets of the user's own, second 0 is the first log's as far as that knows its time.
    const own = (logs[0] as Log).start
    const whole = own === null || typeof align === "string" ? null : own - BigInt(Math.round((align[0] as number) * 1e9))
    this.start = align === "utc" ? first : whole
    const offsetOf = (log: Log, l: number) => {
      if (align === "utc") return Number((log.start as bigint) - first) / 1e9
      return align === "start" ? 0 : (align[l] as number)
    }
    this.parts = logs.map((log, l) => ({ log, offset: offsetOf(log, l) }))
    this.format = (logs[0] as Log).format
    this.variant = `${logs.length} logs joined`
    this.name = (logs[0] as Log).name
    this.userData = logs.flatMap(({ userData }) => userData)
    this.how = issue("joined", align === "start" && !isAsked ? "warning" : "note", howText(this.parts, align, isAsked))
  }

  get groups(): readonly Group[] {
    const names = this.parts.flatMap(({ log }, p) => [...new Set(log.groups.map(({ name }) => name))].map((name) => ({ name, p })))
    const shared = (name: string, p: number) => names.some((other) => other.name === name && other.p !== p)
    return this.indexes().map(({ p, g }) => {
      const { log, offset } = this.parts[p] as Part
      const group = log.groups[g] as Group
      // A format that knows its own rows by their clock must not place them by the start that the whole does not have.
      const time = log.start === this.start ? shifted(group.time, offset) : { ...shifted(group.time, offset) }
      return shared(group.name, p) ? { ...renamed(group, `${this.label(p)}.${group.name}`), time } : { ...group, time }
    })
  }

  /** A log's name, numbered where several logs have it. */
  private label(p: number): string {
    const { name } = (this.parts[p] as Part).log
    return this.parts.some(({ log }, other) => other !== p && log.name === name) || name === ""
      ? `${name === "" ? "log" : name}-${p + 1}`
      : name
  }

  /** Group by group of the whole: log and group in it. Groups that turn up late come at the end of all. */
  private readonly known: { p: number; g: number }[] = []

  private indexes(): readonly { p: number; g: number }[] {
    for (const [p, { log }] of this.parts.entries()) {
      for (const g of log.groups.keys()) if (!this.known.some((place) => place.p === p && place.g === g)) this.known.push({ p, g })
    }
    return this.known
  }

  private indexOf(p: number, g: number): number {
    return this.indexes().findIndex((place) => place.p === p && place.g === g)
  }

  get issues(): readonly Issue[] {
    return [this.how, ...this.parts.flatMap(({ log }) => log.issues)]
  }

  get annotations(): readonly Annotation[] {
    return this.parts.flatMap(({ log, offset }, p) =>
      log.annotations.map((annotation) => ({
        ...annotation,
        group: annotation.group === null ? null : this.indexOf(p, annotation.group),
        time: annotation.time === null ? null : annotation.time + offset,
        tick: annotation.group === null ? null : placedTick(annotation.tick, log.groups[annotation.group], offset),
      })),
    )
  }

  get utc(): Log["utc"] {
    return this.parts.flatMap(({ log, offset }, p) =>
      log.utc.map(({ group, tick, utc }) => ({
        group: this.indexOf(p, group),
        tick: placedTick(tick, log.groups[group], offset) as bigint,
        utc,
      })),
    )
  }

  async survey(selection: Pick<Selection, "signal" | "progress"> = {}): Promise<Survey> {
    const surveys: Survey[] = []
    for (const { log } of this.parts) surveys.push(await log.survey(selection))
    const groups = this.indexes().map(({ p, g }) => {
      const found = surveys[p]?.groups[g] ?? NO_ROWS
      const { log, offset } = this.parts[p] as Part
      const time = (log.groups[g] as Group).time
      return { rows: found.rows, first: shiftedTick(found.first, time, offset), last: shiftedTick(found.last, time, offset) }
    })
    return { groups, duration: durationOf(this.groups, groups) }
  }

  async *chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    this.indexes()
    const streams = this.parts.map((part, p) => new Stream(part, (g) => this.indexOf(p, g), this.own(selection, p)))
    try {
      for (let window = 0; ; window++) {
        for (const stream of streams) await stream.fill()
        const live = streams.filter((stream) => !stream.done)
        const until = Math.min(...live.map(({ horizon }) => horizon))
        for (const stream of streams) yield* stream.take(live.length === 0 ? Number.POSITIVE_INFINITY : until, window)
        if (live.length === 0) return
        for (const stream of live) if (stream.horizon <= until) stream.spent = true
      }
    } finally {
      for (const stream of streams) await stream.close()
    }
  }

  /** What one log is asked for. */
  private own({ groups, start, end, ...rest }: Selection, p: number): Selection {
    const { offset } = this.parts[p] as Part
    const chosen = groups?.flatMap((index) => {
      const place = this.indexes()[index]
      return place?.p === p ? [place.g] : []
    })
    return {
      ...rest,
      ...(chosen === undefined ? {} : { groups: chosen }),
      ...(start === undefined ? {} : { start: start - offset }),
      ...(end === undefined ? {} : { end: end - offset }),
    }
  }

  async close(): Promise<void> {
    for (const { log } of this.parts) await log.close()
  }
}

/** A group under another name; a channel that has the name of its group keeps doing so, as some formats know channels alone. */
function renamed(group: Group, name: string): Group {
  return { ...group, name, channels: group.channels.map((channel) => (channel.name === group.name ? { ...channel, name } : channel)) }
}

/** One log's chunks on their way into the common windows. */
class Stream {
  /** No later row of this log is earlier than this. */
  horizon = Number.NEGATIVE_INFINITY
  done = false
  /** The window that is held has been passed: the next one is due. */
  spent = true
  private held: { chunk: Chunk; times: Float64Array }[] = []
  private next: Chunk | null = null
  private readonly source: AsyncIterator<Chunk>

  constructor(
    private readonly part: Part,
    private readonly indexOf: (g: number) => number,
    selection: Selection,
  ) {
    const empty = selection.groups?.length === 0
    this.source = (empty ? nothing() : part.log.chunks({ ...selection, reuse: false }))[Symbol.asyncIterator]()
  }

  /** Reads one more window if the last one is used up. */
  async fill(): Promise<void> {
    if (this.done || !this.spent) return
    this.next ??= await this.read()
    const window = this.next?.window
    while (this.next !== null && this.next.window === window) {
      this.hold(this.next)
      this.next = await this.read()
    }
    if (this.next === null) this.done = true
    this.spent = false
  }

  private async read(): Promise<Chunk | null> {
    const { done, value } = await this.source.next()
    return done === true ? null : value
  }

  private hold(chunk: Chunk): void {
    const { log, offset } = this.part
    const group = log.groups[chunk.group] as Group
    const times = rowTimes(group, chunk)
    for (let i = 0; i < times.length; i++) {
      const time = (times[i] as number) + offset
      times[i] = time
      if (time > this.horizon) this.horizon = time
    }
    this.held.push({ chunk: { ...chunk, group: this.indexOf(chunk.group), ticks: shiftedTicks(chunk.ticks, group.time, offset) }, times })
  }

  /** The held rows up to a time, in recorded order. */
  *take(until: number, window: number): Generator<Chunk> {
    const later: typeof this.held = []
    for (const { chunk, times } of this.held) {
      let n = 0
      while (n < times.length && (times[n] as number) <= until) n++
      if (n > 0) yield { ...sliceChunk(chunk, 0, n), window }
      if (n < times.length) later.push({ chunk: sliceChunk(chunk, n, times.length), times: times.subarray(n) })
    }
    this.held = later
  }

  async close(): Promise<void> {
    await this.source.return?.()
  }
}

async function* nothing(): AsyncGenerator<Chunk> {}

/** A time base in a log whose second 0 is `offset` seconds earlier. */
export function shifted(time: TimeBase, offset: number): TimeBase {
  if (offset === 0) return time
  return time.kind === "fixed" ? { ...time, offset: time.offset + offset } : { ...time }
}

/** A stamp in a log whose second 0 is `offset` seconds earlier. */
export function shiftedTick(tick: number | bigint | null, time: TimeBase, offset: number): number | bigint | null {
  if (tick === null || time.kind === "fixed" || time.tick === 0 || offset === 0) return tick
  return typeof tick === "bigint" ? tick + BigInt(Math.round(offset / time.tick)) : tick + inTicks(offset, time.tick)
}

/** A tick beside the rows, in the whole: at a fixed rate it is the absolute number of a sample. */
function placedTick(tick: number | bigint | null, group: Group | undefined, offset: number): number | bigint | null {
  if (tick === null || group === undefined) return tick
  if (group.time.kind === "stamped") return shiftedTick(tick, group.time, offset)
  const samples = Math.round(offset * group.time.rate)
  return typeof tick === "bigint" ? tick + BigInt(samples) : tick + samples
}

/** Stamps in a log whose second 0 is `offset` seconds earlier. */
export function shiftedTicks(ticks: Ticks | null, time: TimeBase, offset: number): Ticks | null {
  if (ticks === null || time.kind === "fixed" || time.tick === 0 || offset === 0) return ticks
  if (ticks instanceof BigInt64Array) {
    const by = BigInt(Math.round(offset / time.tick))
    return ticks.map((tick) => tick + by)
  }
  const by = inTicks(offset, time.tick)
  return ticks.map((tick) => tick + by)
}

/** An offset that is a whole number of ticks but for rounding stays whole. */
function inTicks(offset: number, tick: number): number {
  const exact = offset / tick
  const whole = Math.round(exact)
  return Math.abs(exact - whole) < 1e-6 ? whole : exact
}

function howText(parts: readonly Part[], align: Alignment, isAsked: boolean): string {
  if (align === "start") {
    return `the logs are laid side by side from second 0${isAsked ? "" : ": not all of them say when they started"}`
  }
  const offsets = parts.map(({ log, offset }) => `${log.name} ${offset < 0 ? "" : "+"}${Number(offset.toFixed(6))} s`)
  return `the logs are aligned by ${align === "utc" ? "their start times" : "the offsets given"}: ${offsets.join(", ")}`
}
