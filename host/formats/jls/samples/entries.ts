import * as jls from "../../../../shared/jls/layout.js"
import { issue } from "../../../model/issues.js"
import type { Issue } from "../../../model/log.js"
import { BadChunk, CHUNK_SIZE, type ChunkReader, parsePayloadHeader, payloadOnDisk, payloadView, trackTag } from "../chunks/chunks.js"
import type { DataType } from "../chunks/datatype.js"
import { entrySpan, type FsrMap, type Signal } from "../chunks/structure.js"
import { ENTRY, summarise, summariseEntries } from "./summary.js"

/** Samples held while entries that the file lacks are computed. */
const COMPUTE_AT_ONCE = 65536
/** Most bytes that a read takes of a SUMMARY before it knows how long it is. */
const AHEAD = 65536

/** Reads the summary entries of one FSR signal: stored ones, or, if the file has no usable ones, entries computed from the level below. */
export class Entries {
  private readonly type: DataType
  private trusted: Promise<boolean> | null = null

  /** @param numbers gives samples in double, NaN where missing */
  constructor(
    private readonly reader: ChunkReader,
    private readonly signal: Signal,
    private readonly map: FsrMap,
    private readonly numbers: (from: number, to: number) => Promise<Float64Array>,
    private readonly note: (issue: Issue) => void,
  ) {
    this.type = signal.type as DataType
  }

  /** Entries `from` to `to` of a level, counted from the signal's first sample: mean, std, min, max each. */
  async read(level: number, from: number, to: number): Promise<Float64Array> {
    const { samplesPerEntry, entriesPerEntry } = this.signal.def
    const out = new Float64Array((to - from) * ENTRY)
    const have = new Uint8Array(to - from)
    if (this.type.bits !== 24 || (await this.storedAreTrue())) await this.stored(level, from, to, out, have)
    const most = Math.max(1, Math.floor(COMPUTE_AT_ONCE / (level === 1 ? samplesPerEntry : entriesPerEntry)))
    for (let i = have.indexOf(0); i >= 0; i = have.indexOf(0, i)) {
      const next = have.indexOf(1, i)
      const end = Math.min(next < 0 ? have.length : next, i + most)
      await this.computed(level, from + i, from + end, out, i * ENTRY)
      have.fill(1, i, end)
    }
    return out
  }

  /** Copies the stored entries into `out`, and sets `have` to 1 for each. */
  async stored(level: number, from: number, to: number, out: Float64Array, have: Uint8Array): Promise<void> {
    const span = entrySpan(this.signal.def, level)
    const { first } = this.map
    const width = this.type.summaryBytes
    for (const place of await this.map.summaries(level, first + from * span, first + to * span)) {
      const start = (place.first - first) / span - from
      const payload = await this.payload(level, place.at)
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

  /** Computes entries into `out` from the level below, rounded as they would be stored. */
  async computed(level: number, from: number, to: number, out: Float64Array, outAt: number): Promise<void> {
    const { samplesPerEntry, entriesPerEntry } = this.signal.def
    if (level === 1) {
      const { first } = this.map
      summarise(await this.numbers(first + from * samplesPerEntry, first + to * samplesPerEntry), to - from, samplesPerEntry, out, outAt)
    } else {
      summariseEntries(await this.read(level - 1, from * entriesPerEntry, to * entriesPerEntry), to - from, entriesPerEntry, out, outAt)
    }
    if (this.type.summaryBytes === 4) for (let i = outAt; i < outAt + (to - from) * ENTRY; i++) out[i] = Math.fround(out[i] as number)
  }

  private async payload(level: number, at: number): Promise<Uint8Array | null> {
    const { entriesPerSummary, name } = this.signal.def
    const meta = this.signal.stored | (level << jls.META_LEVEL_SHIFT)
    const size = CHUNK_SIZE + payloadOnDisk(jls.PAYLOAD_HEADER_SIZE + entriesPerSummary * ENTRY * this.type.summaryBytes)
    try {
      return (await this.reader.expect(at, trackTag(jls.TRACK_FSR, jls.KIND_SUMMARY), meta, Math.min(size, AHEAD))).payload
    } catch (error) {
      if (!(error instanceof BadChunk)) throw error
      this.note(
        issue(error.kind, "warning", `${error.message}; summary computed from below`, { at: error.at, length: error.length, group: name }),
      )
      return null
    }
  }

  /** The reference writes summaries of 24-bit signals from memory that it never filled: the first entry shows it. */
  private storedAreTrue(): Promise<boolean> {
    this.trusted ??= this.compareFirst()
    return this.trusted
  }

  private async compareFirst(): Promise<boolean> {
    if (this.map.end - this.map.first < this.signal.def.samplesPerEntry) return false
    const stored = new Float64Array(ENTRY)
    const have = new Uint8Array(1)
    await this.stored(1, 0, 1, stored, have)
    const computed = new Float64Array(ENTRY)
    await this.computed(1, 0, 1, computed, 0)
    const same = have[0] === 1 && computed.every((value, i) => Object.is(value, stored[i]))
    if (!same)
      this.note(issue("bad-summary", "warning", "stored summaries do not fit the samples; computed anew", { group: this.signal.def.name }))
    return same
  }
}
