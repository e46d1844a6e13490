import { zeros } from "../../bytes/filled.js"
import type { Sink } from "../../bytes/sink.js"
import { latin1Bytes } from "../../text/hex.js"
import { encoded } from "../../text/text-buffer.js"

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
  const { bytes: head, view: headView } = zeros(HEADER + links.length * LINK)
  head.set(latin1Bytes(`##${id}`))
  headView.setBigUint64(8, BigInt(length), true)
  headView.setBigUint64(16, BigInt(links.length), true)
  for (const [i, link] of links.entries()) headView.setBigUint64(HEADER + i * LINK, BigInt(link), true)
  sink.write(head)
  sink.write(data)
  sink.write(new Uint8Array((8 - (length % 8)) % 8))
  return { at, data: at + head.length }
}

/** Sets link `index` of a block. */
export function setLink(sink: Sink, block: BlockPlace, index: number, target: number): void {
  const { bytes, view } = zeros(LINK)
  view.setBigUint64(0, BigInt(target), true)
  sink.patch(block.at + HEADER + index * LINK, bytes)
}

/** A text block; 0 for an empty text. @returns its offset */
export function writeText(sink: Sink, text: string): number {
  return text === "" ? 0 : writeBlock(sink, "TX", [], encoded(`${text}\0`)).at
}

/** A metadata block with an XML document. @returns its offset */
export function writeXml(sink: Sink, xml: string): number {
  return writeBlock(sink, "MD", [], encoded(`${xml}\0`)).at
}

/** Text inside an XML element. */
export function xmlText(text: string): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
  // XML 1.0 has no place for other control characters.
  return escaped.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
}

/** The file's first 64 bytes. */
export function identification(): Uint8Array {
  const { bytes, view } = zeros(64)
  bytes.set(latin1Bytes("MDF     4.10    fieldlog"))
  view.setUint16(28, 410, true)
  return bytes
}

/** Data of the header block. @param start ns since 1970 UTC, 0 to 2^64 */
export function headerData(start: bigint): Uint8Array {
  const { bytes, view } = zeros(32)
  view.setBigUint64(0, start, true)
  // Time zone offsets are valid (and 0): the start is UTC.
  view.setUint8(12, 2)
  return bytes
}

/** Data of a file history block. @param time ns since 1970 UTC, 0 to 2^64 */
export function historyData(time: bigint): Uint8Array {
  const { bytes, view } = zeros(16)
  view.setBigUint64(0, time, true)
  view.setUint8(12, 2)
  return bytes
}

/** Data of a channel group block. */
export function channelGroupData(dataBytes: number, invalidBytes: number): Uint8Array {
  const { bytes, view } = zeros(32)
  // Path separator of the acquisition name.
  view.setUint16(18, ".".charCodeAt(0), true)
  view.setUint32(24, dataBytes, true)
  view.setUint32(28, invalidBytes, true)
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
  const { bytes, view } = zeros(72)
  view.setUint8(0, kind)
  view.setUint8(1, kind === 2 ? 1 : 0)
  view.setUint8(2, dataType)
  view.setUint32(4, byteOffset, true)
  view.setUint32(8, bits, true)
  view.setUint32(CHANNEL_FLAGS_AT, invalidBit === null ? 0 : 2, true)
  view.setUint32(16, invalidBit ?? 0, true)
  return bytes
}

/** Data of a linear conversion: `physical = offset + factor * raw`. */
export function linearData(offset: number, factor: number): Uint8Array {
  const { bytes, view } = zeros(40)
  view.setUint8(0, 1)
  view.setUint16(6, 2, true)
  view.setFloat64(24, offset, true)
  view.setFloat64(32, factor, true)
  return bytes
}

/** Data of a marker event `ns` after the start. */
export function markerData(ns: bigint): Uint8Array {
  const { bytes, view } = zeros(32)
  view.setUint8(0, 6)
  view.setUint8(1, 1)
  view.setUint8(3, 4)
  view.setBigInt64(16, ns, true)
  view.setFloat64(24, 1e-9, true)
  return bytes
}

/** A data list over blocks. @param offsets of each block's first byte in the joined data @returns its offset */
export function writeDataList(sink: Sink, blocks: readonly number[], offsets: readonly number[]): number {
  const { bytes: data, view: dataView } = zeros(8 + offsets.length * 8)
  dataView.setUint32(4, blocks.length, true)
  for (const [i, offset] of offsets.entries()) dataView.setBigUint64(8 + i * 8, BigInt(offset), true)
  return writeBlock(sink, "DL", [0, ...blocks], data).at
}
