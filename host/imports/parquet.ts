import { basename } from "node:path"
import { brotliDecompressSync, gunzipSync } from "node:zlib"
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead, type SchemaElement } from "hyparquet"
import type { Source } from "../bytes/source.js"
import { FormatError, LimitError } from "../model/errors.js"
import { IssueList, issue } from "../model/issues.js"
import type { Channel, Log, Selection, Ticks, TimeBase } from "../model/log.js"
import { isNumeric } from "../model/wire.js"
import { columnLog, timeBaseOf } from "./column-log.js"
import { unpackLz4 } from "./lz4.js"
import { cellKind, cellValues, storedElement } from "./parquet-cells.js"
import { distinctColumns, topColumns } from "./parquet-columns.js"

/**
 * Parquet with flat columns: the first column is the time if its name says so (`time`, `tick`, a timestamp). Units and start come
 * from fieldlog's metadata where it is there. Nested columns are left out, as an issue.
 */
export async function openParquet(source: Source): Promise<Log> {
  const file: AsyncBuffer = {
    byteLength: source.size,
    async slice(start, end) {
      const bytes = await source.read(start, (end ?? source.size) - start)
      return new Uint8Array(bytes).buffer
    },
  }
  let metadata: FileMetaData
  try {
    metadata = await parquetMetadataAsync(file)
  } catch (error) {
    throw new FormatError(`cannot be read as Parquet: ${(error as Error).message}`, { format: "parquet", path: source.name })
  }
  const { flat, nested } = topColumns(metadata.schema)
  const known = describedColumns(metadata)
  const time = timeElement(flat, metadata)
  const elements = flat.filter((element) => element !== time?.element)
  const channels = elements.map((element): Channel => {
    return {
      name: element.name,
      unit: known.units.get(element.name) ?? stampUnit(element),
      type: cellKind(element).wire,
      calibration: null,
      notes: {},
    }
  })
  const stored = distinctColumns(metadata)
  const storedFlat = topColumns(stored.schema).flat
  const storedOf = (element: SchemaElement) => storedFlat[flat.indexOf(element)] as SchemaElement
  const issues = new IssueList()
  if (nested > 0) {
    const text = `${nested} nested ${nested === 1 ? "column" : "columns"} left out: only flat ones are read`
    issues.add(issue("nested", "warning", text))
  }
  return columnLog({
    format: "parquet",
    variant: `${metadata.row_groups.length} row group${metadata.row_groups.length === 1 ? "" : "s"}`,
    name: basename(source.name).replace(/\.[^.]*$/, ""),
    start: time?.isUtc === true ? 0n : known.start,
    time: time?.base ?? { kind: "stamped", tick: 0 },
    channels,
    issues: issues.all,
    rows: (selection) =>
      readRows(
        { file, metadata: stored, time: time === null ? null : storedOf(time.element), elements: elements.map(storedOf) },
        issues,
        selection,
      ),
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

/** The column of times: the index that pandas names, else the first column, else the only column of stamps. */
function timeElement(
  flat: readonly SchemaElement[],
  metadata: FileMetaData,
): { element: SchemaElement; base: TimeBase; isUtc: boolean } | null {
  const stamps = flat.filter((element) => stampTick(element) !== null)
  const index = pandasIndex(metadata)
  for (const element of [flat.find(({ name }) => name === index), flat[0], stamps.length === 1 ? stamps[0] : undefined]) {
    const time = element === undefined ? null : timeOf(element)
    if (element !== undefined && time !== null) return { element, ...time }
  }
  return null
}

function pandasIndex({ key_value_metadata }: FileMetaData): string | null {
  try {
    const text = key_value_metadata?.find(({ key }) => key === "pandas")?.value ?? "{}"
    const { index_columns: columns } = JSON.parse(text) as { index_columns?: unknown[] }
    return columns?.length === 1 && typeof columns[0] === "string" ? columns[0] : null
  } catch {
    return null
  }
}

/** What stamps that are not the time count since 1970, and times of day since midnight. */
function stampUnit(element: SchemaElement): string {
  const tick = stampTick(element) ?? dayTick(element)
  return tick === null ? "" : tick === 1e-3 ? "ms" : tick === 1e-6 ? "us" : "ns"
}

function timeOf(element: SchemaElement): { base: TimeBase; isUtc: boolean } | null {
  const tick = stampTick(element)
  if (tick !== null) return { base: { kind: "stamped", tick }, isUtc: true }
  const base = timeBaseOf(element.name)
  return base === null || !isNumeric(cellKind(element).wire) ? null : { base, isUtc: false }
}

/** Seconds of Parquet's units. */
const UNITS = { MILLIS: 1e-3, MICROS: 1e-6, NANOS: 1e-9 } as const

/** Seconds per unit of a column of stamps; null for any other column. INT96 is read as ns. */
function stampTick({ type, logical_type: logical, converted_type: converted }: SchemaElement): number | null {
  if (logical?.type === "TIMESTAMP") return UNITS[logical.unit]
  if (converted === "TIMESTAMP_MILLIS") return UNITS.MILLIS
  if (converted === "TIMESTAMP_MICROS") return UNITS.MICROS
  return type === "INT96" ? 1e-9 : null
}

/** Seconds per unit of a column of times of day; null for any other column. */
function dayTick({ logical_type: logical, converted_type: converted }: SchemaElement): number | null {
  if (logical?.type === "TIME") return UNITS[logical.unit]
  if (converted === "TIME_MILLIS") return UNITS.MILLIS
  return converted === "TIME_MICROS" ? UNITS.MICROS : null
}

/** An open file, and which of its columns are read. */
interface Table {
  readonly file: AsyncBuffer
  readonly metadata: FileMetaData
  readonly time: SchemaElement | null
  readonly elements: readonly SchemaElement[]
}

/** Rows that a row group may have whatever its size, and beyond that for each byte of the file: more are promised, not stored. */
const FREE_ROWS = 2 ** 22
const ROWS_PER_BYTE = 1024

/** Row group by row group; one that cannot be decoded is an issue, and the next one follows. */
async function* readRows(table: Table, issues: IssueList, selection: Selection) {
  const { file, metadata } = table
  let first = 0
  for (const [g, group] of metadata.row_groups.entries()) {
    const rows = Number(group.num_rows)
    if (rows === 0) continue
    try {
      yield await readGroup(table, first, rows)
    } catch (error) {
      const text = `row group ${g} with rows ${first} to ${first + rows} is lost: ${(error as Error).message}`
      issues.add(issue("bad-row-group", "error", text, { at: Number(group.file_offset ?? -1) }))
    }
    first += rows
    selection.progress?.(Math.round((file.byteLength * first) / Math.max(1, Number(metadata.num_rows))))
  }
}

/** @throws Error of the decoder, LimitError for more rows than the file can hold, FormatError where a column has fewer than promised */
async function readGroup({ file, metadata, time, elements }: Table, first: number, rows: number) {
  if (!(rows >= 0 && rows <= FREE_ROWS + ROWS_PER_BYTE * file.byteLength)) {
    throw new LimitError(`it promises ${rows} rows in a file of ${file.byteLength} bytes`, { format: "parquet" })
  }
  const pieces = new Map<string, ArrayLike<unknown>[]>()
  const columns = [...(time === null ? [] : [time]), ...elements].map(({ name }) => name)
  await parquetRead({
    file,
    metadata: { ...metadata, schema: metadata.schema.map(storedElement) },
    parsers: { timestampFromNanoseconds: (nanos) => nanos },
    compressors: await decompressors(),
    columns,
    utf8: false,
    rowStart: first,
    rowEnd: first + rows,
    onChunk({ columnName, columnData }) {
      const own = pieces.get(columnName)
      if (own === undefined) pieces.set(columnName, [columnData])
      else own.push(columnData)
    },
  })
  const cells = ({ name }: SchemaElement) => {
    const whole = joined(pieces.get(name) ?? [])
    if (whole.length === rows) return whole
    throw new FormatError(`column ${name} has ${whole.length} of ${rows} rows`, { format: "parquet" })
  }
  const times = time === null ? { ticks: null } : ticksOf(cells(time))
  const read = elements.map((element) => cellValues(cellKind(element), cells(element), rows))
  return { rows, ...times, columns: read.map(({ values }) => values), missing: read.map(({ missing }) => missing) }
}

async function decompressors() {
  const { default: zstd } = await import("@foxglove/wasm-zstd")
  await zstd.isLoaded
  return {
    ZSTD: (bytes: Uint8Array, length: number) => zstd.decompress(bytes, length),
    GZIP: (bytes: Uint8Array) => gunzipSync(bytes),
    BROTLI: (bytes: Uint8Array, length: number) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }),
    LZ4_RAW: unpackLz4,
  }
}

function joined(pieces: readonly ArrayLike<unknown>[]): ArrayLike<unknown> {
  const [only] = pieces
  return pieces.length === 1 && only !== undefined ? only : pieces.flatMap((piece) => Array.from(piece))
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
    ticks: Float64Array.from(cells, (cell) => (isNone(cell) ? Number.NaN : Number(cell))),
    untimed,
  }
}
