import type { Sink } from "../../bytes/sink.js"

/** Blocks of an ASAM MDF 4.10 file. Source: ASAM MDF 4.1 base standard, block structure. Little-endian, on 8-byte bounds. */

const HEADER = 24
const LINK = 8

/** A block that was written and whose links may be set later. */
export interface BlockPlace {
  readonly at: number
  /** Offset of the data behind the links. */
  readonly data: number
}

/** Appends a block. @param id two letters @param links file offsets, 0 for no link @returns its offset */
export function writeBlock(sink: Sink, id: string, links: readonly number[], data: Uint8Array): BlockPlace {
  const at = sink.size
  const length = HEADER + links.length * LINK + data.length
  const head = Buffer.alloc(HEADER + links.length * LINK)
  head.write(`##${id}`, 0, "latin1")
  head.writeBigUInt64LE(BigInt(length), 8)
  head.writeBigUInt64LE(BigInt(links.length), 16)
  for (const [i, link] of links.entries()) head.writeBigUInt64LE(BigInt(link), HEADER + i * LINK)
  sink.write(head)
  sink.write(data)
  sink.write(new Uint8Array((8 - (length % 8)) % 8))
  return { at, data: at + head.length }
}

/** Sets link `index` of a block. */
export function setLink(sink: Sink, block: BlockPlace, index: number, target: number): void {
  const bytes = Buffer.alloc(LINK)
  bytes.writeBigUInt64LE(BigInt(target))
  sink.patch(block.at + HEADER + index * LINK, bytes)
}

/** A text block; 0 for an empty text. @returns its offset */
export function writeText(sink: Sink, text: string): number {
  return text === "" ? 0 : writeBlock(sink, "TX", [], Buffer.from(`${text}\0`, "utf8")).at
}

/** A metadata block with an XML document. @returns its offset */
export function writeXml(sink: Sink, xml: string): number {
  return writeBlock(sink, "MD", [], Buffer.from(`${xml}\0`, "utf8")).at
}

/** Text inside an XML element. */
export function xmlText(text: string): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
  // XML 1.0 has no place for other control characters.
  return escaped.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
}

/** The file's first 64 bytes. */
export function identification(): Uint8Array {
  const bytes = Buffer.alloc(64)
  bytes.write("MDF     4.10    fieldlog", 0, "latin1")
  bytes.writeUInt16LE(410, 28)
  return bytes
}

/** Data of the header block. @param start ns since 1970 UTC, 0 to 2^64 */
export function headerData(start: bigint): Uint8Array {
  const bytes = Buffer.alloc(32)
  bytes.writeBigUInt64LE(start)
  // Time zone offsets are valid (and 0): the start is UTC.
  bytes.writeUInt8(2, 12)
  return bytes
}

/** Data of a file history block. @param time ns since 1970 UTC, 0 to 2^64 */
export function historyData(time: bigint): Uint8Array {
  const bytes = Buffer.alloc(16)
  bytes.writeBigUInt64LE(time)
  bytes.writeUInt8(2, 12)
  return bytes
}

/** Data of a channel group block. */
export function channelGroupData(dataBytes: number, invalidBytes: number): Uint8Array {
  const bytes = Buffer.alloc(32)
  // Path separator of the acquisition name.
  bytes.writeUInt16LE(".".charCodeAt(0), 18)
  bytes.writeUInt32LE(dataBytes, 24)
  bytes.writeUInt32LE(invalidBytes, 28)
  return bytes
}

/** Offset of the cycle count in a channel group's data, of the flags in a channel's. */
export const CYCLE_COUNT_AT = 8
export const CHANNEL_FLAGS_AT = 12

/** What a channel block says. */
export interface ChannelData {
  /** 0 fixed length, 1 variable length in its own data block, 2 master. */
  readonly kind: 0 | 1 | 2
  /** 0 unsigned, 2 signed, 4 real, 7 UTF-8 text, 10 bytes. */
  readonly dataType: 0 | 2 | 4 | 7 | 10
  readonly byteOffset: number
  readonly bits: number
  /** Number of the bit that says "invalid", or null. */
  readonly invalidBit: number | null
}

/** Data of a channel block. */
export function channelData({ kind, dataType, byteOffset, bits, invalidBit }: ChannelData): Uint8Array {
  const bytes = Buffer.alloc(72)
  bytes.writeUInt8(kind, 0)
  bytes.writeUInt8(kind === 2 ? 1 : 0, 1)
  bytes.writeUInt8(dataType, 2)
  bytes.writeUInt32LE(byteOffset, 4)
  bytes.writeUInt32LE(bits, 8)
  bytes.writeUInt32LE(invalidBit === null ? 0 : 2, CHANNEL_FLAGS_AT)
  bytes.writeUInt32LE(invalidBit ?? 0, 16)
  return bytes
}

/** Data of a linear conversion: `physical = offset + factor * raw`. */
export function linearData(offset: number, factor: number): Uint8Array {
  const bytes = Buffer.alloc(40)
  bytes.writeUInt8(1, 0)
  bytes.writeUInt16LE(2, 6)
  bytes.writeDoubleLE(offset, 24)
  bytes.writeDoubleLE(factor, 32)
  return bytes
}

/** Data of a marker event `ns` after the start. */
export function markerData(ns: bigint): Uint8Array {
  const bytes = Buffer.alloc(32)
  bytes.writeUInt8(6, 0)
  bytes.writeUInt8(1, 1)
  bytes.writeUInt8(4, 3)
  bytes.writeBigInt64LE(ns, 16)
  bytes.writeDoubleLE(1e-9, 24)
  return bytes
}

/** A data list over blocks. @param offsets of each block's first byte in the joined data @returns its offset */
export function writeDataList(sink: Sink, blocks: readonly number[], offsets: readonly number[]): number {
  const data = Buffer.alloc(8 + offsets.length * 8)
  data.writeUInt32LE(blocks.length, 4)
  for (const [i, offset] of offsets.entries()) data.writeBigUInt64LE(BigInt(offset), 8 + i * 8)
  return writeBlock(sink, "DL", [0, ...blocks], data).at
}
