import type { Source } from "../../bytes/source.js"
import { durationOf, NO_ROWS } from "../../model/extent.js"
import type { OpenOptions } from "../../model/format.js"
import { IssueList, issue } from "../../model/issues.js"
import type { Annotation, Chunk, Group, Log, Reduced, Selection, Survey, UserData, UtcPoint, Values } from "../../model/log.js"
import { ChunkReader } from "./chunks/chunks.js"
import type { DataType } from "./chunks/datatype.js"
import { Pages } from "./chunks/pages.js"
import { type Contents, readContents } from "./contents.js"
import { grownRows } from "./follow.js"
import { groupOf, type LogSignal, originOf } from "./groups.js"
import { reduceSignal } from "./reduce.js"
import { logAnnotations } from "./remarks.js"
import { gapsOf, markGaps } from "./samples/gaps.js"
import { Interpolator, type Known } from "./samples/interpolate.js"
import { FsrReader } from "./samples/reader.js"
import { windowsOf } from "./samples/windows.js"
import type { JlsUtc } from "./timed/timed.js"
import { jlsToNs, UtcMap } from "./timed/utc.js"

/** A UTC pair with its JLS time. */
export interface JlsUtcPoint extends UtcPoint {
  readonly jls: JlsUtc
}

/** Rows read at once while a gap's end is searched. */
const SEARCH = 16384

/** Opens a JLS file: one group with one channel per FSR signal. Damage becomes issues. */
export async function openJls(source: Source, { gaps = "mark" }: Pick<OpenOptions, "gaps"> = {}): Promise<JlsLog> {
  const issues = new IssueList()
  const contents = await readContents(source, issues)
  return new JlsLog(source, contents, issues, gaps === "interpolate")
}

/** An open JLS file as a log. */
export class JlsLog implements Log {
  readonly format = "jls"
  readonly variant: string
  readonly name: string
  readonly start: bigint | null
  readonly groups: readonly Group[]
  readonly annotations: readonly Annotation[]
  readonly utc: readonly UtcPoint[]
  readonly userData: readonly UserData[]
  /** One per group. */
  readonly signals: readonly LogSignal[]

  constructor(
    private readonly source: Source,
    readonly contents: Contents,
    private readonly issueList: IssueList,
    private readonly interpolates: boolean,
  ) {
    const { structure, closed } = contents
    this.variant = closed ? "version 2" : "version 2, not closed or damaged"
    this.name = source.name.replace(/\.jls$/i, "")
    const reader = new ChunkReader(source)
    const fixed = structure.signals.filter((signal) => signal.type !== null)
    this.signals = fixed.map((signal) => {
      const { id, rate } = signal.def
      const map = contents.maps.get(id)
      if (map === undefined) throw new RangeError(`signal ${id} has no map`)
      const pairs = contents.utc.get(id) ?? []
      const fsr = new FsrReader(reader, signal, map, (found) => issueList.add(found))
      return { fsr, gaps: gapsOf(contents.annotations.get(id) ?? []), times: pairs.length === 0 ? null : new UtcMap(pairs, rate) }
    })
    for (const { fsr, gaps } of this.signals) {
      const { name } = fsr.signal.def
      for (const { first, end } of gaps) {
        issueList.add(
          issue("gap", "warning", `signal ${name}: samples ${first} to ${end} were never recorded (${end - first})`, { group: name }),
        )
      }
    }
    const origin = originOf(this.signals, contents.annotations)
    this.start = origin.utc
    this.groups = this.signals.map((signal) => groupOf(signal, origin, structure.sources))
    this.annotations = logAnnotations(contents, this.signals, this.groups, origin.utc)
    this.utc = this.signals.flatMap(({ fsr }, group) =>
      (contents.utc.get(fsr.signal.def.id) ?? []).map(
        (pair): JlsUtcPoint => ({ group, tick: BigInt(pair.sample), utc: jlsToNs(pair.utc), jls: pair }),
      ),
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

  /** `first` and `last` are sample ids. */
  async survey(): Promise<Survey> {
    const groups = this.signals.map(({ fsr }) => {
      const { first, end } = fsr.map
      return end === first ? NO_ROWS : { rows: end - first, first, last: end - 1 }
    })
    return { groups, duration: durationOf(this.groups, groups) }
  }

  async *chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    const rows = this.signals.map(({ fsr }) => fsr.map.end - fsr.map.first)
    // Signals that are recorded together are interleaved, so their window is read once for all of them.
    const bytes = this.signals.length === 1 ? 0 : 4 * 1024 * 1024
    const pages = new Pages(this.source, bytes)
    const fillers = this.interpolates ? this.signals.map((_, group) => new Interpolator((row) => this.nextKnown(group, row))) : null
    const rooms: Values[] = []
    let last = -1
    for (const window of windowsOf(this.groups, rows, selection)) {
      selection.signal?.throwIfAborted()
      // Rows that fit into one window are few and need no pages.
      const reading = last < 0 && window.done >= 1 ? this.source : pages
      for (const { group, from, to } of window.parts) {
        const { fsr, gaps } = this.signals[group] as LogSignal
        const { first } = fsr.map
        const { values, missing } = await fsr.samples(first + from, first + to, reading, rooms[group])
        if (selection.reuse === true && values.length > (rooms[group]?.length ?? 0)) rooms[group] = values
        const marked = markGaps(missing, gaps, first + from, first + to)
        yield {
          group,
          first: from,
          rows: to - from,
          window: window.index,
          ticks: null,
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

  /** Answers from stored summaries; see `reduceSignal`. */
  async reduce(group: number, _channel: number, from: number, to: number, buckets: number): Promise<Reduced> {
    const signal = this.signals[group] as LogSignal
    const { fsr } = signal
    const { time } = this.groups[group] as Group
    if (time.kind !== "fixed") throw new RangeError("JLS groups have a fixed rate")
    const { rate, offset } = time
    const edges = Float64Array.from({ length: buckets + 1 }, (_, i) => {
      const row = (from + ((to - from) * i) / buckets - offset) * rate
      // A sample at an edge belongs to the bucket behind it; a rounding error of the division must not move it.
      return fsr.map.first + Math.ceil(row - 1e-6)
    })
    return reduceSignal(signal, edges, 2 ** -(fsr.signal.type as DataType).q)
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
