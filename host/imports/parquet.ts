import { basename } from "node:path"
import { gunzipSync } from "node:zlib"
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead, type SchemaElement } from "hyparquet"
import type { Source } from "../bytes/source.js"
import { FormatError } from "../model/errors.js"
import { issue } from "../model/issues.js"
import type { Channel, Log, Selection, Ticks, TimeBase, Values, Wire } from "../model/log.js"
import { newValues } from "../model/values.js"
import { columnLog, timeBaseOf } from "./column-log.js"

/**
 * Parquet with flat columns: the first column is the time if its name says so (`time`, `tick`, a timestamp). Units and start come
 * from fieldlog's metadata where it is there. Nested columns are left out, as an issue.
 */
export async function openParquet(source: Source): Promise<Log> {
  const file: AsyncBuffer = {
    byteLength: source.size,
    async slice(start, end) {
      const bytes = await source.read(start, (end ?? source.size) - start)
      return bytes.slice().buffer as ArrayBuffer
    },
  }
  let metadata: FileMetaData
  try {
    metadata = await parquetMetadataAsync(file)
  } catch (error) {
    throw new FormatError(`cannot be read as Parquet: ${(error as Error).message}`, { format: "parquet", path: source.name })
  }
  const flat = metadata.schema.slice(1).filter(({ num_children }) => num_children === undefined || num_children === 0)
  const nested = metadata.schema.length - 1 - flat.length
  const known = describedColumns(metadata)
  const time = flat[0] === undefined ? null : timeOf(flat[0])
  const elements = time === null ? flat : flat.slice(1)
  const channels = elements.map((element): Channel => {
    return { name: element.name, unit: known.units.get(element.name) ?? "", type: wireOf(element), calibration: null, notes: {} }
  })
  const nestedText = `${nested} nested columns left out: only flat ones are read`
  return columnLog({
    format: "parquet",
    variant: `${metadata.row_groups.length} row group${metadata.row_groups.length === 1 ? "" : "s"}`,
    name: basename(source.name).replace(/\.[^.]*$/, ""),
    start: time?.isUtc === true ? 0n : known.start,
    time: time?.base ?? { kind: "stamped", tick: 0 },
    channels,
    issues: nested === 0 ? [] : [issue("nested", "warning", nestedText)],
    rows: (selection) => readRows(file, metadata, time === null ? null : (flat[0] as SchemaElement), elements, selection),
    close: async () => {},
  })
}

/** Units and start as fieldlog wrote them beside the rows. */
function describedColumns({ key_value_metadata }: FileMetaData): { units: Map<string, string>; start: bigint | null } {
  const text = key_value_metadata?.find(({ key }) => key === "fieldlog")?.value
  try {
    const { tables, start } = JSON.parse(text ?? "{}") as {
      tables?: { columns?: { name: string; unit: string }[] }[]
      start?: string | null
    }
    const units = new Map((tables?.[0]?.columns ?? []).map(({ name, unit }) => [name, unit]))
    return { units, start: typeof start === "string" ? BigInt(start) : null }
  } catch {
    return { units: new Map(), start: null }
  }
}

function timeOf(element: SchemaElement): { base: TimeBase; isUtc: boolean } | null {
  const { logical_type: logical, converted_type: converted, name } = element
  if (logical?.type === "TIMESTAMP" && logical.unit === "NANOS") return { base: { kind: "stamped", tick: 1e-9 }, isUtc: true }
  if (logical?.type === "TIMESTAMP" || converted?.startsWith("TIMESTAMP")) return { base: { kind: "stamped", tick: 1e-3 }, isUtc: true }
  const base = timeBaseOf(name)
  return base === null || wireOf(element) === "text" ? null : { base, isUtc: false }
}

