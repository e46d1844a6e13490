import * as jls from "../../../shared/jls/layout.js"
import type { Issue, Values } from "../../log.js"
import type { Source } from "../../source.js"
import { isBig, newValues } from "../../values.js"
import {
  BadChunk,
  CHUNK_SIZE,
  type ChunkReader,
  parseHeader,
  parsePayloadHeader,
  payloadOnDisk,
  payloadView,
  soundPayload,
  trackTag,
} from "./chunks.js"
import { type DataType, packedSize, unpack } from "./datatype.js"
import { type DataPlace, entrySpan, type FsrMap, issue, type Signal } from "./structure.js"
import { ENTRY, summarise, summariseEntries } from "./summary.js"

/** Samples of a signal: raw values, and 1 where the file has none (null when it has all). */
export interface Samples {
  readonly values: Values
  readonly missing: Uint8Array | null
}

/** Bytes read at once for neighbouring DATA chunks. */
const READ_AT_ONCE = 512 * 1024
/** Bytes between two DATA chunks that are rather read than skipped. */
const READ_OVER = 64 * 1024
/** Samples held while entries are computed that the file does not have. */
const COMPUTE_AT_ONCE = 65536

/** Reads samples and summary entries of one FSR signal. Chunks that cannot be used become issues and missing samples. */
export class FsrReader {
  private readonly type: DataType
  private readonly reported = new Set<number>()
  private trusted: Promise<boolean> | null = null

  constructor(
    private readonly reader: ChunkReader,
    readonly signal: Signal,
    readonly map: FsrMap,
    private readonly report: (issue: Issue) => void,
  ) {
    this.type = signal.type as DataType
  }

  /**
   * Samples with ids `from` to `to`, which must lie within the map.
   * @param source where DATA chunks are read: pages for one who reads on and on
   * @throws BadChunk when the map itself is broken
   */
  async samples(from: number, to: number, source: Pick<Source, "read"> = this.reader.source): Promise<Samples> {
    const values = newValues(this.type.wire, to - from)
    const missing = new Missing(to - from)
    const places = await this.map.places(from, to)
    for (let i = 0; i < places.length; ) {
      const run = neighbours(places, i, this.type)
      const bytes = run.end === run.at ? null : await source.read(run.at, run.end - run.at)
      for (; i < run.next; i++) {
        const place = places[i] as DataPlace
        const a = Math.max(from, place.first)
        const b = Math.min(to, place.first + place.count)
        const done = bytes === null ? await this.omitted(a, b, values, a - from) : this.stored(place, run.at, bytes, a, b, values, a - from)
        missing.present(a - from, a - from + done)
      }
    }
    const marks = missing.marks()
    if (marks !== null && this.type.wire.startsWith("f")) {
      for (let i = 0; i < marks.length; i++) if (marks[i] === 1) (values as Float64Array)[i] = Number.NaN
    }
    return { values, missing: marks }
  }

  /** Byte offset in the file of each of these samples; that of the summary's signal start for one that was left out. */
  async offsets(from: number, to: number): Promise<Float64Array> {
    const out = new Float64Array(to - from)
    for (const place of await this.map.places(from, to)) {
      const data = place.at === 0 ? 0 : place.at + CHUNK_SIZE + jls.PAYLOAD_HEADER_SIZE
      for (let id = Math.max(from, place.first); id < Math.min(to, place.first + place.count); id++) {
        out[id - from] = data + Math.floor(((id - place.first) * this.type.bits) / 8)
      }
    }
    return out
  }

  /** The same samples in double, NaN where missing. */
  async numbers(from: number, to: number): Promise<Float64Array> {
    const { values, missing } = await this.samples(from, to)
    const numbers = new Float64Array(to - from)
    if (isBig(values)) for (let i = 0; i < numbers.length; i++) numbers[i] = Number(values[i])
    else numbers.set(values as Float64Array)
    if (missing !== null) for (let i = 0; i < numbers.length; i++) if (missing[i] === 1) numbers[i] = Number.NaN
    return numbers
  }

