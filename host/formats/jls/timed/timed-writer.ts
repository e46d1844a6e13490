import * as jls from "../../../../shared/jls/layout.js"
import { writeRecord } from "../../../bytes/layout.js"
import { CHUNK_SIZE, payloadView } from "../chunks/chunks.js"
import { chunkBuffer, writePayloadHeader } from "../chunks/emit.js"
import type { JlsAnnotation, JlsUtc } from "./timed.js"
import type { TrackWriter } from "./track-writer.js"

/** Bytes of an entry, in INDEX and SUMMARY alike. */
const ENTRY_SIZE = 16

interface Level {
  readonly index: { timestamp: bigint; at: number }[]
  readonly summary: Uint8Array[]
}

/** Writes a track of UTC pairs or annotations: a DATA chunk for each, and the tree above them. */
export class TimedWriter {
  private readonly levels: Level[] = []

  /** @param perIndex entries of a full INDEX */
  constructor(
    private readonly track: TrackWriter,
    private readonly perIndex: number,
  ) {}

  utc({ sample, utc }: JlsUtc): void {
    const length = jls.PAYLOAD_HEADER_SIZE + 8
    const chunk = chunkBuffer(length)
    const view = payloadView(chunk)
    writePayloadHeader(view, CHUNK_SIZE, BigInt(sample), 1, 64)
    view.setBigInt64(CHUNK_SIZE + jls.PAYLOAD_HEADER_SIZE, utc, true)
    const entry = new Uint8Array(ENTRY_SIZE)
    writeRecord(jls.utcSummaryEntry, payloadView(entry), 0, { sample: BigInt(sample), utc })
    this.add(1, BigInt(sample), this.track.writeData(chunk, length), entry)
  }

  annotation({ timestamp, type, storage, group, y, data }: JlsAnnotation): void {
    // Text is closed by a zero, which counts, and a unit separator, which does not.
    const closing = storage === jls.STORAGE_BINARY ? [] : jls.STRING_END
    const size = data.length + Math.min(1, closing.length)
    const length = jls.annotationData.size + data.length + closing.length
    const chunk = chunkBuffer(length)
    writeRecord(jls.annotationData, payloadView(chunk), CHUNK_SIZE, { timestamp, count: 1, type, storage, group, y, size })
    chunk.set(data, CHUNK_SIZE + jls.annotationData.size)
    chunk.set(closing, CHUNK_SIZE + jls.annotationData.size + data.length)
    const entry = new Uint8Array(ENTRY_SIZE)
    writeRecord(jls.annotationSummaryEntry, payloadView(entry), 0, { timestamp, type, group, y })
    this.add(1, timestamp, this.track.writeData(chunk, length), entry)
  }

  /** Writes every level that has entries. What they pass up goes to the INDEX alone, and founds no new level. */
  close(): void {
    for (let n = 1; n < jls.LEVELS; n++) {
      const level = this.levels[n]
      if (level === undefined || level.index.length === 0) continue
      const { timestamp, at } = this.write(n, level)
      this.levels[n + 1]?.index.push({ timestamp, at })
    }
  }

  private add(n: number, timestamp: bigint, at: number, entry: Uint8Array): void {
    if (n >= jls.LEVELS) return
    const level = (this.levels[n] ??= { index: [], summary: [] })
    level.index.push({ timestamp, at })
    level.summary.push(entry)
    if (level.index.length < this.perIndex) return
    const first = level.summary[0] as Uint8Array
    const above = this.write(n, level)
    this.add(n + 1, above.timestamp, above.at, first)
  }

  private write(n: number, level: Level): { timestamp: bigint; at: number } {
    const { timestamp } = level.index[0] as Level["index"][number]
    const index = new Uint8Array(jls.PAYLOAD_HEADER_SIZE + level.index.length * ENTRY_SIZE)
    writePayloadHeader(payloadView(index), 0, timestamp, level.index.length, ENTRY_SIZE * 8)
    for (const [i, entry] of level.index.entries()) {
      const to = jls.PAYLOAD_HEADER_SIZE + i * ENTRY_SIZE
      writeRecord(jls.timedIndexEntry, payloadView(index), to, { timestamp: entry.timestamp, at: BigInt(entry.at) })
    }
    const summary = new Uint8Array(jls.PAYLOAD_HEADER_SIZE + level.summary.length * ENTRY_SIZE)
    writePayloadHeader(payloadView(summary), 0, timestamp, level.summary.length, ENTRY_SIZE * 8)
    for (const [i, entry] of level.summary.entries()) summary.set(entry, jls.PAYLOAD_HEADER_SIZE + i * ENTRY_SIZE)
    const at = this.track.writeLevel(n, index, summary)
    level.index.length = 0
    level.summary.length = 0
    return { timestamp, at }
  }
}
