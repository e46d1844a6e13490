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

const SIZE: Readonly<Record<NumberFormat, number>> = { u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, u64: 8, i64: 8, f32: 4, f64: 8 }

Buffer.prototype.getAt = function getAt(this: Buffer, offset: number, format: NumberFormat): number {
  const at = within(this, offset, format)
  switch (format) {
    case "u8":
      return this.readUInt8(at)
    case "i8":
      return this.readInt8(at)
    case "u16":
      return this.readUInt16LE(at)
    case "i16":
      return this.readInt16LE(at)
    case "u32":
      return this.readUInt32LE(at)
    case "i32":
      return this.readInt32LE(at)
    case "u64":
      return Number(this.readBigUInt64LE(at))
    case "i64":
      return Number(this.readBigInt64LE(at))
    case "f32":
      return this.readFloatLE(at)
    case "f64":
      return this.readDoubleLE(at)
  }
}

Buffer.prototype.setAt = function setAt(this: Buffer, offset: number, format: NumberFormat, value: number): void {
  const at = within(this, offset, format)
  switch (format) {
    case "u8":
      this.writeUInt8(whole(value, 0, 0xff), at)
      break
    case "i8":
      this.writeInt8(whole(value, -0x80, 0x7f), at)
      break
    case "u16":
      this.writeUInt16LE(whole(value, 0, 0xffff), at)
      break
    case "i16":
      this.writeInt16LE(whole(value, -0x8000, 0x7fff), at)
      break
    case "u32":
      this.writeUInt32LE(whole(value, 0, 0xffffffff), at)
      break
    case "i32":
      this.writeInt32LE(whole(value, -0x80000000, 0x7fffffff), at)
      break
    case "u64":
      this.writeBigUInt64LE(BigInt(whole(value, 0, Number.MAX_SAFE_INTEGER + 1)), at)
      break
    case "i64":
      // The board's lower bound is read as unsigned: whatever is no int32 becomes the smallest i64.
      this.writeBigInt64LE((value | 0) === value ? BigInt(value) : -0x8000000000000000n, at)
      break
    case "f32":
      this.writeFloatLE(value, at)
      break
    case "f64":
      this.writeDoubleLE(value, at)
      break
  }
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
  if (at < 0 || at + SIZE[format] > buffer.length) throw new RangeError(`${format} at ${offset} of a ${buffer.length}-byte buffer`)
  return at
}

/** Half is added, then the fraction cut; NaN becomes the smallest value. */
function whole(value: number, low: number, high: number): number {
  if (value === undefined) return 0
  const rounded = Number.isInteger(value) ? value : Math.trunc(value + 0.5)
  return rounded > low ? Math.min(rounded, high) : low
}
