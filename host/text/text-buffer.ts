import type { Sink } from "../bytes/sink.js"
import { joinBytes } from "./hex.js"

/** Bytes gathered before they go to the sink. */
const CAPACITY = 256 * 1024
/** Longest number written in place: sign, digits, point. */
const NUMBER_ROOM = 40

const ENCODER = new TextEncoder()

const POWERS = Array.from({ length: 16 }, (_, n) => 10 ** n)
/** Below this an integer f64 is exact and its decimal digits are its shortest form. */
const EXACT = 1e15

/** Text on its way to a sink: digits are written straight into a buffer, no string per number. */
export class TextBuffer {
  /** What waits to be flushed, up to `at`. A hot loop may write there itself, after it has asked for `room`. */
  bytes: Uint8Array = new Uint8Array(CAPACITY)
  view = new DataView(this.bytes.buffer)
  at = 0

  private readonly mark: number

  /** @param point the decimal mark: "." or "," */
  constructor(
    private readonly sink: Sink,
    private readonly point: "." | "," = ".",
  ) {
    this.mark = point.charCodeAt(0)
  }

  byte(value: number): void {
    if (this.at === this.bytes.length) this.flush()
    this.bytes[this.at++] = value
  }

  /** `n` times the same byte. */
  repeat(value: number, n: number): void {
    if (n === 0) return
    this.room(n + 3)
    const { view, at } = this
    const four = value * 0x0101_0101
    // Up to three bytes too many, which what comes next overwrites.
    for (let i = at; i < at + n; i += 4) view.setUint32(i, four)
    this.at = at + n
  }

  /** Bytes encoded beforehand. */
  raw(bytes: Uint8Array): void {
    this.room(bytes.length)
    const { bytes: target, at } = this
    if (bytes.length > 24) target.set(bytes, at)
    else for (let i = 0; i < bytes.length; i++) target[at + i] = bytes[i] as number
    this.at += bytes.length
  }

  ascii(text: string): void {
    this.room(text.length)
    for (let i = 0; i < text.length; i++) this.bytes[this.at++] = text.charCodeAt(i)
  }

  utf8(text: string): void {
    this.room(text.length * 3)
    this.at += ENCODER.encodeInto(text, this.bytes.subarray(this.at)).written
  }

  /** A whole number below 2^53. */
  integer(value: number): void {
    this.room(NUMBER_ROOM)
    if (value < 0) this.bytes[this.at++] = 0x2d
    this.digits(Math.abs(value), 1)
  }

  /** A number rounded to `digits` decimals (0 to 12), all of them written. */
  fixed(value: number, digits: number): void {
    const scaled = Math.round(Math.abs(value) * (POWERS[digits] as number))
    if (!(scaled < EXACT)) {
      this.decimal(Math.abs(value) < 1e21 ? value.toFixed(digits) : String(value))
      return
    }
    this.room(NUMBER_ROOM)
    if (value < 0 && scaled > 0) this.bytes[this.at++] = 0x2d
    if (digits === 0) this.digits(scaled, 1)
    else this.pointed(scaled, digits)
  }

  /** `value / 10^digits` with all its decimals; `value` a whole number between -2^31 and 2^31, both excluded. */
  scaled(value: number, digits: number): void {
    this.room(SCALED_ROOM)
    this.at = putScaled(this.bytes, this.at, value, digits, this.mark)
  }

  /** The shortest decimal that reads back as the same f64. NaN and infinities as JavaScript spells them. */
  shortest(value: number): void {
    const size = Math.abs(value)
    if (size < EXACT && size === Math.floor(size)) {
      if (Object.is(value, -0)) this.byte(0x2d)
      this.integer(value)
      return
    }
    if (size < EXACT && size >= 1e-6) {
      // Most measured numbers are short decimals; below 15 digits the first that reads back is the shortest.
      for (let digits = 3; digits <= 6; digits += 3) {
        const scaled = Math.round(size * (POWERS[digits] as number))
        if (scaled < EXACT && scaled / (POWERS[digits] as number) === size) {
          this.trimmed(value < 0, scaled, digits)
          return
        }
      }
    }
    this.decimal(String(value))
  }

  /** The shortest decimal that reads back as the same f32. */
  shortestSingle(value: number): void {
    this.shortest(Number.isFinite(value) ? shortestSingle(value) : value)
  }

  /** The shortest decimal of a f64 (`isSingle`: of a f32) with a decimal mark or an exponent, so that no reader takes the column for integers. */
  float(value: number, isSingle: boolean): void {
    if (isSingle) this.shortestSingle(value)
    else this.shortest(value)
    // From 1e21 on JavaScript writes an exponent.
    if (!Number.isInteger(value) || Math.abs(value) >= 1e21) return
    this.byte(this.mark)
    this.byte(0x30)
  }

