import { encode } from "@msgpack/msgpack"
import type { Values, Wire } from "../../../model/log.js"

/**
 * Builds records in the forms that both reference readers take: every number in the full width of its member, so that no
 * negative fixint (which DUECA decodes wrongly) and no integer for a float appears.
 */
export class RecordBuffer {
  private bytes = new Uint8Array(256)
  private view = new DataView(this.bytes.buffer)
  private length = 0

  clear(): void {
    this.length = 0
  }

  /** The record so far, as a view that the next change overwrites. */
  record(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  array(n: number): void {
    this.reserve(5)
    if (n < 16) this.bytes[this.length++] = 0x90 + n
    else this.number(n < 0x10000 ? 0xdc : 0xdd, n)
  }

  nil(): void {
    this.reserve(1)
    this.bytes[this.length++] = 0xc0
  }

  /** A tick: 32 bits unsigned if it fits, else 64 bits signed; f64 if it is not an integer. */
  tick(tick: number | bigint): void {
    this.reserve(9)
    const value = Number(tick)
    if (typeof tick === "bigint" && (tick < 0n || tick > 0xffffffffn)) this.int64(tick, 0xd3)
    else if (Number.isInteger(value) && value >= 0 && value <= 0xffffffff) this.number(0xce, value)
    else if (Number.isSafeInteger(value)) this.int64(BigInt(value), 0xd3)
    else this.number(0xcb, value)
  }

  /** An unsigned integer in its shortest form, as DUECA writes spans, ids and cycles. */
  uint(value: number): void {
    this.reserve(9)
    if (value < 0x80) this.bytes[this.length++] = value
    else if (value < 0x100) this.number(0xcc, value)
    else if (value < 0x10000) this.number(0xcd, value)
    else if (value <= 0xffffffff) this.number(0xce, value)
    else this.int64(BigInt(value), 0xcf)
  }

  text(text: string): void {
    const bytes = utf8.encode(text)
    this.reserve(5 + bytes.length)
    this.head(bytes.length, bytes.length < 32 ? 0xa0 + bytes.length : -1, 0xd9, 0xda, 0xdb)
    this.put(bytes)
  }

  binary(bytes: Uint8Array): void {
    this.reserve(5 + bytes.length)
    this.head(bytes.length, -1, 0xc4, 0xc5, 0xc6)
    this.put(bytes)
  }

  /** Any value, by the general encoder. */
  any(value: unknown): void {
    const bytes = encode(value, { useBigInt64: true })
    this.reserve(bytes.length)
    this.put(bytes)
  }

  /** Value `row` of a column of the given type. */
  value(type: Wire, values: Values, row: number): void {
    this.reserve(9)
    const value = values[row]
    switch (type) {
      case "bool":
        this.bytes[this.length++] = value === 0 ? 0xc2 : 0xc3
        return
      case "f32":
        this.number(0xca, value as number)
        return
      case "f64":
        this.number(0xcb, value as number)
        return
      case "u1":
      case "u4":
      case "u8":
        this.number(0xcc, value as number)
        return
      case "u16":
        this.number(0xcd, value as number)
        return
      case "u24":
      case "u32":
        this.number(0xce, value as number)
        return
      case "i4":
      case "i8":
        this.number(0xd0, value as number)
        return
      case "i16":
        this.number(0xd1, value as number)
        return
      case "i24":
      case "i32":
        this.number(0xd2, value as number)
        return
      case "u40":
      case "u48":
      case "uint":
      case "u56":
      case "u64":
        this.int64(BigInt(value as number | bigint), 0xcf)
        return
      case "i40":
      case "i48":
      case "int":
      case "i56":
      case "i64":
        this.int64(BigInt(value as number | bigint), 0xd3)
        return
      case "text":
        this.text(value as string)
        return
      case "bytes":
        this.binary(value as Uint8Array)
        return
      case "mixed":
        this.any(value)
        return
    }
  }

  /** A marker and the number behind it: a value, or how long what follows is. */
  private number(marker: number, value: number): void {
    const { view } = this
    const at = this.length
    const width = WIDTHS[marker] as number
    view.setUint8(at, marker)
    if (marker === 0xca) view.setFloat32(at + 1, value)
    else if (width === 8) view.setFloat64(at + 1, value)
    else if (width === 1) view.setUint8(at + 1, value)
    else if (width === 2) view.setUint16(at + 1, value)
    else view.setUint32(at + 1, value)
    this.length = at + 1 + width
  }

  private int64(value: bigint, marker: number): void {
    this.view.setUint8(this.length, marker)
    this.view.setBigInt64(this.length + 1, value)
    this.length += 9
  }

  private head(n: number, fixed: number, one: number, two: number, four: number): void {
    if (fixed >= 0) this.bytes[this.length++] = fixed
    else this.number(n < 0x100 ? one : n < 0x10000 ? two : four, n)
  }

  private put(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  private reserve(n: number): void {
    if (this.length + n <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(this.length + n, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }
}

const utf8 = new TextEncoder()

/** Bytes of the number behind a marker: of values ca to d2, and of lengths. */
const WIDTHS = new Uint8Array(256)
WIDTHS.set([1, 2, 4], 0xc4)
WIDTHS.set([4, 8, 1, 2, 4, 8, 1, 2, 4], 0xca)
WIDTHS.set([1, 2, 4, 2, 4], 0xd9)
