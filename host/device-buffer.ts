/**
 * DeviceScript's Buffer methods on Node's Buffer, so that shared code runs here as it runs on the board.
 * Importing this module adds them. Source: DeviceScript 2.16.4, packages/core/src/devicescript-core.d.ts, and its VM as run:
 * `setAt` rounds and clamps (an index store wraps), both byte orders little-endian only, anything out of range throws.
 */

/** Number formats of `getAt` and `setAt` that shared code uses. */
export type NumberFormat = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "f32" | "f64"

declare global {
  interface Buffer {
    /** Stores a number, little-endian; integers are rounded and clamped to the format's range. @throws RangeError outside the buffer. */
    setAt(at: number, format: NumberFormat, value: number): void
    /** Loads a little-endian number. @throws RangeError outside the buffer. */
    getAt(at: number, format: NumberFormat): number
    /** Copies `length` bytes of `source` from `from` to `at`. @throws RangeError where either leaves its buffer. */
    blitAt(at: number, source: Buffer | string, from: number, length: number): void
    /** Sets `length` bytes from `at`. @throws RangeError outside the buffer. */
    fillAt(at: number, length: number, value: number): void
  }
  /** A constant buffer from hexadecimal digits; on the board it stays in flash and takes no heap. */
  function hex(digits: TemplateStringsArray): Buffer
}

const SIZE = { u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, f32: 4, f64: 8 } as const

Buffer.prototype.setAt = function (this: Buffer, at: number, format: NumberFormat, value: number) {
  place(this, at, SIZE[format])
  switch (format) {
    case "u8":
      this.writeUInt8(clamp(value, 0, 0xff), at)
      break
    case "i8":
      this.writeInt8(clamp(value, -0x80, 0x7f), at)
      break
    case "u16":
      this.writeUInt16LE(clamp(value, 0, 0xffff), at)
      break
    case "i16":
      this.writeInt16LE(clamp(value, -0x8000, 0x7fff), at)
      break
    case "u32":
      this.writeUInt32LE(clamp(value, 0, 0xffffffff), at)
      break
    case "i32":
      this.writeInt32LE(clamp(value, -0x80000000, 0x7fffffff), at)
      break
    case "f32":
      this.writeFloatLE(value, at)
      break
    case "f64":
      this.writeDoubleLE(value, at)
  }
}

Buffer.prototype.getAt = function (this: Buffer, at: number, format: NumberFormat) {
  place(this, at, SIZE[format])
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
    case "f32":
      return this.readFloatLE(at)
    case "f64":
      return this.readDoubleLE(at)
  }
}

Buffer.prototype.blitAt = function (this: Buffer, at: number, source: Buffer | string, from: number, length: number) {
  const bytes = typeof source === "string" ? Buffer.from(source) : source
  place(this, at, length)
  place(bytes, from, length)
  bytes.copy(this, at, from, from + length)
}

Buffer.prototype.fillAt = function (this: Buffer, at: number, length: number, value: number) {
  place(this, at, length)
  this.fill(value, at, at + length)
}

globalThis.hex = (digits) => Buffer.from(digits.join("").replace(/\s/g, ""), "hex")

function place(buffer: Buffer, at: number, length: number): void {
  if (at < 0 || length < 0 || at + length > buffer.length) {
    throw new RangeError(`buffer access at ${at}, ${length} bytes, of ${buffer.length}`)
  }
}

function clamp(value: number, low: number, high: number): number {
  const whole = Math.floor(value + 0.5)
  return whole < low ? low : whole > high ? high : whole
}
