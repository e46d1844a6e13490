import type { ColumnChunk, CompressionCodec, SchemaElement } from "hyparquet"
import type { ByteWriter } from "hyparquet-writer"
import { writePageHeader } from "hyparquet-writer/src/datapage.js"
import type { Compressor } from "../../bytes/compressors.js"
import type { Values, Wire } from "../../model/log.js"
import { type BatchColumn, packedBits, presentBits } from "./batch-column.js"

/** Values in a page: 1 MiB of f64. */
const PAGE_VALUES = 128 * 1024

/** A column of numbers that is to be written into a row group. */
interface NumberColumn extends BatchColumn {
  readonly element: SchemaElement
  readonly type: Wire
  /** Rows of the row group. */
  readonly rows: number
  readonly codec: CompressionCodec
  /** Absent for no compression. */
  readonly compress: Compressor | undefined
}

/**
 * Writes a column chunk of numbers, PLAIN in data pages of version 1. A PLAIN page of numbers is the memory of a typed array, so
 * no value is handled one by one; hyparquet-writer, which does so, has a sixth of the speed.
 * Source: Parquet format, Encodings.md (PLAIN; RLE/bit-packing hybrid) and README (data pages).
 */
export function writeNumberColumn(writer: ByteWriter, column: NumberColumn): ColumnChunk {
  const { element, rows, values, at, codec } = column
  const plain = plainValues(column.type, values)
  const begin = writer.offset
  let uncompressed = 0
  let pages = 0
  for (let from = 0, row = 0; row < rows; pages++) {
    const to = Math.min(plain.length, from + PAGE_VALUES)
    // The rows behind a page's last value are empty up to the next page's first.
    const end = to === plain.length ? rows : at === null ? to : (at[to] as number)
    uncompressed += writePage(writer, column, plain, { from, to, row, end })
    from = to
    row = end
  }
  return {
    meta_data: {
      type: element.type as NonNullable<SchemaElement["type"]>,
      encodings: ["PLAIN", "RLE"],
      path_in_schema: [element.name],
      codec,
      num_values: BigInt(rows),
      total_compressed_size: BigInt(writer.offset - begin),
      total_uncompressed_size: BigInt(uncompressed),
      data_page_offset: BigInt(begin),
      statistics: { ...bounds(values), null_count: BigInt(rows - values.length) },
      encoding_stats: [{ page_type: "DATA_PAGE", encoding: "PLAIN", count: pages }],
    },
    file_offset: BigInt(begin),
  }
}

type Plain = Int32Array | BigInt64Array | BigUint64Array | Float32Array | Float64Array | Uint8Array

/** The values in Parquet's physical type; flags stay bytes, which each page packs. */
function plainValues(type: Wire, values: Values): Plain {
  if (type === "bool") return values as Uint8Array
  if (values instanceof Uint32Array) return new Int32Array(values.buffer, values.byteOffset, values.length)
  if (values instanceof Uint8Array || values instanceof Uint16Array || values instanceof Int8Array || values instanceof Int16Array) {
    return new Int32Array(values)
  }
  return values as Plain
}

/** A page's values, and the rows it covers. */
interface Span {
  readonly from: number
  readonly to: number
  readonly row: number
  readonly end: number
}

/** @returns bytes of the page without compression */
function writePage(writer: ByteWriter, column: NumberColumn, plain: Plain, span: Span): number {
  const { element, type, compress } = column
  const { from, to, row, end } = span
  const levels = element.repetition_type === "REQUIRED" ? NOTHING : presence(column, span)
  const own = plain.subarray(from, to)
  const data = type === "bool" ? packedBits(own as Uint8Array) : new Uint8Array(own.buffer, own.byteOffset, own.byteLength)
  const body = new Uint8Array(levels.length + data.length)
  body.set(levels)
  body.set(data, levels.length)
  const packed = compress === undefined ? body : compress(body)
  const begin = writer.offset
  writePageHeader(writer, {
    type: "DATA_PAGE",
    uncompressed_page_size: body.length,
    compressed_page_size: packed.length,
    data_page_header: { num_values: end - row, encoding: "PLAIN", definition_level_encoding: "RLE", repetition_level_encoding: "RLE" },
  })
  const head = writer.offset - begin
  writer.appendBytes(packed)
  return head + body.length
}

const NOTHING = new Uint8Array(0)

/** Definition levels behind their length: one run if all rows are alike, else a bit a row, which compresses well. */
function presence(column: BatchColumn, { from, to, row, end }: Span): Uint8Array {
  const rows = end - row
  if (from === to) return levelRun(varint(rows * 2), Uint8Array.of(0))
  const bits = presentBits(column, row, end)
  return bits === null ? levelRun(varint(rows * 2), Uint8Array.of(1)) : levelRun(varint(bits.length * 2 + 1), bits)
}

function levelRun(header: readonly number[], run: Uint8Array): Uint8Array {
  const size = header.length + run.length
  const out = new Uint8Array(4 + size)
  new DataView(out.buffer).setUint32(0, size, true)
  out.set(header, 4)
  out.set(run, 4 + header.length)
  return out
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}

/** Lowest and highest value, NaN ignored; absent if there is no value. A zero counts as -0 below and 0 above, as the format asks. */
function bounds(values: Values): { min_value?: number | bigint; max_value?: number | bigint } {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return extremes(values as BigInt64Array)
  const numbers = values as Float64Array
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number
    if (value <= min) min = value
    if (value >= max) max = value
  }
  return min <= max ? { min_value: min === 0 ? -0 : min, max_value: max === 0 ? 0 : max } : {}
}

function extremes(values: BigInt64Array): { min_value?: bigint; max_value?: bigint } {
  if (values.length === 0) return {}
  let min = values[0] as bigint
  let max = min
  for (let i = 1; i < values.length; i++) {
    const value = values[i] as bigint
    if (value < min) min = value
    else if (value > max) max = value
  }
  return { min_value: min, max_value: max }
}
