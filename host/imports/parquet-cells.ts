import type { SchemaElement } from "hyparquet"
import type { Values, Wire } from "../model/log.js"
import { newValues } from "../model/values.js"

/** What a Parquet column holds, and how its stored cells become ours. */
interface CellKind {
  readonly wire: Wire
  /** A stored cell as a value of the wire; null leaves cells as they are. */
  readonly value: ((cell: unknown) => unknown) | null
}

const CONVERTED: Readonly<Record<string, Wire>> = {
  ...{ INT_8: "i8", INT_16: "i16", INT_32: "i32", INT_64: "i64" },
  ...{ UINT_8: "u8", UINT_16: "u16", UINT_32: "u32", UINT_64: "u64" },
}
const STORED: Readonly<Record<string, Wire>> = {
  ...{ BOOLEAN: "bool", INT32: "i32", INT64: "i64", INT96: "i64", FLOAT: "f32", DOUBLE: "f64" },
}
const TEXTS = new Set(["UTF8", "ENUM", "JSON", "STRING", "UUID"])
/** An f64 holds every decimal of so many digits. */
const F64_DIGITS = 15

/**
 * The cells of a column. Dates are text (`2025-08-09`), decimals numbers, or text where an f64 would round them; a time of day and
 * a stamp are whole numbers of their unit.
 * Source: parquet-format, LogicalTypes.md.
 */
export function cellKind(element: SchemaElement): CellKind {
  const { type, converted_type: converted, logical_type: logical } = element
  if (isDecimal(element)) return decimalKind(element)
  if (converted === "DATE" || logical?.type === "DATE") return { wire: "text", value: (days) => dateText(Number(days)) }
  if (TEXTS.has(converted ?? "") || TEXTS.has(logical?.type ?? "")) return { wire: "text", value: null }
  if (logical?.type === "INTEGER") return integerKind(`${logical.isSigned ? "i" : "u"}${logical.bitWidth}` as Wire)
  if (logical?.type === "FLOAT16") return { wire: "f32", value: null }
  return integerKind(CONVERTED[converted ?? ""] ?? STORED[type ?? ""] ?? "bytes")
}

function integerKind(wire: Wire): CellKind {
  if (wire === "bool") return { wire, value: Number }
  if (wire === "u64") return { wire, value: (cell) => BigInt.asUintN(64, cell as bigint) }
  if (wire === "u32") return { wire, value: (cell) => Number(cell) >>> 0 }
  return { wire, value: null }
}

function isDecimal({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === "DECIMAL" || logical?.type === "DECIMAL"
}

function decimalKind({ logical_type: logical, scale, precision }: SchemaElement): CellKind {
  const own = logical?.type === "DECIMAL" ? logical : { scale, precision }
  const digits = own.scale ?? 0
  const text = (cell: unknown) => decimalText(cell instanceof Uint8Array ? bigEndian(cell) : BigInt(cell as number | bigint), digits)
  return (own.precision ?? F64_DIGITS + 1) > F64_DIGITS
    ? { wire: "text", value: text }
    : { wire: "f64", value: (cell) => Number(text(cell)) }
}

/** Two's complement, the highest byte first. */
function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(8 * bytes.length, value)
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale))
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0")
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function dateText(days: number): string {
  const date = new Date(days * 86_400_000)
  return Number.isNaN(date.getTime()) ? `day ${days}` : date.toISOString().replace(/T.*/, "")
}

/**
 * The element as the library is to read it: stamps, dates and decimals as they are stored, for the library would cut them to a
 * JavaScript date or round them.
 */
export function storedElement(element: SchemaElement): SchemaElement {
  const { converted_type: converted, logical_type: logical, ...rest } = element
  if (logical?.type === "UUID") return element
  if (TEXTS.has(converted ?? "") || TEXTS.has(logical?.type ?? "")) return { ...rest, converted_type: "UTF8" }
  const isKept =
    logical?.type === "FLOAT16" || logical?.type === "INTEGER" || (converted ?? "") in CONVERTED || rest.num_children !== undefined
  return isKept ? element : rest
}

/** A column's cells as values of its wire, and where none is. */
export function cellValues(kind: CellKind, cells: ArrayLike<unknown>, rows: number): { values: Values; missing: Uint8Array | null } {
  const values = newValues(kind.wire, rows) as unknown[]
  const missing = new Uint8Array(rows)
  let any = false
  for (let i = 0; i < rows; i++) {
    const cell = cells[i]
    if (cell === null || cell === undefined) {
      missing[i] = 1
      any = true
    } else values[i] = kind.value === null ? cell : kind.value(cell)
  }
  return { values: values as Values, missing: any ? missing : null }
}
