import * as jls from "../../../../shared/jls/layout.js"
import { crc32c } from "../../../bytes/crc32c.js"
import { writeRecord } from "../../../bytes/layout.js"
import type { Sink } from "../../../bytes/sink.js"
import { CHUNK_SIZE, type ChunkHeader, payloadOnDisk, payloadView, writeHeader } from "./chunks.js"

/** A list of chunks that is being written: its last member is patched when the next one comes. */
export class List {
  last: ChunkHeader | null = null
}

/** Writes chunks one behind the other and links them into their lists. */
export class ChunkWriter {
  private readonly patchBytes = new Uint8Array(CHUNK_SIZE)
  private previousLength = 0

  constructor(private readonly sink: Sink) {
    sink.write(fileHeaderBytes(0))
  }

  /** Writes a chunk. @returns its offset */
  write(tag: number, meta: number, payload: Uint8Array, list: List | null): number {
    const chunk = chunkBuffer(payload.length)
    chunk.set(payload, CHUNK_SIZE)
    return this.writeChunk(tag, meta, chunk, payload.length, list)
  }

  /** Writes a chunk whose payload lies in a buffer of `chunkBuffer`, behind the room for the header. @returns its offset */
  writeChunk(tag: number, meta: number, chunk: Uint8Array, length: number, list: List | null): number {
    const at = this.sink.size
    const previous = list?.last ?? null
    const header = { at, next: 0, previous: previous?.at ?? 0, tag, meta, length, previousLength: this.previousLength }
    writeHeader(chunk, header)
    const end = CHUNK_SIZE + payloadOnDisk(length)
    if (length > 0) {
      chunk.fill(0, CHUNK_SIZE + length, end)
      payloadView(chunk).setUint32(end - 4, crc32c(chunk.subarray(CHUNK_SIZE, CHUNK_SIZE + length)), true)
      this.previousLength = length
    }
    this.sink.write(chunk.subarray(0, end))
    if (previous !== null) {
      previous.next = at
      this.rewrite(previous)
    }
    if (list !== null) list.last = header
    return at
  }

  /** Overwrites a header in place. */
  rewrite(header: ChunkHeader): void {
    writeHeader(this.patchBytes, header)
    this.sink.patch(header.at, this.patchBytes)
  }

  /** Overwrites a payload in place with one of the same length; the header stays. */
  rewritePayload(at: number, payload: Uint8Array): void {
    const bytes = new Uint8Array(payloadOnDisk(payload.length))
    bytes.set(payload)
    payloadView(bytes).setUint32(bytes.length - 4, crc32c(payload), true)
    this.sink.patch(at + CHUNK_SIZE, bytes)
  }

  /** Writes END and the length into the file header. */
  close(): void {
    this.write(jls.TAG_END, 0, new Uint8Array(0), null)
    this.sink.patch(0, fileHeaderBytes(this.sink.size))
  }
}

/** Room for a chunk with a payload of up to `length` bytes. */
export function chunkBuffer(length: number): Uint8Array {
  return new Uint8Array(CHUNK_SIZE + payloadOnDisk(length))
}

/** Writes timestamp, count and entry size of DATA, INDEX and SUMMARY. */
export function writePayloadHeader(view: DataView, at: number, timestamp: bigint, count: number, bits: number): void {
  writeRecord(jls.payloadHeader, view, at, { timestamp, count, bits, reserved: 0 })
}

function fileHeaderBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(jls.FILE_HEADER_SIZE)
  const view = payloadView(bytes)
  writeRecord(jls.fileHeader, view, 0, { signature: Uint8Array.from(jls.SIGNATURE), length: BigInt(length), version: jls.VERSION })
  writeRecord(jls.fileHeader, view, 0, { crc: crc32c(bytes.subarray(0, jls.fileHeader.fields.crc.at)) })
  return bytes
}