const CONVERTED: Readonly<Record<string, Wire>> = {
  ...{ INT_8: "i8", INT_16: "i16", INT_32: "i32", INT_64: "i64" },
  ...{ UINT_8: "u8", UINT_16: "u16", UINT_32: "u32", UINT_64: "u64", DECIMAL: "f64" },
}
const STORED: Readonly<Record<string, Wire>> = { BOOLEAN: "bool", INT32: "i32", INT64: "i64", FLOAT: "f32", DOUBLE: "f64" }

function wireOf({ type, converted_type: converted, logical_type: logical }: SchemaElement): Wire {
  if (logical?.type === "INTEGER") return `${logical.isSigned ? "i" : "u"}${logical.bitWidth}` as Wire
  const text = converted === "UTF8" || logical?.type === "STRING" ? "text" : "bytes"
  return CONVERTED[converted ?? ""] ?? STORED[type ?? ""] ?? text
}

async function* readRows(
  file: AsyncBuffer,
  metadata: FileMetaData,
  time: SchemaElement | null,
  elements: readonly SchemaElement[],
  selection: Selection,
) {
  const { default: zstd } = await import("@foxglove/wasm-zstd")
  await zstd.isLoaded
  const compressors = {
    ZSTD: (bytes: Uint8Array, length: number) => zstd.decompress(bytes, length),
    GZIP: (bytes: Uint8Array) => gunzipSync(bytes),
  }
  let first = 0
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows)
    if (rows === 0) continue
    const pieces = new Map<string, ArrayLike<unknown>>()
    const columns = [...(time === null ? [] : [time]), ...elements].map(({ name }) => name)
    await parquetRead({
      file,
      metadata,
      compressors,
      columns,
      utf8: false,
      rowStart: first,
      rowEnd: first + rows,
      onChunk: ({ columnName, columnData }) => pieces.set(columnName, joined(pieces.get(columnName), columnData)),
    })
    const times = time === null ? { ticks: null } : ticksOf(pieces.get(time.name) as ArrayLike<unknown>)
    const read = elements.map((element) => column(wireOf(element), pieces.get(element.name) as ArrayLike<unknown>, rows))
    yield { rows, ...times, columns: read.map(({ values }) => values), missing: read.map(({ missing }) => missing) }
    first += rows
    selection.progress?.(Math.round((file.byteLength * first) / Math.max(1, Number(metadata.num_rows))))
  }
}

function joined(before: ArrayLike<unknown> | undefined, piece: ArrayLike<unknown>): ArrayLike<unknown> {
  return before === undefined ? piece : [...Array.from(before), ...Array.from(piece)]
}

/** A null is no time: NaN, and a mark beside 64-bit integers, which have no NaN. */
function ticksOf(values: ArrayLike<unknown>): { ticks: Ticks; untimed: Uint8Array | null } {
  const cells = Array.from(values)
  const isNone = (cell: unknown) => cell === null || cell === undefined
  const untimed = cells.some(isNone) ? Uint8Array.from(cells, (cell) => (isNone(cell) ? 1 : 0)) : null
  if (typeof cells.find((cell) => !isNone(cell)) === "bigint") {
    return { ticks: BigInt64Array.from(cells, (cell) => (isNone(cell) ? 0n : (cell as bigint))), untimed }
  }
  return {
    ticks: Float64Array.from(cells, (cell) => (cell instanceof Date ? cell.getTime() : isNone(cell) ? Number.NaN : Number(cell))),
    untimed,
  }
}

function column(type: Wire, cells: ArrayLike<unknown>, rows: number): { values: Values; missing: Uint8Array | null } {
  const values = newValues(type, rows) as unknown[]
  const missing = new Uint8Array(rows)
  let any = false
  for (let i = 0; i < rows; i++) {
    const cell = cells[i]
    if (cell === null || cell === undefined) {
      missing[i] = 1
      any = true
    } else
      values[i] =
        type === "bool" ? Number(cell) : type === "u64" ? BigInt.asUintN(64, cell as bigint) : type === "u32" ? Number(cell) >>> 0 : cell
  }
  return { values: values as Values, missing: any ? missing : null }
}
