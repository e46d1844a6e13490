import * as jls from "../../../../shared/jls/layout.js"
import { crc32c } from "../../../bytes/crc32c.js"
import type { Source } from "../../../bytes/source.js"
import { FormatError } from "../../../model/errors.js"

/** A chunk header as it stands in the file. Offsets are file positions, exact below 2^53. */
export interface ChunkHeader {
  readonly at: number
  next: number
  readonly previous: number
  readonly tag: number
  readonly meta: number
  /** Bytes of payload. */
  readonly length: number
  readonly previousLength: number
}

/** A whole chunk with a sound header and a sound payload. */
export interface JlsChunk {
  readonly header: ChunkHeader
  readonly payload: Uint8Array
}

/** Longest payload that is held in memory. */
export const MAX_PAYLOAD = 32 * 1024 * 1024

/** A chunk that cannot be used. `length`: bytes concerned. */
export class BadChunk extends FormatError {
  override name = "BadChunk"

  constructor(
    readonly kind: "bad-header" | "bad-payload" | "truncated" | "too-long" | "bad-link",
    message: string,
    override readonly at: number,
    readonly length: number,
  ) {
    super(message, { format: "jls", at })
  }
}

const H = jls.chunkHeader.fields
/** Bytes of a chunk header. */
export const CHUNK_SIZE = jls.CHUNK_HEADER_SIZE
const SIZE = CHUNK_SIZE
/** Bytes that a read takes beside what was asked for, so that a list of small chunks costs one read. */
const AHEAD = 2048

/** Bytes of a payload on disk: padding and CRC included. */
export function payloadOnDisk(length: number): number {
  return length === 0 ? 0 : Math.ceil((length + 4) / jls.ALIGN) * jls.ALIGN
}

/** Offset of the byte behind a chunk. */
export function chunkEnd(header: ChunkHeader): number {
  return header.at + SIZE + payloadOnDisk(header.length)
}

/** Tag of a track's chunk. */
export function trackTag(track: number, kind: number): number {
  return jls.TAG_TRACK + track * 8 + kind
}

/** Reads the header in the first 32 bytes. @returns null when the CRC does not fit or a field is impossible */
export function parseHeader(bytes: Uint8Array, at: number): ChunkHeader | null {
  if (bytes.length < SIZE) return null
  const crc = new DataView(bytes.buffer, bytes.byteOffset, SIZE).getUint32(H.crc.at, true)
  return crc === crc32c(bytes.subarray(0, jls.HEADER_CRC_AT)) ? headerFields(bytes, at) : null
}

/** The header's fields without a look at its CRC. @returns null when an offset is impossible */
export function headerFields(bytes: Uint8Array, at: number): ChunkHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, SIZE)
  const next = readOffset(view, H.next.at)
  const previous = readOffset(view, H.previous.at)
  if (next < 0 || previous < 0) return null
  return {
    at,
    next,
    previous,
    tag: view.getUint8(H.tag.at),
    meta: view.getUint16(H.meta.at, true),
    length: view.getUint32(H.length.at, true),
    previousLength: view.getUint32(H.previousLength.at, true),
  }
}

/** Writes a header with its CRC into the first 32 bytes. */
export function writeHeader(bytes: Uint8Array, header: ChunkHeader): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, SIZE)
  writeOffset(view, H.next.at, header.next)
  writeOffset(view, H.previous.at, header.previous)
  view.setUint8(H.tag.at, header.tag)
  view.setUint8(H.reserved.at, 0)
  view.setUint16(H.meta.at, header.meta, true)
  view.setUint32(H.length.at, header.length, true)
  view.setUint32(H.previousLength.at, header.previousLength, true)
  view.setUint32(H.crc.at, crc32c(bytes.subarray(0, jls.HEADER_CRC_AT)), true)
}

/** A 64-bit file offset as a number; -1 when it is beyond 2^53. */
export function readOffset(view: DataView, at: number): number {
  const high = view.getUint32(at + 4, true)
  return high >= 0x200000 ? -1 : high * 0x100000000 + view.getUint32(at, true)
}

/** Writes a file offset in 64 bits. */
export function writeOffset(view: DataView, at: number, offset: number): void {
  view.setUint32(at, offset % 0x100000000, true)
  view.setUint32(at + 4, Math.floor(offset / 0x100000000), true)
}

/** A 64-bit sample id as a number; NaN when it is beyond 2^53. */
function readId(view: DataView, at: number): number {
  const id = view.getInt32(at + 4, true) * 0x100000000 + view.getUint32(at, true)
  return Number.isSafeInteger(id) ? id : Number.NaN
}

/** A view of a chunk's payload. */
export function payloadView(payload: Uint8Array): DataView {
  return new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
}

