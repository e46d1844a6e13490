import { latin1 } from "../../text/hex.js"

const BLANK = 0x20
const TAB = 9
const POINT = 0x2e
const MINUS = 0x2d
const PLUS = 0x2b
const ZERO = 0x30

/** More numbers in a line are no measurement: such a line is text. */
const MAX_FIELDS = 4096
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(nan|inf(inity)?)$/i
const POWERS = Array.from({ length: 23 }, (_, n) => 10 ** n)

/** Reads the numbers of one line after the other; its arrays are used again for each. */
export class FieldReader {
  readonly values = new Float64Array(MAX_FIELDS)
  /** 1 where the field holds a number, 0 where it is empty. */
  readonly present = new Uint8Array(MAX_FIELDS)

  /**
   * The numbers between two bytes. Blanks around a field do not count; with a blank as separator a run of them is one.
   * @returns how many fields; 0 when one of them is neither a number nor empty, or all are empty
   */
  read(bytes: Uint8Array, from: number, to: number, separator: number): number {
    let fields = 0
    let filled = 0
    for (let at = from; at <= to; at++) {
      const start = skipBlanks(bytes, at, to, separator)
      if (separator === BLANK && start >= to) break
      let end = start
      while (end < to && bytes[end] !== separator) end++
      at = end
      let last = end
      while (last > start && isBlank(bytes[last - 1] as number, separator)) last--
      if (fields === MAX_FIELDS) return 0
      this.present[fields] = last > start ? 1 : 0
      if (last > start) {
        const value = numberAt(bytes, start, last)
        if (value === null) return 0
        this.values[fields] = value
        filled++
      }
      fields++
    }
    return filled > 0 ? fields : 0
  }
}

function skipBlanks(bytes: Uint8Array, from: number, to: number, separator: number): number {
  let at = from
  while (at < to && isBlank(bytes[at] as number, separator)) at++
  return at
}

function isBlank(byte: number, separator: number): boolean {
  return byte === BLANK || (byte === TAB && separator !== TAB)
}

/** Parses a decimal number; null if the text is not one. */
function numberAt(bytes: Uint8Array, from: number, to: number): number | null {
  let at = from
  const sign = bytes[at]
  if (sign === MINUS || sign === PLUS) at++
  let digits = 0
  let decimals = -1
  let value = 0
  for (; at < to; at++) {
    const digit = (bytes[at] as number) - ZERO
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit
      digits++
      if (decimals >= 0) decimals++
    } else if (bytes[at] === POINT && decimals < 0) decimals = 0
    else break
  }
  // Up to 15 digits the whole number and the power of ten are exact, and so their quotient is the nearest f64.
  if (at === to && digits > 0 && digits <= 15) {
    const size = decimals > 0 ? value / (POWERS[decimals] as number) : value
    return sign === MINUS ? -size : size
  }
  return numberOf(latin1(bytes, from, to))
}

function numberOf(text: string): number | null {
  if (!NUMBER.test(text)) return null
  const number = Number(text)
  if (!Number.isNaN(number)) return number
  if (/nan/i.test(text)) return Number.NaN
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}
