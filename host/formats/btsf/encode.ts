import { UsageError } from "../../model/errors.js"
import type { Values } from "../../model/log.js"
import { type Words, wordsOf } from "./decode.js"
import type { RowField, RowLayout } from "./head/row-layout.js"

/** Bytes of rows that each column's loop visits before the next column's. */
const BLOCK = 64 * 1024

/**
 * Columns to rows, the reverse of `decodeRows`; padding bytes stay as they are in `into`.
 * @param columns one per field, of the field's storage
 * @param from first row of the columns
 */
export function encodeRows(
  layout: RowLayout,
  structSize: number,
  columns: readonly Values[],
  from: number,
  rows: number,
  into: Uint8Array,
): void {
  const words = layout.fields.map((field, c) => wordsOf(columns[c] as Float64Array, field.size))
  const view = new DataView(into.buffer, into.byteOffset, into.length)
  const step = Math.max(1, Math.floor(BLOCK / structSize))
  for (let first = 0; first < rows; first += step) {
    const n = Math.min(step, rows - first)
    layout.fields.forEach((field, c) => {
      put(field, layout.little, words[c] as Words, from + first, view, first * structSize + field.at, structSize, n)
    })
  }
}

function put(field: RowField, little: boolean, words: Words, from: number, view: DataView, at: number, stride: number, n: number): void {
  switch (field.size) {
    case 1:
      for (let i = 0, p = at; i < n; i++, p += stride) view.setUint8(p, words[from + i] as number)
      break
    case 2:
      for (let i = 0, p = at; i < n; i++, p += stride) view.setUint16(p, words[from + i] as number, little)
      break
    case 4:
      for (let i = 0, p = at; i < n; i++, p += stride) view.setUint32(p, words[from + i] as number, little)
      break
    default:
      for (let i = from * 2, p = at; i < (from + n) * 2; i += 2, p += stride) {
        view.setUint32(little ? p : p + 4, words[i] as number, little)
        view.setUint32(little ? p + 4 : p, words[i + 1] as number, little)
      }
  }
}

/**
 * Puts one row's values at byte `at`.
 * @param values one per field; 64-bit integers may be given as integral numbers
 * @throws UsageError for a value that its type cannot hold; the row's bytes must not be used then
 */
export function encodeRow(layout: RowLayout, values: readonly (number | bigint)[], view: DataView, at: number): void {
  const { fields, little } = layout
  if (values.length !== fields.length)
    throw new UsageError(`${values.length} values, the file has ${fields.length} metrics`, { format: "btsf" })
  for (let i = 0; i < fields.length; i++) putValue(fields[i] as RowField, values[i] as number | bigint, view, at, little)
}

function putValue(field: RowField, value: number | bigint, view: DataView, at: number, little: boolean): void {
  const p = at + field.at
  switch (field.wire) {
    case "f64":
      view.setFloat64(p, Number(value), little)
      break
    case "f32":
      view.setFloat32(p, float32(Number(value)), little)
      break
    case "u8":
      view.setUint8(p, integer(value, 0, 0xff))
      break
    case "i8":
      view.setInt8(p, integer(value, -0x80, 0x7f))
      break
    case "u16":
      view.setUint16(p, integer(value, 0, 0xffff), little)
      break
    case "i16":
      view.setInt16(p, integer(value, -0x8000, 0x7fff), little)
      break
    case "u32":
      view.setUint32(p, integer(value, 0, 0xffffffff), little)
      break
    case "i32":
      view.setInt32(p, integer(value, -0x80000000, 0x7fffffff), little)
      break
    case "u64":
      view.setBigUint64(p, wide(value, 0n, 0xffffffffffffffffn), little)
      break
    default:
      view.setBigInt64(p, wide(value, -0x8000000000000000n, 0x7fffffffffffffffn), little)
      break
  }
}

function integer(value: number | bigint, low: number, high: number): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < low || number > high) throw outOfRange(value, low, high)
  return number
}

function wide(value: number | bigint, low: bigint, high: bigint): bigint {
  if (typeof value === "number" && !Number.isInteger(value)) throw outOfRange(value, low, high)
  const big = BigInt(value)
  if (big < low || big > high) throw outOfRange(value, low, high)
  return big
}

/** As Python's struct: a finite value that rounds to infinity is refused. */
function float32(value: number): number {
  if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) throw outOfRange(value, -3.4028234663852886e38, 3.4028234663852886e38)
  return value
}

function outOfRange(value: number | bigint, low: number | bigint, high: number | bigint): UsageError {
  return new UsageError(`${value} is not within ${low} and ${high}`, { format: "btsf" })
}
