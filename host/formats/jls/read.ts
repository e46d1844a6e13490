import type { OpenOptions } from "../../format.js"
import { IssueList } from "../../issues.js"
import type { Annotation, Channel, Chunk, Group, Log, Reduced, Selection, Survey, UserData, UtcPoint } from "../../log.js"
import type { Source } from "../../source.js"
import { seconds } from "../../values.js"
import { ChunkReader } from "./chunks.js"
import { type Contents, readContents } from "./contents.js"
import { type DataType, fixedPoint } from "./datatype.js"
import type { SignalDef, SourceDef } from "./definitions.js"
import { FsrReader } from "./fsr.js"
import { gapsOf, markGaps, type Stretch } from "./gaps.js"
import { Interpolator, type Known } from "./interpolate.js"
import { Pages } from "./pages.js"
import { reduceSignal } from "./reduce.js"
import { issue } from "./structure.js"
import type { JlsAnnotation, JlsUtc } from "./timed.js"
import { jlsToNs, UtcMap } from "./utc.js"
import { windowsOf } from "./windows.js"

/** What a JLS channel says beyond the model: it lets a writer keep the signal as it is. */
export interface JlsChannel extends Channel {
  readonly jls: { readonly def: SignalDef; readonly source: SourceDef | null; readonly first: number }
}

/** What a JLS annotation says beyond the model: as stored, as it was first shown, and its signal (a VSR signal has no group). */
export interface JlsLogAnnotation extends Annotation {
  readonly jls: { readonly stored: JlsAnnotation; readonly shown: Annotation; readonly def: SignalDef; readonly source: SourceDef | null }
}

/** A UTC pair with its JLS time. */
export interface JlsUtcPoint extends UtcPoint {
  readonly jls: JlsUtc
}

/** Rows read at once while a gap's end is searched. */
const SEARCH = 16384
const KINDS = ["user", "text", "vertical", "horizontal"] as const
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** Opens a JLS file: one group with one channel per FSR signal. What is damaged becomes issues. */
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
  /** One per group: samples and summaries by sample id, and where samples were never recorded. */
  readonly signals: readonly { readonly fsr: FsrReader; readonly gaps: readonly Stretch[]; readonly times: UtcMap | null }[]

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
          issue("gap", "warning", -1, 0, name, `signal ${name}: samples ${first} to ${end} were never recorded (${end - first})`),
        )
      }
    }
    const origin = startOf(this.signals, contents.annotations)
    this.start = origin.utc
    this.groups = this.signals.map(({ fsr, times }) => groupOf(fsr, times, origin, structure.sources))
    this.annotations = this.readAnnotations()
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
    let begin = Number.POSITIVE_INFINITY
    let finish = Number.NEGATIVE_INFINITY
    const groups = this.signals.map(({ fsr }, i) => {
      const { first, end } = fsr.map
      const rows = end - first
      if (rows === 0) return { rows, first: null, last: null }
      begin = Math.min(begin, seconds(this.groups[i] as Group, null, 0))
      finish = Math.max(finish, seconds(this.groups[i] as Group, null, rows - 1))
      return { rows, first, last: end - 1 }
    })
    return { groups, duration: finish >= begin ? finish - begin : null }
  }

  async *chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    const rows = this.signals.map(({ fsr }) => fsr.map.end - fsr.map.first)
    // Signals that are recorded together lie between one another: their window is read once for all.
    const bytes = this.signals.length === 1 ? 0 : 4 * 1024 * 1024
    const pages = new Pages(this.source, bytes)
    const fillers = this.interpolates ? this.signals.map((_, group) => new Interpolator((row) => this.nextKnown(group, row))) : null
    for (const window of windowsOf(this.groups, rows, selection)) {
      selection.signal?.throwIfAborted()
      for (const { group, from, to } of window.parts) {
        const chunk = await this.chunk(group, from, to, window.index, selection.order === "file", pages)
        const filler = fillers?.[group]
        const [values] = chunk.columns
        if (filler === undefined || values === undefined) yield chunk
        else yield { ...chunk, missing: [await filler.fill(values, chunk.missing[0] ?? null, from)] }
      }
      selection.progress?.(Math.round(this.source.size * window.done))
    }
  }

  /** Answers from stored summaries; see `reduceSignal`. */
  async reduce(group: number, _channel: number, from: number, to: number, buckets: number): Promise<Reduced> {
    const { fsr } = this.signals[group] as JlsLog["signals"][number]
    const { time } = this.groups[group] as Group
    if (time.kind !== "fixed") throw new RangeError("JLS groups have a fixed rate")
    const { rate, offset } = time
    const edges = Float64Array.from({ length: buckets + 1 }, (_, i) => {
      const row = (from + ((to - from) * i) / buckets - offset) * rate
      // A sample at an edge belongs behind it; a rounding error of the division must not move it.
      return fsr.map.first + Math.ceil(row - 1e-6)
    })
    return reduceSignal(fsr, edges, 2 ** -(fsr.signal.type as DataType).q)
  }

  close(): Promise<void> {
    return this.source.close()
  }

  private async chunk(group: number, from: number, to: number, window: number, withOrder: boolean, pages: Pages): Promise<Chunk> {
    const { fsr, gaps } = this.signals[group] as JlsLog["signals"][number]
    const { first } = fsr.map
    const { values, missing } = await fsr.samples(first + from, first + to, pages)
    return {
      group,
      first: from,
      rows: to - from,
      window,
      ticks: null,
      columns: [values],
      missing: [markGaps(missing, gaps, first + from, first + to)],
      order: withOrder ? await fsr.offsets(first + from, first + to) : null,
    }
  }

  private async nextKnown(group: number, row: number): Promise<Known | null> {
    const { fsr, gaps } = this.signals[group] as JlsLog["signals"][number]
    const { first, end } = fsr.map
    for (let from = first + row; from < end; from += SEARCH) {
      const to = Math.min(end, from + SEARCH)
      const { values, missing } = await fsr.samples(from, to)
      const known = (markGaps(missing, gaps, from, to) ?? new Uint8Array(1)).indexOf(0)
      if (known >= 0) return { row: from - first + known, value: Number(values[known]) }
    }
    return null
  }

  private readAnnotations(): JlsLogAnnotation[] {
    const { structure, annotations } = this.contents
    const groupOfSignal = new Map(this.signals.map(({ fsr }, i) => [fsr.signal.def.id, i]))
    return structure.signals.flatMap(({ def }) => {
      const source = structure.sources.find(({ id }) => id === def.source) ?? null
      const group = groupOfSignal.get(def.id) ?? null
      return (annotations.get(def.id) ?? [])
        .filter((stored) => !isGapMark(stored, def))
        .map((stored) => {
          const shown = this.annotation(stored, group)
          return { ...shown, jls: { stored, shown, def, source } }
        })
    })
  }

  private annotation(stored: JlsAnnotation, group: number | null): Annotation {
    const { type, storage, y, data, timestamp } = stored
    let time: number | null = null
    if (group !== null) time = seconds(this.groups[group] as Group, null, Number(timestamp) - (this.signals[group]?.fsr.map.first ?? 0))
    else if (this.start !== null) time = Number(jlsToNs(timestamp) - this.start) / 1e9
    return {
      group,
      time,
      tick: group === null ? timestamp : Number(timestamp),
      kind: KINDS[type] ?? "user",
      text: storage === 1 ? "" : utf8.decode(data),
      data: storage === 1 ? data : null,
      y: Number.isNaN(y) ? null : y,
    }
  }
}

