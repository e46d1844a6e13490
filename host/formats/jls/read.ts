import type { Source } from "../../bytes/source.js"
import { durationOf, NO_ROWS } from "../../model/extent.js"
import type { OpenOptions } from "../../model/format.js"
import { IssueList, issue } from "../../model/issues.js"
import type { Annotation, Chunk, Exactness, Group, Log, Reduced, Selection, Survey, UserData, UtcPoint, Values } from "../../model/log.js"
import { TimeMap } from "../../model/time-map.js"
import { ChunkReader } from "./chunks/chunks.js"
import type { DataType } from "./chunks/datatype.js"
import { Pages } from "./chunks/pages.js"
import { type Contents, readContents } from "./contents.js"
import { grownRows } from "./follow.js"
import { clockIssues, clockOf, groupOf, type LogSignal, originOf, type TimedSignal } from "./groups.js"
import { reduceSignal } from "./reduce.js"
import { logAnnotations } from "./remarks.js"
import { gapsOf, markGaps } from "./samples/gaps.js"
import { Interpolator, type Known } from "./samples/interpolate.js"
import { FsrReader } from "./samples/reader.js"
import { windowsOf } from "./samples/windows.js"
import { annotationsBeside, recordingOf } from "./side-annotations.js"
import type { JlsUtc } from "./timed/timed.js"
import { jlsToNs } from "./timed/utc.js"

/** A UTC pair with its JLS time. */
export interface JlsUtcPoint extends UtcPoint {
  readonly jls: JlsUtc
}

/** Rows read at once while a gap's end is searched. */
const SEARCH = 16384

/** Opens a JLS file: one group with one channel per FSR signal. What is damaged becomes issues. */
export async function openJls(source: Source, { gaps = "mark", besides }: Pick<OpenOptions, "gaps" | "besides"> = {}): Promise<JlsLog> {
  const issues = new IssueList()
  const contents = await readContents(source, issues)
  const log = new JlsLog(source, contents, issues, gaps === "interpolate")
  const own = source.name.toLowerCase()
  const files = (await besides?.((name) => recordingOf(name)?.toLowerCase() === own)) ?? []
  if (files.length > 0) {
    const found = await annotationsBeside(log, files, openJls)
    log.annotations = [...log.annotations, ...found.annotations]
    for (const each of found.issues) issues.add(each)
  }
  return log
}

/** An open JLS file as a log. */
export class JlsLog implements Log {
  readonly format = "jls"
  readonly variant: string
  readonly name: string
  readonly start: bigint | null
  readonly groups: readonly Group[]
  /** The file's own, then those of side files. */
  annotations: readonly Annotation[]
  readonly utc: readonly UtcPoint[]
  readonly userData: readonly UserData[]
  /** One per group. */
  readonly signals: readonly LogSignal[]

  constructor(
    readonly source: Source,
    readonly contents: Contents,
    private readonly issueList: IssueList,
    private readonly interpolates: boolean,
  ) {
    const { structure, closed } = contents
    this.variant = closed ? "version 2" : "version 2, not closed or damaged"
    this.name = source.name.replace(/\.jls$/i, "")
    const reader = new ChunkReader(source)
    const fixed = structure.signals.filter((signal) => signal.type !== null)
    const timed = fixed.map((signal): TimedSignal => {
      const { id, rate } = signal.def
      const map = contents.maps.get(id)
      if (map === undefined) throw new RangeError(`signal ${id} has no map`)
      const pairs = contents.utc.get(id) ?? []
      const fsr = new FsrReader(reader, signal, map, (found) => issueList.add(found))
      const inNs = pairs.map(({ sample, utc }) => ({ at: sample, ns: jlsToNs(utc) }))
      return { fsr, pairs, times: pairs.length === 0 ? null : new TimeMap(inNs, 1e9 / rate) }
    })
    const origin = originOf(timed, contents.annotations)
    this.signals = timed.map((signal) => {
      const gaps = gapsOf(contents.annotations.get(signal.fsr.signal.def.id) ?? [])
      return { ...signal, gaps, clock: clockOf(signal, origin) }
    })
    for (const { fsr, times } of this.signals)
      if (times !== null) for (const found of clockIssues(fsr.signal.def, times)) issueList.add(found)
    for (const { fsr, gaps } of this.signals) {
      const { name } = fsr.signal.def
      for (const { first, end } of gaps) {
        issueList.add(
          issue("gap", "warning", `signal ${name}: samples ${first} to ${end} were never recorded (${end - first})`, { group: name }),
        )
      }
    }
    this.start = origin.utc
    this.groups = this.signals.map((signal) => groupOf(signal, structure.sources))
    this.annotations = logAnnotations(contents, this.signals, origin.utc)
    this.utc = this.signals.flatMap(({ clock, pairs }, group) =>
      pairs.map((pair): JlsUtcPoint => {
        const utc = jlsToNs(pair.utc)
        const tick = clock.time.kind === "fixed" ? BigInt(pair.sample) : utc - (origin.utc ?? 0n)
        return { group, tick, utc, jls: pair }
      }),
    )
    this.userData = contents.userData.map(({ meta, storage, data }) => ({
      meta,
      kind: storage === 3 ? "json" : storage === 2 ? "text" : "binary",
      data,
    }))
  }

