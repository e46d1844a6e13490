import { gzipSync } from "node:zlib"
import type { CompressionCodec, SchemaElement } from "hyparquet"
import { ByteWriter, type ColumnSource, ParquetWriter } from "hyparquet-writer"
import type { Output, WriteOptions } from "../format.js"
import type { Log, Loss, Values, Wire } from "../log.js"
import type { Sink } from "../sink.js"
import { otherJson } from "./columns.js"
import { logMetadata } from "./metadata.js"
import { fileTitles } from "./names.js"
import { choice, exportOptions } from "./options.js"
import { coalesce, planTables, type Table, type TableBatch, type TableColumn, type TableOptions, tableBatches } from "./table.js"

/** Values in a row group: 8 MiB of f64. */
const GROUP_VALUES = 1024 * 1024
/** Rows in a row group at most. */
const GROUP_ROWS = 256 * 1024

/**
 * Parquet. `layout`: `wide` (default), `long`, or `group` (a file per group); `codec`: `zstd` (default), `snappy`, `gzip`, `none`;
 * `time`: `seconds` or `utc`; `raw`. Integers keep their type, calibrated channels are f64. Units, calibration,
 * annotations and the rest stand in the key-value metadata under `fieldlog`.
 */
export async function writeParquet(log: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const settings: TableOptions = {
    ...exportOptions(options),
    layout: choice(options, "layout", ["wide", "long", "group"], "wide"),
    time: choice(options, "time", ["seconds", "utc"], "seconds"),
  }
  const codec = choice(options, "codec", ["zstd", "snappy", "gzip", "none"], "zstd")
  await log.survey()
  const tables = planTables(log, settings)
  const compressors = await loadCompressors(codec)
  const files = new Map<number, ParquetFile>()
  const names = fileTitles(tables.map(({ name }) => name))
  const open = (index: number): ParquetFile => {
    const table = tables[index] as Table
    const relative = settings.layout === "group" ? output.name.replace(/(\.[^.]*)?$/, `.${names[index]}$1`) : undefined
    const file = new ParquetFile(table, output.sink(relative), codec, compressors)
    files.set(index, file)
    return file
  }
  if (settings.layout === "group") for (const g of settings.selection.groups ?? tables.keys()) open(g)
  else open(0)

  const widest = Math.max(...tables.map(({ columns }) => columns.length))
  const rows = Math.max(1024, Math.min(GROUP_ROWS, Math.floor(GROUP_VALUES / widest)))
  for await (const batch of coalesce(tableBatches(log, tables, settings), rows)) files.get(batch.table)?.write(batch)
  // Annotations and issues are complete only now.
  for (const file of files.values()) file.finish(logMetadata(log, [file.table]))
  return []
}

type Compressors = Partial<Record<CompressionCodec, (bytes: Uint8Array) => Uint8Array>>

const CODECS: Record<string, CompressionCodec> = { zstd: "ZSTD", snappy: "SNAPPY", gzip: "GZIP", none: "UNCOMPRESSED" }

async function loadCompressors(codec: string): Promise<Compressors> {
  if (codec === "gzip") return { GZIP: (bytes) => gzipSync(bytes, { level: 1 }) }
  if (codec !== "zstd") return {}
  const { default: zstd } = await import("@foxglove/wasm-zstd")
  await zstd.isLoaded
  return { ZSTD: (bytes) => zstd.compress(bytes, 1) }
}

/** One Parquet file on its way to a sink, a row group at a time. */
class ParquetFile {
  private readonly bytes: SinkBytes
  private readonly writer: ParquetWriter
  private readonly metadata = { key: "fieldlog", value: "" }

  constructor(
    readonly table: Table,
    private readonly sink: Sink,
    codec: string,
    compressors: Compressors,
  ) {
    this.bytes = new SinkBytes(sink)
    this.writer = new ParquetWriter({
      writer: this.bytes,
      schema: [{ name: "log", num_children: table.columns.length }, ...table.columns.map(schemaElement)],
      codec: CODECS[codec] as CompressionCodec,
      compressors,
      kvMetadata: [this.metadata],
      createdBy: "fieldlog",
    })
  }

