import * as jls from "../../../../shared/jls/layout.js"
import type { NumberValues, Values } from "../../../model/log.js"
import { isBig, newValues } from "../../../model/values.js"
import { isFloat } from "../../../model/wire.js"
import { CHUNK_SIZE, payloadView, writeOffset } from "../chunks/chunks.js"
import { columnOn, type DataType, isPlain, pack, packedSize } from "../chunks/datatype.js"
import type { SignalDef } from "../chunks/definitions.js"
import { chunkBuffer, writePayloadHeader } from "../chunks/emit.js"
import type { TrackWriter } from "../timed/track-writer.js"
import { ENTRY, summarise, summariseEntries } from "./summary.js"

const PAYLOAD_AT = CHUNK_SIZE + jls.PAYLOAD_HEADER_SIZE

/** How an FSR track is written. */
interface FsrWriterOptions {
  /** Writes byte for byte like the reference, with its half f64 summaries and its lost tails. */
  readonly reference: boolean
  /** Called with the ids of skipped samples before they are filled in. */
  readonly onGap: (first: number, samples: number) => void
}

/** A level's INDEX and SUMMARY as they fill. */
interface Level {
  /** Sample id of the first sample covered. */
  first: number
  offsets: number[]
  /** Rounded as they are stored. */
  readonly entries: Float32Array | Float64Array
  count: number
}

/**
 * Writes the samples of one signal and the summaries above them. Memory: one DATA chunk and one SUMMARY a level.
 * The file depends on the samples alone, not on how they were split into calls.
 */
export class FsrWriter {
  /** Samples so far, including those filled into gaps. */
  samples = 0
  private readonly chunk: Uint8Array
  /** The samples of the chunk; the chunk's own memory if they are not packed. */
  private readonly values: Values
  private readonly numbers: Float64Array
  private readonly fresh: Float64Array
  private readonly levels: Level[] = []
  private fill = 0
  private chunkFirst = 0
  private next: number | null = null
  /** Bit 0: constant chunks may be left out; bits above: that it was so for as many chunks before. */
  private omit = 0

  constructor(
    private readonly track: TrackWriter,
    private readonly def: SignalDef,
    private readonly type: DataType,
    private readonly options: FsrWriterOptions,
  ) {
    const { samplesPerData, samplesPerEntry } = def
    this.chunk = chunkBuffer(jls.PAYLOAD_HEADER_SIZE + packedSize(type.bits, samplesPerData))
    this.values = isPlain(type.bits)
      ? columnOn(type.wire, this.chunk.buffer, PAYLOAD_AT, samplesPerData)
      : newValues(type.wire, samplesPerData)
    this.numbers = new Float64Array(type.wire === "f32" ? 0 : samplesPerData)
    this.fresh = new Float64Array((samplesPerData / samplesPerEntry) * ENTRY)
  }

  /** Id of the next expected sample; null before the first. */
  get expected(): number | null {
    return this.next
  }

  /** Omits constant chunks of 1, 4 and 8-bit signals from now on; readers take them from the summary. */
  setOmit(enable: boolean): void {
    this.omit = enable ? this.omit | 1 : 0
  }

  /**
   * Appends samples with ids from `id` on. Skipped ids are filled with NaN or 0, and reported to `onGap`; of ids
   * that were written before, the old samples stay.
   */
  write(id: number, values: Values): void {
    if (values.length === 0) return
    if (this.next === null) this.chunkFirst = this.next = id
    if (id > this.next) {
      this.options.onGap(this.next, id - this.next)
      this.skip(id - this.next)
    }
    let from = this.next - id
    while (from < values.length) {
      const n = Math.min(values.length - from, this.def.samplesPerData - this.fill)
      ;(this.values as Float64Array).set((values as Float64Array).subarray(from, from + n), this.fill)
      this.advance(n)
      from += n
    }
  }

  /** Writes the rest: the last samples, and every level that has entries. */
  close(): void {
    if (this.fill > 0) this.flush()
    for (let n = 1; n < jls.LEVELS; n++) {
      const level = this.levels[n]
      if (level === undefined || level.offsets.length === 0) continue
      // The reference drops a level without a full entry, and with it the chunks below from its tree.
      const linked = !this.options.reference && (level.offsets.length > 1 || this.track.has(n))
      if (level.count > 0 || linked) this.emit(n)
    }
  }

  private skip(samples: number): void {
    const fill = isFloat(this.type.wire) ? Number.NaN : isBig(this.values) ? 0n : 0
    for (let left = samples; left > 0; ) {
      const n = Math.min(left, this.def.samplesPerData - this.fill)
      ;(this.values as Float64Array).fill(fill as number, this.fill, this.fill + n)
      this.advance(n)
      left -= n
    }
  }

