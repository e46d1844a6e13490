import { decode } from "@msgpack/msgpack"

/** Results of `skip` that are not offsets. */
export const INCOMPLETE = -1
export const INVALID = -2

/** Values nested deeper than this are not decoded. */
const MAX_DEPTH = 64

/** Bytes of a value's first byte and its fixed part; 0 if the value holds its length, 255 for the unused byte c1. */
const WIDTH = makeWidths()

function makeWidths(): Uint8Array {
  const width = new Uint8Array(256).fill(1)
  for (let b = 0xa0; b < 0xc0; b++) width[b] = 1 + (b & 31)
  width.fill(0, 0x80, 0xa0)
  width[0xc1] = 255
  width.fill(0, 0xc4, 0xca)
  // Floats, unsigned and signed integers, extensions of 1 to 16 bytes.
  width.set([5, 9, 2, 3, 5, 9, 2, 3, 5, 9, 3, 4, 6, 10, 18], 0xca)
  width.fill(0, 0xd9, 0xe0)
  return width
}

/**
 * Steps over `values` msgpack values that begin at `at`.
 * @returns the offset behind them, `INCOMPLETE` if they reach beyond `end`, `INVALID` at the unused byte c1
 */
export function skip(bytes: Uint8Array, at: number, end: number, values = 1): number {
  let left = values
  let p = at
  while (left > 0) {
    if (p >= end) return INCOMPLETE
    left--
    const b = bytes[p] as number
    const width = WIDTH[b] as number
    if (width === 255) return INVALID
    if (width !== 0) {
      p += width
      continue
    }
    if (b < 0x90) {
      left += (b & 15) * 2
      p++
    } else if (b < 0xa0) {
      left += b & 15
      p++
    } else {
      const head = headSize(b)
      if (p + head > end) return INCOMPLETE
      const n = lengthAt(bytes, p)
      p += head
      if (b === 0xdc || b === 0xdd) left += n
      else if (b === 0xde || b === 0xdf) left += 2 * n
      else p += n + (b >= 0xc7 && b <= 0xc9 ? 1 : 0)
      // Every remaining value takes at least a byte, so an impossible length is noticed before its values are walked.
      if (left > end - p && p <= end) return INCOMPLETE
    }
  }
  return p > end ? INCOMPLETE : p
}

/** Bytes of the marker and the length, for a value that holds its length. */
function headSize(b: number): number {
  if (b === 0xc4 || b === 0xc7 || b === 0xd9) return 2
  if (b === 0xc6 || b === 0xc9 || b === 0xdb || b === 0xdd || b === 0xdf) return 5
  return 3
}

/** The length of the value at `p` whose marker has one. */
function lengthAt(bytes: Uint8Array, p: number): number {
  const size = headSize(bytes[p] as number) - 1
  let n = 0
  for (let i = 1; i <= size; i++) n = n * 256 + (bytes[p + i] as number)
  return n
}

/** An array, map, string or binary value: where its content begins and how many elements or bytes it has; null for others. */
interface Head {
  readonly kind: "array" | "map" | "text" | "bytes"
  readonly at: number
  readonly length: number
}

/** Reads the head of a container at `p`; the value must be known to be complete. */
export function headAt(bytes: Uint8Array, p: number): Head | null {
  const b = bytes[p] as number
  if (b >= 0x80 && b < 0x90) return { kind: "map", at: p + 1, length: b & 15 }
  if (b >= 0x90 && b < 0xa0) return { kind: "array", at: p + 1, length: b & 15 }
  if (b >= 0xa0 && b < 0xc0) return { kind: "text", at: p + 1, length: b & 31 }
  const kind = kindOf(b)
  if (kind === null) return null
  return { kind, at: p + headSize(b), length: lengthAt(bytes, p) }
}

/** What a value is whose marker has a length; null for extensions and for other markers. */
function kindOf(b: number): Head["kind"] | null {
  if (b >= 0xc4 && b <= 0xc6) return "bytes"
  if (b < 0xd9 || b > 0xdf) return null
  return b <= 0xdb ? "text" : b <= 0xdd ? "array" : "map"
}