  /**
   * Entries `from` to `to` of a level, counted from the signal's first sample: mean, std, min, max each. What the file
   * has no usable SUMMARY for is computed from the level below.
   */
  async entries(level: number, from: number, to: number): Promise<Float64Array> {
    const out = new Float64Array((to - from) * ENTRY)
    const have = new Uint8Array(to - from)
    if (this.type.bits !== 24 || (await this.summariesAreTrue())) await this.storedEntries(level, from, to, out, have)
    for (let i = have.indexOf(0); i >= 0; i = have.indexOf(0, i)) {
      const most = Math.max(
        1,
        Math.floor(COMPUTE_AT_ONCE / (level === 1 ? this.signal.def.samplesPerEntry : this.signal.def.entriesPerEntry)),
      )
      const next = have.indexOf(1, i)
      const end = Math.min(next < 0 ? have.length : next, i + most)
      await this.computeEntries(level, from + i, from + end, out, i * ENTRY)
      have.fill(1, i, end)
    }
    return out
  }

  /** Copies the samples `a` to `b` of a DATA chunk within `bytes`. @returns how many it had */
  private stored(place: DataPlace, bytesAt: number, bytes: Uint8Array, a: number, b: number, into: Values, at: number): number {
    const chunk = bytes.subarray(place.at - bytesAt)
    const header = parseHeader(chunk, place.at)
    const data = trackTag(jls.TRACK_FSR, jls.KIND_DATA)
    if (header !== null && (header.tag !== data || header.meta !== this.signal.def.id)) return this.bad("bad-link", place, "no DATA chunk")
    // The index says how long a chunk is: with a sound payload it does not need its header.
    const length = header?.length ?? jls.PAYLOAD_HEADER_SIZE + packedSize(this.type.bits, place.count)
    const onDisk = payloadOnDisk(length)
    if (chunk.length < CHUNK_SIZE + onDisk) return this.bad("truncated", place, "is longer than expected, or the file ends within it")
    const payload = soundPayload(chunk.subarray(CHUNK_SIZE, CHUNK_SIZE + onDisk), length)
    if (payload === null) return this.bad(header === null ? "bad-header" : "bad-payload", place, "CRC is wrong")
    if (header === null) {
      const text = `DATA chunk at byte ${place.at}: header CRC is wrong; its samples are sound`
      this.note(issue("bad-header", "warning", place.at, CHUNK_SIZE, this.signal.def.name, text))
    }
    const head = parsePayloadHeader(payload)
    const { bits } = this.type
    if (head === null || head.first !== place.first || payload.length < jls.PAYLOAD_HEADER_SIZE + packedSize(bits, head.count)) {
      return this.bad("bad-payload", place, `holds other samples than expected`)
    }
    const count = Math.max(0, Math.min(b, head.first + head.count) - a)
    unpack(this.type, payload.subarray(jls.PAYLOAD_HEADER_SIZE), a - head.first, count, into, at)
    return count
  }

  /** Samples of a chunk that was left out because all were equal: the mean of their entry. */
  private async omitted(a: number, b: number, into: Values, at: number): Promise<number> {
    const { samplesPerEntry } = this.signal.def
    const from = Math.floor((a - this.map.first) / samplesPerEntry)
    const to = Math.ceil((b - this.map.first) / samplesPerEntry)
    const out = new Float64Array((to - from) * ENTRY)
    const have = new Uint8Array(to - from)
    await this.storedEntries(1, from, to, out, have)
    let done = 0
    for (let id = a; id < b; id++) {
      const entry = Math.floor((id - this.map.first) / samplesPerEntry) - from
      if (have[entry] === 0) break
      const mean = out[entry * ENTRY] as number
      ;(into as Float64Array)[at + done++] = this.type.wire.startsWith("f") ? mean : Math.round(mean)
    }
    return done
  }

  /** Copies the entries that the file has into `out`, and sets `have` to 1 for each. */
  async storedEntries(level: number, from: number, to: number, out: Float64Array, have: Uint8Array): Promise<void> {
    const { def } = this.signal
    const span = entrySpan(def, level)
    const { first } = this.map
    const width = this.type.summaryBytes
    for (const place of await this.map.summaries(level, first + from * span, first + to * span)) {
      const start = (place.first - first) / span - from
      const payload = await this.summaryPayload(level, place.at)
      const head = payload === null ? null : parsePayloadHeader(payload)
      if (payload === null || head === null || head.first !== place.first || head.bits !== width * 32 || !Number.isInteger(start)) continue
      // The reference leaves out the second half of f64 entries.
      const count = Math.min(head.count, Math.floor((payload.length - jls.PAYLOAD_HEADER_SIZE) / (width * ENTRY)))
      const view = payloadView(payload)
      const a = Math.max(0, start)
      const b = Math.min(have.length, start + count)
      for (let i = a * ENTRY, p = jls.PAYLOAD_HEADER_SIZE + (a - start) * ENTRY * width; i < b * ENTRY; i++, p += width) {
        out[i] = width === 4 ? view.getFloat32(p, true) : view.getFloat64(p, true)
      }
      if (b > a) have.fill(1, a, b)
    }
  }

