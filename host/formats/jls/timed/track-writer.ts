import * as jls from "../../../../shared/jls/layout.js"
import { payloadView, trackTag } from "../chunks/chunks.js"
import { type ChunkWriter, List } from "../chunks/emit.js"

/** What all tracks of a signal share: the lists of their chunks, and HEAD, which knows where each list starts. */
export class TrackWriter {
  private readonly headAt: number
  private readonly head = new Uint8Array(jls.LEVELS * 8)
  private readonly data = new List()
  private readonly indexes = Array.from({ length: jls.LEVELS }, () => new List())
  private readonly summaries = Array.from({ length: jls.LEVELS }, () => new List())

  /** Writes the track's DEF and HEAD. @param definitions the list of all signals' definitions */
  constructor(
    private readonly chunks: ChunkWriter,
    private readonly track: number,
    private readonly signal: number,
    definitions: List,
  ) {
    chunks.write(trackTag(track, jls.KIND_DEF), signal, new Uint8Array(0), definitions)
    this.headAt = chunks.write(trackTag(track, jls.KIND_HEAD), signal, this.head, definitions)
  }

  /** Writes a DATA chunk out of a buffer of `chunkBuffer`. @returns its offset */
  writeData(chunk: Uint8Array, length: number): number {
    const at = this.chunks.writeChunk(trackTag(this.track, jls.KIND_DATA), this.signal, chunk, length, this.data)
    this.starts(0, at)
    return at
  }

  /** Writes INDEX and SUMMARY of a level. @returns the INDEX's offset */
  writeLevel(level: number, index: Uint8Array, summary: Uint8Array): number {
    const meta = this.signal | (level << jls.META_LEVEL_SHIFT)
    const at = this.chunks.write(trackTag(this.track, jls.KIND_INDEX), meta, index, this.indexes[level] as List)
    this.starts(level, at)
    this.chunks.write(trackTag(this.track, jls.KIND_SUMMARY), meta, summary, this.summaries[level] as List)
    return at
  }

  /** True once a chunk of this level, or DATA for level 0, is written. */
  has(level: number): boolean {
    return payloadView(this.head).getBigUint64(level * 8, true) !== 0n
  }

  private starts(level: number, at: number): void {
    if (this.has(level)) return
    payloadView(this.head).setBigUint64(level * 8, BigInt(at), true)
    this.chunks.rewritePayload(this.headAt, this.head)
  }
}