  write(batch: TableBatch): void {
    if (batch.rows === 0) return
    const columnData = this.table.columns.map((column, c) => columnSource(column, batch.columns[c] as Values, batch.missing[c] ?? null))
    this.writer.write({ columnData, rowGroupSize: batch.rows })
  }

  finish(metadata: string): void {
    this.metadata.value = metadata
    this.writer.finish()
    this.bytes.flush()
    this.sink.close()
  }
}

/** Hands what a row group gave to the sink. */
class SinkBytes extends ByteWriter {
  constructor(private readonly sink: Sink) {
    super(1 << 20)
  }

  flush(): void {
    this.sink.write(new Uint8Array(this.buffer, 0, this.index))
    this.index = 0
  }
}

function schemaElement({ name, type, role, source }: TableColumn): SchemaElement {
  const repetition_type = source === null && role !== "value" && role !== "text" ? "REQUIRED" : "OPTIONAL"
  if (role === "utc") {
    return { name, type: "INT64", repetition_type, logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" } }
  }
  return { name, repetition_type, ...parquetType(type) }
}

function parquetType(type: Wire): Omit<SchemaElement, "name"> {
  // No logical type: hyparquet-writer 0.17.0 writes its width as an i32, which Arrow's reader refuses.
  const integer = (bitWidth: number, isSigned: boolean): Omit<SchemaElement, "name"> => ({
    type: bitWidth === 64 ? "INT64" : "INT32",
    converted_type: `${isSigned ? "" : "U"}INT_${bitWidth}` as SchemaElement["converted_type"],
  })
  switch (type) {
    case "u1":
    case "u4":
    case "u8":
      return integer(8, false)
    case "u16":
      return integer(16, false)
    case "u24":
    case "i24":
    case "i32":
      return integer(32, true)
    case "i4":
    case "i8":
      return integer(8, true)
    case "i16":
      return integer(16, true)
    case "u32":
      return integer(32, false)
    case "i56":
    case "i64":
      return integer(64, true)
    case "u56":
    case "u64":
      return integer(64, false)
    case "u40":
    case "u48":
    case "uint":
    case "i40":
    case "i48":
    case "int":
    case "f64":
      return { type: "DOUBLE" }
    case "f32":
      return { type: "FLOAT" }
    case "bool":
      return { type: "BOOLEAN" }
    case "text":
      return { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } }
    case "mixed":
      return { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } }
    case "bytes":
      return { type: "BYTE_ARRAY" }
  }
}

function columnSource({ name, type, role }: TableColumn, values: Values, missing: Uint8Array | null): ColumnSource {
  const data = stored(type, values)
  const isDictionary = type === "text" && (role === "group" || role === "channel")
  return { name, data: withNulls(data, missing) as ColumnSource["data"], ...(isDictionary ? {} : { encoding: "PLAIN" }) }
}

/** The values as the writer takes them: flags as booleans, msgpack values as JSON. */
function stored(type: Wire, values: Values): ArrayLike<unknown> {
  // The writer takes an unsigned number beyond 2^31 from a plain array only.
  if (type === "u32") return Array.from(values as Uint32Array)
  if (type === "bool") return Array.from(values as Uint8Array, (flag) => flag !== 0)
  if (type === "mixed") return (values as unknown[]).map((value) => otherJson(value))
  return values
}

function withNulls(values: ArrayLike<unknown>, missing: Uint8Array | null): ArrayLike<unknown> {
  if (missing === null || !missing.includes(1)) return values
  const out = new Array<unknown>(values.length)
  for (let i = 0; i < out.length; i++) out[i] = missing[i] === 1 ? null : values[i]
  return out
}