  /** Sends what has gathered to the sink. */
  flush(): void {
    this.sink.write(this.bytes.subarray(0, this.at))
    this.at = 0
  }

  /** A number's text with our decimal mark. */
  decimal(text: string): void {
    this.ascii(this.point === "." ? text : text.replace(".", this.point))
  }

  /** Makes sure that `n` bytes fit behind `at`. */
  room(n: number): void {
    if (this.at + n <= this.bytes.length) return
    this.flush()
    if (n <= this.bytes.length) return
    this.bytes = new Uint8Array(n)
    this.view = new DataView(this.bytes.buffer)
  }

  private trimmed(negative: boolean, scaled: number, digits: number): void {
    let value = scaled
    let left = digits
    while (value % 10 === 0) {
      value /= 10
      left--
    }
    this.room(NUMBER_ROOM)
    if (negative) this.bytes[this.at++] = 0x2d
    this.pointed(value, left)
  }

  /** `scaled / 10^digits` with all its decimals. */
  private pointed(scaled: number, digits: number): void {
    const power = POWERS[digits] as number
    const whole = Math.floor(scaled / power)
    this.digits(whole, 1)
    this.bytes[this.at++] = this.mark
    this.digits(scaled - whole * power, digits)
  }

  /** The digits of a whole number below 2^53, at least `least`. */
  private digits(value: number, least: number): void {
    const { bytes } = this
    if (value >= 1e9) {
      const high = Math.floor(value / 1e9)
      this.digits(high, Math.max(1, least - 9))
      this.digits(value - high * 1e9, 9)
      return
    }
    let length = least
    while (length < 9 && value >= (POWERS[length] as number)) length++
    let rest = value | 0
    for (let at = this.at + length - 1; at >= this.at; at--) {
      const next = (rest / 10) | 0
      bytes[at] = 0x30 + rest - next * 10
      rest = next
    }
    this.at += length
  }
}

/** Most bytes that `putScaled` writes. */
export const SCALED_ROOM = 16

/**
 * Puts `value / 10^digits` with all its decimals (12 at most) at a place in a buffer.
 * @param value a whole number between -2^31 and 2^31, both excluded
 * @returns the place behind it
 */
export function putScaled(bytes: Uint8Array, place: number, value: number, digits: number, mark: number): number {
  let begin = place
  let rest = value | 0
  if (rest < 0) {
    bytes[begin++] = 0x2d
    rest = -rest | 0
  }
  const length = digitsOf(rest)
  if (digits === 0) {
    for (let at = begin + length - 1; at >= begin; at--) {
      const tenth = (rest / 10) | 0
      bytes[at] = 0x30 + rest - tenth * 10
      rest = tenth
    }
    return begin + length
  }
  const point = length > digits ? begin + length - digits : begin + 1
  let at = point + digits
  for (; at > point; at--) {
    const tenth = (rest / 10) | 0
    bytes[at] = 0x30 + rest - tenth * 10
    rest = tenth
  }
  bytes[at--] = mark
  for (; at >= begin; at--) {
    const tenth = (rest / 10) | 0
    bytes[at] = 0x30 + rest - tenth * 10
    rest = tenth
  }
  return point + digits + 1
}

/** Decimal digits of a whole number below 2^31. */
function digitsOf(value: number): number {
  if (value < 10_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4
  if (value < 100_000_000) return value < 1_000_000 ? (value < 100_000 ? 5 : 6) : value < 10_000_000 ? 7 : 8
  return value < 1_000_000_000 ? 9 : 10
}

/** The f64 with the fewest decimal digits that rounds to this f32. */
export function shortestSingle(value: number): number {
  if (Math.abs(value) < 1e7 && Number.isInteger(value)) return value
  for (let precision = 6; precision <= 8; precision++) {
    const near = Number(value.toPrecision(precision))
    if (Math.fround(near) === value) return near
  }
  return Number(value.toPrecision(9))
}

/** UTF-8 bytes of a text that is written again and again. */
export function encoded(text: string): Uint8Array {
  return ENCODER.encode(text)
}

/** Text that is taken out piece by piece, for containers that wrap each row. */
export class MessageText extends TextBuffer {
  private readonly pieces: Uint8Array[]

  constructor() {
    const pieces: Uint8Array[] = []
    super({ size: 0, write: (bytes) => pieces.push(bytes.slice()), patch() {}, close() {}, abort() {} })
    this.pieces = pieces
  }

  /** What was written since the last call. */
  take(): Uint8Array {
    this.flush()
    const [first] = this.pieces
    const whole = this.pieces.length === 1 && first !== undefined ? first : joinBytes(this.pieces)
    this.pieces.length = 0
    return whole
  }
}