  get issues(): Log["issues"] {
    return this.issueList.all
  }

  /** `first` and `last` are sample ids, or stamps where the clock is uneven. */
  async survey(): Promise<Survey> {
    const groups = this.signals.map(({ fsr, clock }) => {
      const { first, end } = fsr.map
      const rows = end - first
      if (rows === 0) return NO_ROWS
      if (clock.time.kind === "fixed") return { rows, first, last: end - 1 }
      return { rows, first: clock.ticks(0, 1)?.[0] ?? null, last: clock.ticks(rows - 1, rows)?.[0] ?? null }
    })
    return { groups, duration: durationOf(this.groups, groups) }
  }

  async *chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    const rows = this.signals.map(({ fsr }) => fsr.map.end - fsr.map.first)
    // Signals that are recorded together lie between one another: their window is read once for all.
    const bytes = this.signals.length === 1 ? 0 : 4 * 1024 * 1024
    const pages = new Pages(this.source, bytes)
    const fillers = this.interpolates ? this.signals.map((_, group) => new Interpolator((row) => this.nextKnown(group, row))) : null
    const rooms: Values[] = []
    let last = -1
    const clocks = this.signals.map(({ clock }) => clock)
    for (const window of windowsOf(clocks, rows, selection)) {
      selection.signal?.throwIfAborted()
      // Rows that fit one window are few: they need no pages around them.
      const reading = last < 0 && window.done >= 1 ? this.source : pages
      for (const { group, from, to } of window.parts) {
        const { fsr, gaps, clock } = this.signals[group] as LogSignal
        const { first } = fsr.map
        const { values, missing } = await fsr.samples(first + from, first + to, reading, rooms[group])
        if (selection.reuse === true && values.length > (rooms[group]?.length ?? 0)) rooms[group] = values
        const marked = markGaps(missing, gaps, first + from, first + to)
        yield {
          group,
          first: from,
          rows: to - from,
          window: window.index,
          ticks: clock.ticks(from, to),
          columns: [values],
          missing: [fillers === null ? marked : await (fillers[group] as Interpolator).fill(values, marked, from)],
          order: selection.order === "file" ? await fsr.offsets(first + from, first + to) : null,
        }
      }
      selection.progress?.(Math.round(this.source.size * window.done))
      last = window.index
    }
    if (selection.follow !== undefined) yield* grownRows(this, this.source, selection, last + 1)
  }

  /** Answers from stored summaries where they are fine enough; see `reduceSignal`. */
  async reduce(group: number, _channel: number, from: number, to: number, buckets: number, how: Exactness = "exact"): Promise<Reduced> {
    const signal = this.signals[group] as LogSignal
    const { fsr, clock } = signal
    // Rounding grows with the distance from second 0.
    const slack = Math.max(1e-6, Math.min(0.25, 4 * Number.EPSILON * clock.rate * Math.max(Math.abs(from), Math.abs(to))))
    const edges = Float64Array.from({ length: buckets + 1 }, (_, i) => {
      // A sample at an edge belongs behind it; a rounding error must not move it.
      const row = clock.rowAt(i === 0 ? from : i === buckets ? to : from + ((to - from) * i) / buckets)
      return fsr.map.first + Math.ceil(row - slack)
    })
    const scale = 2 ** -(fsr.signal.type as DataType).q
    return reduceSignal(signal, edges, { scale, exact: how === "exact", source: this.source })
  }

  close(): Promise<void> {
    return this.source.close()
  }

  private async nextKnown(group: number, row: number): Promise<Known | null> {
    const { fsr, gaps } = this.signals[group] as LogSignal
    const { first, end } = fsr.map
    for (let from = first + row; from < end; from += SEARCH) {
      const to = Math.min(end, from + SEARCH)
      const { values, missing } = await fsr.samples(from, to)
      const known = (markGaps(missing, gaps, from, to) ?? new Uint8Array(1)).indexOf(0)
      if (known >= 0) return { row: from - first + known, value: Number(values[known]) }
    }
    return null
  }
}