/** Timestamp, count and entry size at the start of DATA, INDEX and SUMMARY. */
export interface PayloadHeader {
  /** Sample id, exact; NaN beyond 2^53 (JLS time of a VSR signal). */
  readonly first: number
  readonly count: number
  readonly bits: number
}

/** Reads the payload header. @returns null when the payload is shorter than its entries say */
export function parsePayloadHeader(payload: Uint8Array): PayloadHeader | null {
  if (payload.length < jls.PAYLOAD_HEADER_SIZE) return null
  const view = payloadView(payload)
  const P = jls.payloadHeader.fields
  return { first: readId(view, P.timestamp.at), count: view.getUint32(P.count.at, true), bits: view.getUint16(P.bits.at, true) }
}

const NOTHING: Uint8Array = new Uint8Array(0)

/** Reads chunks anywhere in a file; neighbouring small ones from one read. */
export class ChunkReader {
  private block = NOTHING
  private blockAt = 0

  /** @param room where blocks are read into, each over the one before; without it every block has memory of its own */
  constructor(
    readonly source: Source,
    private readonly room: Uint8Array | null = null,
  ) {}

  /** The header at `at`. @throws BadChunk */
  async header(at: number, ahead = AHEAD): Promise<ChunkHeader> {
    if (at < jls.FILE_HEADER_SIZE || at + SIZE > this.source.size) {
      throw new BadChunk("bad-link", `a link leads to byte ${at}, where no chunk can be`, at, 0)
    }
    const header = parseHeader(await this.bytes(at, SIZE, ahead), at)
    if (header === null) throw new BadChunk("bad-header", `chunk at byte ${at}: header CRC is wrong`, at, SIZE)
    return header
  }

  /** The chunk at `at` with its payload. @param ahead bytes to read beyond the header at once @throws BadChunk */
  async chunk(at: number, ahead = AHEAD): Promise<JlsChunk> {
    const header = await this.header(at, ahead)
    if (header.length === 0) return { header, payload: new Uint8Array(0) }
    const onDisk = payloadOnDisk(header.length)
    if (at + SIZE + onDisk > this.source.size) {
      throw new BadChunk("truncated", `chunk at byte ${at}: the file ends within its payload`, at, this.source.size - at)
    }
    if (header.length > MAX_PAYLOAD) {
      const text = `chunk at byte ${at}: payload of ${header.length} bytes, the limit is ${MAX_PAYLOAD}`
      throw new BadChunk("too-long", text, at, SIZE + onDisk)
    }
    const bytes = await this.bytes(at + SIZE, onDisk, 0)
    const payload = soundPayload(bytes, header.length)
    if (payload === null) throw new BadChunk("bad-payload", `chunk at byte ${at}: payload CRC is wrong`, at, SIZE + onDisk)
    return { header, payload }
  }

  /** The chunk at `at`, which must have this tag and meta. @throws BadChunk */
  async expect(at: number, tag: number, meta: number, ahead = AHEAD): Promise<JlsChunk> {
    const chunk = await this.chunk(at, ahead)
    if (chunk.header.tag !== tag || chunk.header.meta !== meta) {
      const found = `tag 0x${chunk.header.tag.toString(16)} meta ${chunk.header.meta}`
      throw new BadChunk("bad-link", `chunk at byte ${at}: ${found}, expected tag 0x${tag.toString(16)} meta ${meta}`, at, 0)
    }
    return chunk
  }

  /** Bytes from `at` if the last read covers them, else null: without the price of a promise. */
  held(at: number, length: number): Uint8Array | null {
    if (at < this.blockAt || at + length > this.blockAt + this.block.length) return null
    return this.block.subarray(at - this.blockAt, at - this.blockAt + length)
  }

  /** Bytes from `at`: from the last read where it covers them. May be shorter at the end of the file. */
  async bytes(at: number, length: number, ahead: number): Promise<Uint8Array> {
    const held = this.held(at, length)
    if (held !== null) return held
    const wanted = Math.max(length, Math.min(ahead, this.source.size - at))
    // Until the new block is there, no block is.
    this.block = NOTHING
    const block = await this.source.read(at, wanted, this.room !== null && wanted <= this.room.length ? this.room : undefined)
    this.block = block
    this.blockAt = at
    return block.subarray(0, length)
  }
}

/** The payload out of its bytes on disk, or null when its CRC is wrong or not there. */
export function soundPayload(onDisk: Uint8Array, length: number): Uint8Array | null {
  if (length === 0) return NOTHING
  if (onDisk.length < payloadOnDisk(length)) return null
  const payload = onDisk.subarray(0, length)
  const crc = payloadView(onDisk).getUint32(payloadOnDisk(length) - 4, true)
  return crc === crc32c(payload) ? payload : null
}