/** A number in any form as f64, NaN for other values. The value must be known to be complete. */
export function numberAt(view: DataView, p: number): number {
  const b = view.getUint8(p)
  if (b < 0x80) return b
  if (b >= 0xe0) return b - 256
  switch (b) {
    case 0xca:
      return view.getFloat32(p + 1)
    case 0xcb:
      return view.getFloat64(p + 1)
    case 0xcc:
      return view.getUint8(p + 1)
    case 0xcd:
      return view.getUint16(p + 1)
    case 0xce:
      return view.getUint32(p + 1)
    case 0xcf:
      return Number(view.getBigUint64(p + 1))
    case 0xd0:
      return view.getInt8(p + 1)
    case 0xd1:
      return view.getInt16(p + 1)
    case 0xd2:
      return view.getInt32(p + 1)
    case 0xd3:
      return Number(view.getBigInt64(p + 1))
    default:
      return Number.NaN
  }
}

/** True for the markers of integers and floats. */
export function isNumberMarker(b: number): boolean {
  return b < 0x80 || b >= 0xe0 || (b >= 0xca && b <= 0xd3)
}

/** True for the markers of integers. */
export function isIntegerMarker(b: number): boolean {
  return b < 0x80 || b >= 0xe0 || (b >= 0xcc && b <= 0xd3)
}

/** An integer in any form; null for other values. The value must be known to be complete. */
export function bigintAt(view: DataView, p: number): bigint | null {
  const b = view.getUint8(p)
  if (!isIntegerMarker(b)) return null
  if (b === 0xcf) return view.getBigUint64(p + 1)
  if (b === 0xd3) return view.getBigInt64(p + 1)
  return BigInt(numberAt(view, p))
}

/**
 * The tick of the record at `at`, read without the rest of the record. NaN if the record is not an array of 2 or 3 that begins with a
 * number, or if that number reaches beyond `end`.
 */
export function peekTick(bytes: Uint8Array, view: DataView, at: number, end: number): number {
  const b = bytes[at] as number
  if (at >= end || b < 0x92 || b > 0x93) return Number.NaN
  const marker = bytes[at + 1] as number
  if (at + 1 >= end || !isNumberMarker(marker) || at + 1 + (WIDTH[marker] as number) > end) return Number.NaN
  return numberAt(view, at + 1)
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** A string value; bytes that are not UTF-8 become U+FFFD. Null for other values. */
export function textAt(bytes: Uint8Array, p: number): string | null {
  const head = headAt(bytes, p)
  if (head?.kind !== "text") return null
  return utf8.decode(bytes.subarray(head.at, head.at + head.length))
}

/**
 * Any value as JavaScript: integers beyond 32 bits as bigint if the file has 64 bits, binary as Uint8Array, maps as objects
 * with text keys, extensions as `{type, data}`.
 * @param end the offset behind the value, as `skip` gives it
 * @returns undefined if the value is nested too deeply or cannot be held by JavaScript
 */
export function valueAt(bytes: Uint8Array, p: number, end: number): unknown {
  if (tooDeep(bytes, p, end)) return undefined
  try {
    return decode(bytes.slice(p, end), { useBigInt64: true, mapKeyConverter: keyText })
  } catch {
    // Keys such as "__proto__" are refused by the decoder.
    return undefined
  }
}

function keyText(key: unknown): string {
  return typeof key === "object" && key !== null
    ? JSON.stringify(key, (_, value) => (typeof value === "bigint" ? `${value}` : value))
    : String(key)
}

function tooDeep(bytes: Uint8Array, at: number, end: number): boolean {
  const left: number[] = []
  let p = at
  while (p < end) {
    const head = headAt(bytes, p)
    if (head !== null && (head.kind === "array" || head.kind === "map")) {
      left.push(head.kind === "map" ? head.length * 2 : head.length)
      p = head.at
      if (left.length > MAX_DEPTH) return true
    } else {
      p = skip(bytes, p, end)
      if (p < 0) return true
      if (left.length === 0) return false
      left[left.length - 1] = (left[left.length - 1] as number) - 1
    }
    while (left.length > 0 && left[left.length - 1] === 0) {
      left.pop()
      if (left.length > 0) left[left.length - 1] = (left[left.length - 1] as number) - 1
    }
    if (left.length === 0) return false
  }
  return false
}