  private advance(n: number): void {
    this.fill += n
    this.samples += n
    this.next = (this.next as number) + n
    if (this.fill === this.def.samplesPerData) this.flush()
  }

  /** Writes or omits the DATA chunk, and feeds level 1. */
  private flush(): void {
    const count = this.fill
    const entries = Math.floor(count / this.def.samplesPerEntry)
    this.summarise(entries)
    const at = this.mayOmit(count) ? 0 : this.writeData(count)
    this.omit = ((this.omit << 1) | (this.omit & 1)) & 255
    this.add(1, this.chunkFirst, at, this.fresh, entries)
    this.chunkFirst += count
    this.fill = 0
  }

  private writeData(count: number): number {
    const { bits } = this.type
    if (!isPlain(bits)) pack(this.type, this.values, count, this.chunk.subarray(PAYLOAD_AT))
    writePayloadHeader(payloadView(this.chunk), CHUNK_SIZE, BigInt(this.chunkFirst), count, bits)
    return this.track.writeData(this.chunk, jls.PAYLOAD_HEADER_SIZE + packedSize(bits, count))
  }

  private mayOmit(count: number): boolean {
    if (this.omit <= 1 || this.type.bits > 8 || count < this.def.samplesPerData || !this.track.has(0)) return false
    const values = this.values as Uint8Array
    for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false
    return true
  }

  private summarise(entries: number): void {
    const { samplesPerEntry } = this.def
    if (this.type.wire === "f32") {
      summarise(this.values as Float32Array, entries, samplesPerEntry, this.fresh)
      return
    }
    const { values, numbers } = this
    if (isBig(values)) for (let i = 0; i < this.fill; i++) numbers[i] = Number(values[i])
    else numbers.set(values as NumberValues)
    summarise(numbers, entries, samplesPerEntry, this.fresh)
  }

  /** Adds an offset and entries, rounded as they will be stored, to a level; writes the level when it is full. */
  private add(n: number, first: number, at: number, entries: Float64Array, count: number): void {
    if (n >= jls.LEVELS) return
    const level = (this.levels[n] ??= this.level(first))
    if (level.offsets.length === 0) level.first = first
    level.offsets.push(at)
    level.entries.set(entries.subarray(0, count * ENTRY), level.count * ENTRY)
    level.count += count
    if (level.count === this.def.entriesPerSummary) this.emit(n)
  }

  private emit(n: number): void {
    const level = this.levels[n] as Level
    const { first, offsets, count, entries } = level
    const at = this.track.writeLevel(n, indexPayload(first, offsets), this.summaryPayload(first, count, entries))
    const { entriesPerEntry } = this.def
    const above = Math.floor(count / entriesPerEntry)
    const reduced = new Float64Array(above * ENTRY)
    summariseEntries(entries, above, entriesPerEntry, reduced)
    level.offsets = []
    level.count = 0
    this.add(n + 1, first, at, reduced, above)
  }

  private level(first: number): Level {
    const numbers = this.def.entriesPerSummary * ENTRY
    return { first, offsets: [], entries: this.type.summaryBytes === 4 ? new Float32Array(numbers) : new Float64Array(numbers), count: 0 }
  }

  private summaryPayload(first: number, count: number, entries: Level["entries"]): Uint8Array {
    const size = count * ENTRY * entries.BYTES_PER_ELEMENT
    const payload = new Uint8Array(jls.PAYLOAD_HEADER_SIZE + size)
    writePayloadHeader(payloadView(payload), 0, BigInt(first), count, ENTRY * entries.BYTES_PER_ELEMENT * 8)
    payload.set(new Uint8Array(entries.buffer, 0, size), jls.PAYLOAD_HEADER_SIZE)
    const isHalf = this.options.reference && entries.BYTES_PER_ELEMENT === 8
    return isHalf ? payload.subarray(0, jls.PAYLOAD_HEADER_SIZE + size / 2) : payload
  }
}

function indexPayload(first: number, offsets: readonly number[]): Uint8Array {
  const payload = new Uint8Array(jls.PAYLOAD_HEADER_SIZE + offsets.length * 8)
  const view = payloadView(payload)
  writePayloadHeader(view, 0, BigInt(first), offsets.length, 64)
  for (const [i, at] of offsets.entries()) writeOffset(view, jls.PAYLOAD_HEADER_SIZE + i * 8, at)
  return payload
}
