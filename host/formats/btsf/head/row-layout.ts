import { METRIC_CODES } from "../../../../shared/btsf/layout.js"
import type { Wire } from "../../../model/log.js"

/** The letter of a metric type: Python `struct`'s. */
export type Code = keyof typeof METRIC_CODES

/** `<` little, `>` and `!` big, `=` the writer's order, `@` the same with the C compiler's alignment. */
export type ByteOrder = "<" | ">" | "=" | "!" | "@"

/** A metric's place in a row. */
export interface RowField {
  readonly code: Code
  /** Byte offset in the row. */
  readonly at: number
  readonly size: number
  readonly wire: Wire
}

/** How a row is laid out. */
export interface RowLayout {
  readonly fields: readonly RowField[]
  /** End of the last field. */
  readonly used: number
  readonly little: boolean
}

/** Sizes of C's `long` and the alignment of 8-byte types, by the machines that Python runs on. */
const NATIVE_MACHINES = [
  { long: 8, align8: 8 },
  { long: 4, align8: 8 },
  { long: 4, align8: 4 },
] as const

/** True for the letters that name a metric type. */
export function isCode(code: unknown): code is Code {
  return typeof code === "string" && Object.hasOwn(METRIC_CODES, code)
}

/** True for the five byte orders. */
export function isByteOrder(text: unknown): text is ByteOrder {
  return typeof text === "string" && text.length === 1 && "<>=!@".includes(text)
}

/**
 * Places the metrics in a row. With `@` the writer's machine decides: of the layouts of 64-bit Linux, Windows or
 * 32-bit ARM, and 32-bit x86, the first one that gives `structSize` is taken, else the first.
 * @param padding zero bytes at the row's end, as the file names them
 * Source: Python's struct module, "Byte Order, Size, and Alignment".
 */
export function rowLayout(codes: readonly Code[], byteOrder: ByteOrder, structSize: number, padding: number): RowLayout {
  if (byteOrder !== "@") return packed(codes, byteOrder)
  const candidates = NATIVE_MACHINES.map((machine) => native(codes, machine))
  return candidates.find((layout) => layout.used + padding === structSize) ?? (candidates[0] as RowLayout)
}

function packed(codes: readonly Code[], byteOrder: ByteOrder): RowLayout {
  let at = 0
  const fields = codes.map((code) => {
    const { size, wire } = METRIC_CODES[code]
    const field = { code, at, size, wire }
    at += size
    return field
  })
  // `=` is the writer's machine, which the file does not name; machines that run Python and are big-endian are museum pieces.
  return { fields, used: at, little: byteOrder === "<" || byteOrder === "=" }
}

function native(codes: readonly Code[], machine: { long: number; align8: number }): RowLayout {
  let at = 0
  const fields = codes.map((code) => {
    const isLong = code === "l" || code === "L"
    const size = isLong ? machine.long : METRIC_CODES[code].size
    const align = size === 8 ? machine.align8 : size
    at = Math.ceil(at / align) * align
    const wire: Wire = isLong && size === 8 ? (code === "l" ? "i64" : "u64") : METRIC_CODES[code].wire
    const field = { code, at, size, wire }
    at += size
    return field
  })
  return { fields, used: at, little: true }
}

/** One value as a number; 64-bit integers are rounded. @param at byte of the field */
export function fieldNumber(view: DataView, at: number, field: RowField, little: boolean): number {
  switch (field.wire) {
    case "f32":
      return view.getFloat32(at, little)
    case "f64":
      return view.getFloat64(at, little)
    case "i8":
      return view.getInt8(at)
    case "i16":
      return view.getInt16(at, little)
    case "u16":
      return view.getUint16(at, little)
    case "i32":
      return view.getInt32(at, little)
    case "u32":
      return view.getUint32(at, little)
    case "i64":
      return Number(view.getBigInt64(at, little))
    case "u64":
      return Number(view.getBigUint64(at, little))
    default:
      return view.getUint8(at)
  }
}