  private async summaryPayload(level: number, at: number): Promise<Uint8Array | null> {
    const { id, entriesPerSummary } = this.signal.def
    const meta = id | (level << jls.META_LEVEL_SHIFT)
    const size = CHUNK_SIZE + payloadOnDisk(jls.PAYLOAD_HEADER_SIZE + entriesPerSummary * ENTRY * this.type.summaryBytes)
    try {
      return (await this.reader.expect(at, trackTag(jls.TRACK_FSR, jls.KIND_SUMMARY), meta, Math.min(size, 65536))).payload
    } catch (error) {
      if (!(error instanceof BadChunk)) throw error
      this.note(issue(error.kind, "warning", error.at, error.length, this.signal.def.name, `${error.message}; summary computed from below`))
      return null
    }
  }

  /** Entries as they follow from the level below, rounded as they would be stored. */
  async computeEntries(level: number, from: number, to: number, out: Float64Array, outAt: number): Promise<void> {
    const { samplesPerEntry, entriesPerEntry } = this.signal.def
    if (level === 1) {
      const { first } = this.map
      summarise(await this.numbers(first + from * samplesPerEntry, first + to * samplesPerEntry), to - from, samplesPerEntry, out, outAt)
    } else {
      const lower = await this.entries(level - 1, from * entriesPerEntry, to * entriesPerEntry)
      summariseEntries(lower, to - from, entriesPerEntry, out, outAt)
    }
    if (this.type.summaryBytes === 4) for (let i = outAt; i < outAt + (to - from) * ENTRY; i++) out[i] = Math.fround(out[i] as number)
  }

  /** The reference writes summaries of 24-bit signals from memory that it never filled: the first entry tells. */
  private summariesAreTrue(): Promise<boolean> {
    this.trusted ??= this.compareFirstEntry()
    return this.trusted
  }

  private async compareFirstEntry(): Promise<boolean> {
    if (this.map.end - this.map.first < this.signal.def.samplesPerEntry) return false
    const stored = new Float64Array(ENTRY)
    const have = new Uint8Array(1)
    await this.storedEntries(1, 0, 1, stored, have)
    const computed = new Float64Array(ENTRY)
    await this.computeEntries(1, 0, 1, computed, 0)
    const same = have[0] === 1 && computed.every((value, i) => Object.is(value, stored[i]))
    if (!same)
      this.note(issue("bad-summary", "warning", -1, 0, this.signal.def.name, "stored summaries do not fit the samples; computed anew"))
    return same
  }

  private bad(kind: BadChunk["kind"], place: DataPlace, text: string): number {
    const ids = `samples ${place.first} to ${place.first + place.count}`
    const size = CHUNK_SIZE + payloadOnDisk(jls.PAYLOAD_HEADER_SIZE + packedSize(this.type.bits, place.count))
    this.note(issue(kind, "error", place.at, size, this.signal.def.name, `DATA chunk at byte ${place.at}: ${text}; ${ids} are lost`))
    return 0
  }

  private note(found: Issue): void {
    if (this.reported.has(found.at)) return
    this.reported.add(found.at)
    this.report(found)
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
    const placeEnd = place.at + CHUNK_SIZE + payloadOnDisk(jls.PAYLOAD_HEADER_SIZE + packedSize(type.bits, place.count))
    if (next > i && (place.at < end || place.at - end > READ_OVER || placeEnd - at > READ_AT_ONCE)) break
    end = placeEnd
  }
  return { at, end, next }
}

/** Which of some samples are not there; costs nothing while all are, in order. */
class Missing {
  private holes: { from: number; to: number }[] = []
  private end = 0

  constructor(private readonly length: number) {}

  /** Samples `from` to `to` are there; places come in order but may overlap. */
  present(from: number, to: number): void {
    if (to <= this.end) return
    if (from > this.end) this.holes.push({ from: this.end, to: from })
    this.end = to
  }

  /** 1 for each sample that is not there; null when all are. */
  marks(): Uint8Array | null {
    if (this.end < this.length) this.holes.push({ from: this.end, to: this.length })
    if (this.holes.length === 0) return null
    const marks = new Uint8Array(this.length)
    for (const { from, to } of this.holes) marks.fill(1, from, to)
    return marks
  }
}
