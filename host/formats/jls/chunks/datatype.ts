import { BASE_FLOAT, BASE_INT, BASE_UINT } from "../../../../shared/jls/layout.js"
import type { Calibration, Values, Wire } from "../../../model/log.js"
import { newValues } from "../../../model/values.js"

/** Wire types that a JLS signal can have. */
export type JlsWire = "u1" | "u4" | "u8" | "u16" | "u24" | "u32" | "u64" | "i4" | "i8" | "i16" | "i24" | "i32" | "i64" | "f32" | "f64"

/** A signal's data type, taken apart. */
export interface DataType {
  readonly wire: JlsWire
  readonly bits: number
  /** Fixed point: value = raw * 2^-q. */
  readonly q: number
  /** Bytes of a number in a SUMMARY: 4 (f32), or 8 (f64) where f32 would lose too much. */
  readonly summaryBytes: 4 | 8
}

const LETTERS: Record<number, string> = { [BASE_INT]: "i", [BASE_UINT]: "u", [BASE_FLOAT]: "f" }
const LEGAL: readonly string[] = "u1 u4 u8 u16 u24 u32 u64 i4 i8 i16 i24 i32 i64 f32 f64".split(" ")
const WIDE: readonly string[] = ["i32", "u32", "i64", "u64", "f64"]

/** Reads a data type word; null if the format does not define it. */
export function parseDataType(code: number): DataType | null {
  const bits = (code >>> 8) & 255
  const q = (code << 8) >> 24
  const wire = `${LETTERS[code & 15]}${bits}`
  if (!LEGAL.includes(wire) || code >>> 24 !== 0 || (code & 0xf0) !== 0) return null
  if (wire.startsWith("f") && q !== 0) return null
  return { wire: wire as JlsWire, bits, q, summaryBytes: WIDE.includes(wire) ? 8 : 4 }
}

/** The data type word of a wire type. */
export function dataTypeCode(wire: JlsWire, q = 0): number {
  const base = wire.startsWith("i") ? BASE_INT : wire.startsWith("u") ? BASE_UINT : BASE_FLOAT
  return base | (Number(wire.slice(1)) << 8) | ((q & 255) << 16)
}

/** True if a JLS signal can hold the wire type unchanged. */
export function isJlsWire(wire: Wire): wire is JlsWire {
  return LEGAL.includes(wire)
}

/** The calibration that q means; null without fixed point. */
export function fixedPoint(q: number): Calibration | null {
  return q === 0 ? null : { addition: 0, divisor: 2 ** q, multiplier: 1 }
}

/** Bytes that `count` packed samples take. */
export function packedSize(bits: number, count: number): number {
  return Math.ceil((bits * count) / 8)
}

/** True if a column has the same bytes as the file (on a little-endian machine), so that nothing is packed. */
export function isPlain(bits: number): boolean {
  return bits >= 8 && bits !== 24
}

/** A column of a wire type over memory of the file. */
export function columnOn(wire: JlsWire, buffer: ArrayBufferLike, at: number, length: number): Values {
  const Column = newValues(wire, 0).constructor as new (buffer: ArrayBufferLike, at: number, length: number) => Values
  return new Column(buffer, at, length)
}

/** Unpacks samples `from` to `from + count` of packed bytes into `into` at `at`. */
export function unpack(type: DataType, packed: Uint8Array, from: number, count: number, into: Values, at: number): void {
  if (isPlain(type.bits)) {
    const width = type.bits / 8
    const target = into as Uint8Array
    const bytes = new Uint8Array(target.buffer, target.byteOffset + at * width, count * width)
    bytes.set(packed.subarray(from * width, (from + count) * width))
  } else if (type.bits === 24) {
    unpack24(type, packed, from, count, into as Int32Array, at)
  } else {
    unpackBits(type, packed, from, count, into as Uint8Array, at)
  }
}

function unpack24(type: DataType, packed: Uint8Array, from: number, count: number, into: Int32Array, at: number): void {
  const sign = type.wire === "i24" ? 8 : 0
  for (let i = 0, p = from * 3; i < count; i++, p += 3) {
    const raw = (packed[p] as number) | ((packed[p + 1] as number) << 8) | ((packed[p + 2] as number) << 16)
    into[at + i] = (raw << sign) >> sign
  }
}

/** 1 and 4 bit: the first sample in the lowest bits. */
function unpackBits(type: DataType, packed: Uint8Array, from: number, count: number, into: Uint8Array, at: number): void {
  const { bits } = type
  const mask = (1 << bits) - 1
  const sign = type.wire === "i4" ? 28 : 0
  for (let i = 0, bit = from * bits; i < count; i++, bit += bits) {
    const raw = ((packed[bit >>> 3] as number) >>> (bit & 7)) & mask
    into[at + i] = (raw << sign) >> sign
  }
}

/** Packs the first `count` values of a column into `into`, unused bits zero. */
export function pack(type: DataType, values: Values, count: number, into: Uint8Array): void {
  if (isPlain(type.bits)) {
    const { buffer, byteOffset } = values as Uint8Array
    into.set(new Uint8Array(buffer, byteOffset, (count * type.bits) / 8))
  } else if (type.bits === 24) {
    pack24(values as Int32Array, count, into)
  } else {
    packBits(type.bits, values as Uint8Array, count, into)
  }
}

function pack24(values: Int32Array, count: number, into: Uint8Array): void {
  for (let i = 0, p = 0; i < count; i++, p += 3) {
    const v = values[i] as number
    into[p] = v
    into[p + 1] = v >> 8
    into[p + 2] = v >> 16
  }
}

function packBits(bits: number, values: Uint8Array, count: number, into: Uint8Array): void {
  const mask = (1 << bits) - 1
  into.fill(0, 0, packedSize(bits, count))
  for (let i = 0, bit = 0; i < count; i++, bit += bits) {
    into[bit >>> 3] = (into[bit >>> 3] as number) | (((values[i] as number) & mask) << (bit & 7))
  }
}
