/**
 * Gives Node's Buffer the methods that DeviceScript's Buffer has, so that `shared/` runs on both machines.
 * Import it before anything from `shared/` that touches a Buffer.
 *
 * Behaviour as DeviceScript 2.16.4 shows it when run. Where the board does something useless (a read outside gives
 * undefined, a store at a negative offset leaves the buffer, an overlapping copy smears) this one throws, so that
 * tests find it.
 */

/** Formats of `setAt` and `getAt`: little-endian always. On the board the format must be a literal. */
export type NumberFormat = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32" | "f64"

declare global {
  interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> {
    /** The value at a byte offset. @throws RangeError outside (the board gives undefined) */
    getAt(offset: number, format: NumberFormat): number
    /** Stores a value: rounded half up, clamped to the format's range. @throws RangeError outside */
    setAt(offset: number, format: NumberFormat, value: number): void
    /** Copies up to `length` bytes, as many as both sides have; a negative length means all; bad offsets copy nothing. */
    blitAt(offset: number, source: Buffer | string, sourceOffset: number, length: number): void
    /** Sets up to `length` bytes to the low byte of `value`; a negative length means all; a bad offset sets nothing. */
    fillAt(offset: number, length: number, value: number): void
  }
  /** A constant from hex digits; in flash on the board. White space is ignored. */
  function hex(digits: TemplateStringsArray): Buffer
}

/** Bytes of a number, and how it is read and stored. */
interface Format {
  readonly size: number
  readonly get: (buffer: Buffer, at: number) => number
  readonly set: (buffer: Buffer, at: number, value: number) => void
}

const FORMATS: Readonly<Record<NumberFormat, Format>> = {
  u8: { size: 1, get: (b, at) => b.readUInt8(at), set: (b, at, value) => b.writeUInt8(whole(value, 0, 0xff), at) },
  i8: { size: 1, get: (b, at) => b.readInt8(at), set: (b, at, value) => b.writeInt8(whole(value, -0x80, 0x7f), at) },
  u16: { size: 2, get: (b, at) => b.readUInt16LE(at), set: (b, at, value) => b.writeUInt16LE(whole(value, 0, 0xffff), at) },
  i16: { size: 2, get: (b, at) => b.readInt16LE(at), set: (b, at, value) => b.writeInt16LE(whole(value, -0x8000, 0x7fff), at) },
  u32: { size: 4, get: (b, at) => b.readUInt32LE(at), set: (b, at, value) => b.writeUInt32LE(whole(value, 0, 0xffffffff), at) },
  i32: { size: 4, get: (b, at) => b.readInt32LE(at), set: (b, at, value) => b.writeInt32LE(whole(value, -0x80000000, 0x7fffffff), at) },
  u64: { size: 8, get: (b, at) => Number(b.readBigUInt64LE(at)), set: (b, at, value) => b.writeBigUInt64LE(wholeU64(value), at) },
  i64: { size: 8, get: (b, at) => Number(b.readBigInt64LE(at)), set: (b, at, value) => b.writeBigInt64LE(wholeI64(value), at) },
  f32: { size: 4, get: (b, at) => b.readFloatLE(at), set: (b, at, value) => b.writeFloatLE(value, at) },
  f64: { size: 8, get: (b, at) => b.readDoubleLE(at), set: (b, at, value) => b.writeDoubleLE(value, at) },
}

Buffer.prototype.getAt = function getAt(this: Buffer, offset: number, format: NumberFormat): number {
  return FORMATS[format].get(this, within(this, offset, format))
}

Buffer.prototype.setAt = function setAt(this: Buffer, offset: number, format: NumberFormat, value: number): void {
  FORMATS[format].set(this, within(this, offset, format), value)
}

Buffer.prototype.blitAt = function blitAt(
  this: Buffer,
  offset: number,
  source: Buffer | string,
  sourceOffset: number,
  length: number,
): void {
  const from = typeof source === "string" ? Buffer.from(source) : source
  if (offset < 0 || sourceOffset < 0) return
  const n = Math.min(length < 0 ? from.length : length, this.length - offset, from.length - sourceOffset)
  if (n <= 0) return
  const overlaps = from.buffer === this.buffer && Math.abs(from.byteOffset + sourceOffset - this.byteOffset - offset) < n
  if (overlaps) throw new RangeError("blitAt onto itself: the board copies forward, byte by byte")
  from.copy(this, offset, sourceOffset, sourceOffset + n)
}

Buffer.prototype.fillAt = function fillAt(this: Buffer, offset: number, length: number, value: number): void {
  if (offset < 0 || offset >= this.length) return
  this.fill(value & 0xff, offset, length < 0 ? this.length : Math.min(this.length, offset + length))
}

globalThis.hex = (digits: TemplateStringsArray): Buffer => Buffer.from(digits.join("").replace(/\s/g, ""), "hex")

function within(buffer: Buffer, offset: number, format: NumberFormat): number {
  const at = Math.trunc(offset)
  if (at < 0 || at + FORMATS[format].size > buffer.length) throw new RangeError(`${format} at ${offset} of a ${buffer.length}-byte buffer`)
  return at
}

/** Half is added, then the fraction cut; NaN becomes the smallest value. */
function whole(value: number, low: number, high: number): number {
  if (value === undefined) return 0
  const rounded = Number.isInteger(value) ? value : Math.trunc(value + 0.5)
  return rounded > low ? Math.min(rounded, high) : low
}

function wholeU64(value: number): bigint {
  return BigInt(whole(value, 0, Number.MAX_SAFE_INTEGER + 1))
}

/** The board reads its lower bound as unsigned: any number outside int32 becomes the smallest i64. */
function wholeI64(value: number): bigint {
  return (value | 0) === value ? BigInt(value) : -0x8000000000000000n
}
