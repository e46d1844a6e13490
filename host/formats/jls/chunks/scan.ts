import * as jls from "../../../../shared/jls/layout.js"
import { CRC32C_TABLE, crc32c } from "../../../bytes/crc32c.js"
import type { Source } from "../../../bytes/source.js"
import {
  type BadChunk,
  CHUNK_SIZE,
  type ChunkHeader,
  ChunkReader,
  headerFields,
  MAX_PAYLOAD,
  parseHeader,
  payloadOnDisk,
  payloadView,
  soundPayload,
} from "./chunks.js"

/** A chunk that a scan met. */
export interface Scanned {
  readonly header: ChunkHeader
  /** Null when its CRC is wrong. */
  readonly payload: Uint8Array | null
  /** The bytes of a payload whose CRC is wrong: some readers can still use a part of them. */
  readonly damaged: Uint8Array | null
  /** True when a flipped bit of header or payload was set right. */
  readonly fixed: boolean
}

/** A stretch of bytes that belongs to no sound chunk. */
export interface Damage {
  readonly at: number
  length: number
  readonly kind: BadChunk["kind"]
}

const F = jls.chunkHeader.fields
const BLOCK = 1024 * 1024
/** Payloads longer than this are not searched for a flipped bit: definitions, heads and indexes are shorter. */
const MAX_FIX = 16 * 1024
/** Bytes of broken payloads that are looked at: a share of the file, so that headers within one another cost no square of its size. */
const BROKEN_SHARE = 16
const BROKEN_LEAST = 64 * 1024 * 1024

/**
 * Goes through a file chunk by chunk, without trusting any link. Behind a broken header it searches the next sound one
 * at any byte: bytes that were put in or taken out are rarely a multiple of 8. Headers and payloads other than samples
 * are cured of single flipped bits.
 * @param visit called for each chunk with a sound header; the payload is valid during the call only
 * @param from offset of the first chunk
 * @returns offset behind the last sound chunk: from there one can go on when the file has grown
 */
export async function scanChunks(
  source: Source,
  visit: (chunk: Scanned) => void,
  damage: (span: Damage) => void,
  from: number = jls.FILE_HEADER_SIZE,
): Promise<number> {
  const { size } = source
  const reader = new ChunkReader(source, new Uint8Array(Math.min(BLOCK, size)))
  let lost: Damage | null = null
  const lose = (at: number, length: number, kind: Damage["kind"]) => {
    if (lost !== null && lost.kind === kind && lost.at + lost.length === at) lost.length += length
    else {
      if (lost !== null) damage(lost)
      lost = { at, length, kind }
    }
  }
  let at = from
  let sound = from
  let patience = BROKEN_LEAST + BROKEN_SHARE * size
  while (at + CHUNK_SIZE <= size) {
    const found = headerIn(reader.held(at, CHUNK_SIZE) ?? (await reader.bytes(at, CHUNK_SIZE, BLOCK)), 0, at, size)
    if (found === null) {
      const next = await nextHeader(reader, at + 1, at)
      lose(at, next - at, "bad-header")
      at = next
      continue
    }
    const { header } = found
    const end = at + CHUNK_SIZE + payloadOnDisk(header.length)
    if (end > size) {
      // Cut off; or bytes are gone within, and others stand behind.
      const next = await nextHeader(reader, at + CHUNK_SIZE, at)
      lose(at, next - at, "truncated")
      at = next
      continue
    }
    const onDisk = payloadOnDisk(header.length)
    const isHeld = header.length <= MAX_PAYLOAD && patience > 0
    const bytes = isHeld ? (reader.held(at + CHUNK_SIZE, onDisk) ?? (await reader.bytes(at + CHUNK_SIZE, onDisk, BLOCK))) : null
    const chunk = scanned(header, bytes, found.fixed)
    visit(chunk)
    if (chunk.payload !== null) {
      at = sound = end
      continue
    }
    patience -= onDisk
    const follows = end + CHUNK_SIZE <= size && headerIn(await reader.bytes(end, CHUNK_SIZE, BLOCK), 0, end, size) !== null
    // Where the next chunk is not where this one ends, bytes are gone or came in: the next one may begin within.
    const next = follows || end === size ? end : await nextHeader(reader, at + CHUNK_SIZE, at)
    lose(at, next - at, header.length > MAX_PAYLOAD ? "too-long" : "bad-payload")
    at = next
  }
  if (at < size) lose(at, size - at, "truncated")
  if (lost !== null) damage(lost)
  return sound
}

/**
 * Offset of the next chunk from `from` on; the file's size when there is none. A flipped bit in its header is looked for only
 * where headers are due: multiples of 8 from `due` on.
 */
async function nextHeader(reader: ChunkReader, from: number, due: number): Promise<number> {
  const { size } = reader.source
  for (let at = from; at + CHUNK_SIZE <= size; ) {
    const block = await reader.bytes(at, Math.min(BLOCK, size - at), 0)
    let i = 0
    for (const end = block.length - CHUNK_SIZE; i <= end; i++) {
      const isDue = (at + i - due) % jls.ALIGN === 0
      if (!isDue && (block[i + F.reserved.at] !== 0 || IS_TAG[block[i + F.tag.at] as number] !== 1)) continue
      const found = headerIn(block, i, at + i, size)
      if (found !== null && (isDue || !found.fixed)) return at + i
    }
    // Shorter than a header: the source has no more bytes than this.
    if (i === 0) break
    at += i
  }
  return size
}