function isGapMark(stored: JlsAnnotation, def: SignalDef): boolean {
  return def.type === "fsr" && gapsOf([stored]).length > 0
}

/** Second 0: the UTC time of the earliest first sample; without UTC the earliest first sample counted from sample id 0. */
interface Origin {
  readonly utc: bigint | null
  /** Seconds from sample id 0 to second 0, for signals without UTC. */
  readonly seconds: number
}

function startOf(signals: JlsLog["signals"], annotations: Contents["annotations"]): Origin {
  let utc: bigint | null = null
  let earliest = Number.POSITIVE_INFINITY
  for (const { fsr, times } of signals) {
    earliest = Math.min(earliest, fsr.map.first / fsr.signal.def.rate)
    const begin = times === null ? null : jlsToNs(times.timeOf(fsr.map.first))
    if (begin !== null && (utc === null || begin < utc)) utc = begin
  }
  if (signals.length === 0) {
    // A file of remarks only: the first one starts it.
    for (const list of annotations.values())
      for (const { timestamp } of list) if (utc === null || jlsToNs(timestamp) < utc) utc = jlsToNs(timestamp)
  }
  return { utc, seconds: Number.isFinite(earliest) ? earliest : 0 }
}

function groupOf(fsr: FsrReader, times: UtcMap | null, origin: Origin, sources: readonly SourceDef[]): Group {
  const { def, type } = fsr.signal
  const { first } = fsr.map
  const source = sources.find(({ id }) => id === def.source) ?? null
  const known = times !== null && origin.utc !== null
  const offset = known ? Number(jlsToNs(times.timeOf(first)) - (origin.utc as bigint)) / 1e9 : first / def.rate - origin.seconds
  const { wire, q } = type as DataType
  const notes: Record<string, string> = source === null ? {} : { source: source.name }
  const channel: JlsChannel = {
    name: def.name,
    unit: def.units,
    type: wire,
    calibration: fixedPoint(q),
    notes,
    jls: { def, source, first },
  }
  return { name: def.name, id: def.id, time: { kind: "fixed", rate: def.rate, offset }, channels: [channel] }
}
