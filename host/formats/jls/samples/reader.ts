import * as jls from "../../../../shared/jls/layout.js"
import type { Source } from "../../../bytes/source.js"
import type { Issue, Values } from "../../../model/log.js"
import { isBig, newValues } from "../../../model/values.js"
import { isFloat } from "../../../model/wire.js"
import { CHUNK_SIZE, type ChunkReader } from "../chunks/chunks.js"
import { type DataType, unpack } from "../chunks/datatype.js"
import type { Pages } from "../chunks/pages.js"
import type { DataPlace, FsrMap, Signal } from "../chunks/structure.js"
import { DataJudge, dataChunkSize } from "./data-chunk.js"
import { Entries } from "./entries.js"
import { ENTRY } from "./summary.js"

/** Samples of a signal: raw values, and a flag of 1 for each missing one (null if none is missing). */
interface Samples {
  readonly values: Values
  readonly missing: Uint8Array | null
}

/** Memory that a reader reads into: columns as long as the most samples read at once. */
export interface Memory {
  readonly pages: Pages
  readonly values: Values
  readonly numbers: Float64Array
}

/** Bytes read at once for neighbouring DATA chunks. */
const READ_AT_ONCE = 512 * 1024
/** Most bytes between two DATA chunks that are read along rather than skipped. */
const READ_OVER = 64 * 1024

/** Reads samples and summary entries of one FSR signal. Chunks that cannot be used become issues and missing samples. */
export class FsrReader {
  readonly entries: Entries
  private readonly type: DataType
  private readonly judge: DataJudge
  private readonly reported = new Set<number>()

  constructor(
    private readonly reader: ChunkReader,
    readonly signal: Signal,
    readonly map: FsrMap,
    report: (issue: Issue) => void,
  ) {
    this.type = signal.type as DataType
    const note = (found: Issue) => {
      if (this.reported.has(found.at)) return
      this.reported.add(found.at)
      report(found)
    }
    this.judge = new DataJudge(signal, note)
    this.entries = new Entries(reader, signal, map, (from, to) => this.numbers(from, to), note)
  }

  /**
   * Samples with ids `from` to `to`, which must lie within the map.
   * @param source where DATA chunks are read: pages for a caller that reads on in order
   * @param room a column that may be overwritten, if it is long enough
   * @throws BadChunk if the map itself is broken
   */
  async samples(from: number, to: number, source: Pick<Source, "read"> = this.reader.source, room?: Values): Promise<Samples> {
    const fits = room !== undefined && room.length >= to - from
    const values: Values = fits ? (room as Float64Array).subarray(0, to - from) : newValues(this.type.wire, to - from)
    const missing = new Missing(to - from)
    const places = await this.map.places(from, to)
    for (let i = 0; i < places.length; ) {
      const run = neighbours(places, i, this.type)
      const bytes = run.end === run.at ? null : await source.read(run.at, run.end - run.at)
      for (; i < run.next; i++) {
        const place = places[i] as DataPlace
        const a = Math.max(from, place.first)
        const b = Math.min(to, place.first + place.count)
        const done =
          bytes === null
            ? await this.omitted(a, b, values, a - from)
            : this.copy(place, bytes.subarray(place.at - run.at), a, b, values, a - from)
        missing.present(a - from, a - from + done)
      }
    }
    const marks = missing.marks()
    if (marks !== null) {
      const nothing = (isBig(values) ? 0n : isFloat(this.type.wire) ? Number.NaN : 0) as number
      for (let i = 0; i < marks.length; i++) if (marks[i] === 1) (values as Float64Array)[i] = nothing
    }
    return { values, missing: marks }
  }

  /** Byte offset in the file of each of these samples; 0 for a sample of an omitted chunk. */
  async offsets(from: number, to: number): Promise<Float64Array> {
    const out = new Float64Array(to - from)
    for (const place of await this.map.places(from, to)) {
      if (place.at === 0) continue
      const data = place.at + CHUNK_SIZE + jls.PAYLOAD_HEADER_SIZE
      for (let id = Math.max(from, place.first); id < Math.min(to, place.first + place.count); id++) {
        out[id - from] = data + Math.floor(((id - place.first) * this.type.bits) / 8)
      }
    }
    return out
  }

  /** The same samples in double, NaN where missing. @param memory memory to reuse, for a caller that reads on in order */
  async numbers(from: number, to: number, memory?: Memory): Promise<Float64Array> {
    const { values, missing } = await this.samples(from, to, memory?.pages, memory?.values)
    const numbers = memory?.numbers.subarray(0, to - from) ?? new Float64Array(to - from)
    if (isBig(values)) for (let i = 0; i < numbers.length; i++) numbers[i] = Number(values[i])
    else numbers.set(values as Float64Array)
    if (missing !== null) for (let i = 0; i < numbers.length; i++) if (missing[i] === 1) numbers[i] = Number.NaN
    return numbers
  }

  /** Copies the samples `a` to `b` of a chunk. @returns the number copied */
  private copy(place: DataPlace, bytes: Uint8Array, a: number, b: number, into: Values, at: number): number {
    const samples = this.judge.samples(place, bytes)
    if (samples === null) return 0
    const count = Math.max(0, Math.min(b, samples.first + samples.count) - a)
    unpack(this.type, samples.packed, a - samples.first, count, into, at)
    return count
  }

  /** Samples of a chunk that was left out because all were equal: the mean of their entry. */
  private async omitted(a: number, b: number, into: Values, at: number): Promise<number> {
    const { samplesPerEntry } = this.signal.def
    const from = Math.floor((a - this.map.first) / samplesPerEntry)
    const to = Math.ceil((b - this.map.first) / samplesPerEntry)
    const out = new Float64Array((to - from) * ENTRY)
    const have = new Uint8Array(to - from)
    await this.entries.stored(1, from, to, out, have)
    let done = 0
    for (let id = a; id < b; id++) {
      const entry = Math.floor((id - this.map.first) / samplesPerEntry) - from
      if (have[entry] === 0) break
      const mean = out[entry * ENTRY] as number
      ;(into as Float64Array)[at + done++] = isFloat(this.type.wire) ? mean : Math.round(mean)
    }
    return done
  }
}

/** The places from `i` on that one read brings; a run of omitted ones has no bytes. */
function neighbours(places: readonly DataPlace[], i: number, type: DataType): { at: number; end: number; next: number } {
  const at = (places[i] as DataPlace).at
  let end = at
  let next = i
  for (; next < places.length; next++) {
    const place = places[next] as DataPlace
    if (place.at === 0 || at === 0) {
      if (place.at === at) continue
      break
    }
    const placeEnd = place.at + dataChunkSize(type, place.count)
    if (next > i && (place.at < end || place.at - end > READ_OVER || placeEnd - at > READ_AT_ONCE)) break
    end = placeEnd
  }
  return { at, end, next }
}

/** Finds which samples are missing; costs nothing as long as all are present and in order. */
class Missing {
  private holes: { from: number; to: number }[] = []
  private end = 0

  constructor(private readonly length: number) {}

  /** Marks samples `from` to `to` as present; places come in order but may overlap. */
  present(from: number, to: number): void {
    if (to <= this.end) return
    if (from > this.end) this.holes.push({ from: this.end, to: from })
    this.end = to
  }

  /** 1 for each missing sample; null if all are present. */
  marks(): Uint8Array | null {
    if (this.end < this.length) this.holes.push({ from: this.end, to: this.length })
    if (this.holes.length === 0) return null
    const marks = new Uint8Array(this.length)
    for (const { from, to } of this.holes) marks.fill(1, from, to)
    return marks
  }
}