/** True when a sound chunk header begins anywhere from `from` on. */
export async function hasChunk(source: Source, from: number): Promise<boolean> {
  const reader = new ChunkReader(source, new Uint8Array(Math.min(BLOCK, Math.max(0, source.size - from))))
  return (await nextHeader(reader, from, from)) < source.size
}

/** The header at `i` of a block, sound or with one flipped bit set right; null when there is none. */
function headerIn(block: Uint8Array, i: number, at: number, size: number): { header: ChunkHeader; fixed: boolean } | null {
  const tag = block[i + F.tag.at] as number
  const sound = isTag(tag) && block[i + F.reserved.at] === 0 ? parseHeader(block.subarray(i, i + CHUNK_SIZE), at) : null
  if (sound !== null) return { header: sound, fixed: false }
  if (!looksLikeHeader(block, i, size - at)) return null
  const copy = block.slice(i, i + CHUNK_SIZE)
  if (!fixOneBit(copy.subarray(0, jls.HEADER_CRC_AT), payloadView(copy).getUint32(F.crc.at, true))) return null
  const header = headerFields(copy, at)
  return header === null || !isTag(header.tag) ? null : { header, fixed: true }
}

/** Cheap test before bits are searched: at most one field is out of the ordinary. */
function looksLikeHeader(block: Uint8Array, i: number, left: number): boolean {
  let odd = 0
  if (word(block, i + F.next.at + 4) > 0xffff || word(block, i + F.previous.at + 4) > 0xffff) odd++
  if (!isTag(block[i + F.tag.at] as number)) odd++
  if (block[i + F.reserved.at] !== 0) odd++
  if (word(block, i + F.length.at) > left) odd++
  return odd <= 1 && word(block, i + F.crc.at) !== 0
}

function word(block: Uint8Array, i: number): number {
  return (
    ((block[i] as number) | ((block[i + 1] as number) << 8) | ((block[i + 2] as number) << 16) | ((block[i + 3] as number) << 24)) >>> 0
  )
}

/** 1 for each byte that is a tag. */
const IS_TAG = Uint8Array.from({ length: 256 }, (_, tag) => (isTag(tag) ? 1 : 0))

function isTag(tag: number): boolean {
  if (tag === jls.TAG_SOURCE_DEF || tag === jls.TAG_SIGNAL_DEF || tag === jls.TAG_USER_DATA || tag === jls.TAG_END) return true
  return tag >= jls.TAG_TRACK && tag < jls.TAG_TRACK + 32 && (tag & 7) <= jls.KIND_SUMMARY
}

/** @param onDisk payload, padding and CRC */
function scanned(header: ChunkHeader, onDisk: Uint8Array | null, fixed: boolean): Scanned {
  if (header.length === 0) return { header, payload: new Uint8Array(0), damaged: null, fixed }
  if (onDisk === null) return { header, payload: null, damaged: null, fixed }
  const payload = soundPayload(onDisk, header.length)
  if (payload !== null) return { header, payload, damaged: null, fixed }
  const damaged = onDisk.slice(0, header.length)
  const samples = (header.tag & 7) === jls.KIND_DATA || (header.tag & 7) === jls.KIND_SUMMARY
  if (!samples || header.tag < jls.TAG_TRACK || header.tag >= jls.TAG_USER_DATA) {
    const whole = onDisk.length >= payloadOnDisk(header.length)
    const stored = whole ? payloadView(onDisk).getUint32(onDisk.length - 4, true) : 0
    if (whole && header.length <= MAX_FIX && fixOneBit(damaged, stored)) return { header, payload: damaged, damaged: null, fixed: true }
  }
  return { header, payload: null, damaged, fixed }
}

/**
 * Finds the one flipped bit that explains a wrong CRC32C, in the bytes or in the CRC itself, and sets it right in place.
 * A CRC is linear: the sum of the damage is that of one bit followed by zeros, different for every bit. Any worse damage
 * passes for a single flipped bit with a chance of 8 * length / 2^32: fit for headers and definitions, not for samples.
 * @returns false, and bytes as they were, when no single bit explains it
 */
function fixOneBit(bytes: Uint8Array, stored: number): boolean {
  const wrong = (crc32c(bytes) ^ stored) >>> 0
  if ((wrong & (wrong - 1)) === 0) return true
  const sums = new Uint32Array(8)
  for (let bit = 0; bit < 8; bit++) sums[bit] = CRC32C_TABLE[1 << bit] as number
  for (let i = bytes.length - 1; i >= 0; i--) {
    for (let bit = 0; bit < 8; bit++) {
      const sum = sums[bit] as number
      if (sum === wrong) {
        bytes[i] = (bytes[i] as number) ^ (1 << bit)
        return true
      }
      sums[bit] = (CRC32C_TABLE[sum & 255] as number) ^ (sum >>> 8)
    }
  }
  return false
}
