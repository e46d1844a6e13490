import type { ColumnChunk, CompressionCodec, SchemaElement } from "hyparquet"
import { ByteWriter, ParquetWriter } from "hyparquet-writer"
import { writeColumn } from "hyparquet-writer/src/column.js"
import { snappyCompress } from "hyparquet-writer/src/snappy.js"
import type { Compressor, Compressors } from "../bytes/compressors.js"
import type { Sink } from "../bytes/sink.js"
import { UnsupportedError } from "../model/errors.js"
import type { Output, WriteOptions } from "../model/format.js"
import type { Log, Loss, Wire } from "../model/log.js"
import { instantLosses } from "../model/losses.js"
import { type StorageName, storageOf } from "../model/wire.js"
import { choice } from "../text/asked.js"
import { otherJson } from "../text/cells.js"
import { type BatchColumn, denseValues, isPresent, presentBits, type TableBatch } from "./parts/batch-column.js"
import { coalesce, tableBatches, untimedRows } from "./parts/batches.js"
import { tableSinks } from "./parts/files.js"
import { logMetadata } from "./parts/metadata.js"
import { writeNumberColumn } from "./parts/parquet-column.js"
import { columnLosses, planTables, type Table, type TableColumn, tableLog, tableOptions } from "./parts/table.js"

/** A row group is written when it has this many bytes of values, ... */
const GROUP_BYTES = 8 * 1024 * 1024
/** ... or this many rows. */
const GROUP_ROWS = 1024 * 1024
/** Bytes of a page of text. */
const TEXT_PAGE = 1024 * 1024

/**
 * Parquet. `layout`: `wide` (default), `long`, or `group` (a file per group); `codec`: `zstd` (default where it is at hand), `snappy`, `gzip`, `none`;
 * `time`: `seconds` or `utc`; `raw`. Integers keep their type, calibrated channels are f64. Units, calibration,
 * annotations and the rest stand in the key-value metadata under `fieldlog`.
 */
export async function writeParquet(original: Log, output: Output, options: WriteOptions, compressors: Compressors): Promise<Loss[]> {
  const settings = tableOptions(options)
  const { log, losses } = tableLog(original, settings)
  const codec = await codecNamed(compressors, choice(options, "codec", CODECS, compressors.zstd === undefined ? "snappy" : "zstd"))
  await log.survey()
  const tables = planTables(log, settings)
  const files = new Map<number, ParquetFile>()
  for (const [index, sink] of tableSinks(output, tables, settings)) files.set(index, new ParquetFile(tables[index] as Table, sink, codec))

  let untimed = 0
  const size = { rows: GROUP_ROWS, bytes: GROUP_BYTES }
  for await (const batch of coalesce(tables, tableBatches(log, tables, settings), size)) {
    files.get(batch.table)?.write(batch)
    untimed += untimedRows(batch)
  }
  // Annotations and issues are complete only after the last row.
  for (const file of files.values()) file.finish(logMetadata(log, [file.table]))
  return [...losses(), ...columnLosses(tables, settings), ...instantLosses("values", untimed)]
}

/** The name in the file and the compressor of each codec. */
interface Codec {
  readonly name: CompressionCodec
  readonly compress: Compressor | undefined
}

const CODECS = ["zstd", "snappy", "gzip", "none"] as const

/** @throws UnsupportedError for a codec that is not at hand */
async function codecNamed({ zstd, gzip }: Compressors, name: (typeof CODECS)[number]): Promise<Codec> {
  if (name === "none") return { name: "UNCOMPRESSED", compress: undefined }
  if (name === "snappy") return { name: "SNAPPY", compress: snappyCompress }
  const load = name === "zstd" ? zstd : gzip
  if (load === undefined) throw new UnsupportedError(`Parquet cannot be compressed with ${name} here`, { hint: "codec: snappy or none" })
  return { name: name === "zstd" ? "ZSTD" : "GZIP", compress: await load() }
}

/** One Parquet file on its way to a sink, a row group at a time. */
class ParquetFile {
  private readonly bytes: SinkBytes
  private readonly writer: ParquetWriter
  private readonly elements: readonly SchemaElement[]
  private readonly metadata = { key: "fieldlog", value: "" }

  constructor(
    readonly table: Table,
    private readonly sink: Sink,
    private readonly codec: Codec,
  ) {
    this.bytes = new SinkBytes(sink)
    this.elements = table.columns.map(schemaElement)
    this.writer = new ParquetWriter({
      writer: this.bytes,
      schema: [{ name: "log", num_children: table.columns.length }, ...this.elements],
      kvMetadata: [this.metadata],
      createdBy: "fieldlog",
    })
  }

  write({ rows, columns: batch }: TableBatch): void {
    if (rows === 0) return
    const begin = this.writer.writer.offset
    const columns = this.table.columns.map((column, c) => {
      const chunk = this.writeColumn(column, this.elements[c] as SchemaElement, batch[c] as BatchColumn, rows)
      this.bytes.flush()
      return chunk
    })
    const size = (of: "total_compressed_size" | "total_uncompressed_size") =>
      columns.reduce((sum, { meta_data }) => sum + (meta_data?.[of] ?? 0n), 0n)
    this.writer.num_rows += BigInt(rows)
    this.writer.row_groups.push({
      columns,
      num_rows: BigInt(rows),
      total_byte_size: size("total_uncompressed_size"),
      total_compressed_size: size("total_compressed_size"),
      file_offset: BigInt(begin),
    })
  }

  private writeColumn(column: TableColumn, element: SchemaElement, own: BatchColumn, rows: number): ColumnChunk {
    const { name: codec, compress } = this.codec
    if (!Array.isArray(own.values)) return writeNumberColumn(this.bytes, { ...own, element, type: column.type, rows, codec, compress })
    return writeTextColumn(this.bytes, column, element, own, rows, this.codec)
  }

  finish(metadata: string): void {
    this.metadata.value = metadata
    this.writer.finish()
    this.bytes.flush()
    this.sink.close()
  }
}

/** Text, bytes and msgpack values as JSON: the library's own writer, which takes them one by one. */
function writeTextColumn(
  writer: ByteWriter,
  { type, role }: TableColumn,
  element: SchemaElement,
  column: BatchColumn,
  rows: number,
  { name: codec, compress }: Codec,
): ColumnChunk {
  const isOptional = element.repetition_type === "OPTIONAL"
  const bits = presentBits(column, 0, rows)
  const cells = denseValues(type, column, 0, rows) as unknown[]
  const values = cells.map((value, i) => (isPresent(bits, i) ? (type === "mixed" ? otherJson(value) : value) : null))
  const levels = isOptional ? Array.from(values, (value) => (value === null ? 0 : 1)) : []
  const isDictionary = type === "text" && (role === "group" || role === "channel")
  return writeColumn({
    writer,
    column: {
      columnName: element.name,
      element,
      schemaPath: [{ name: "log" }, element],
      codec,
      compressors: compress === undefined ? {} : { [codec]: compress },
      stats: true,
      pageSize: TEXT_PAGE,
      columnIndex: false,
      offsetIndex: false,
      ...(isDictionary ? {} : { encoding: "PLAIN" }),
    },
    pageData: { values, definitionLevels: levels, repetitionLevels: [], maxDefinitionLevel: isOptional ? 1 : 0 },
  }).chunk
}

/** Hands what a column gave to the sink. */
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
  const repetition_type = ["time", "tick", "group", "channel"].includes(role) && source === null ? "REQUIRED" : "OPTIONAL"
  if (role === "utc") {
    return { name, type: "INT64", repetition_type, logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" } }
  }
  return { name, repetition_type, ...parquetType(type) }
}

type Stored = Omit<SchemaElement, "name">

// No logical type: hyparquet-writer 0.17.0 writes its width as an i32, which Arrow's reader refuses.
const STORED: Readonly<Record<StorageName, Stored>> = {
  u8: { type: "INT32", converted_type: "UINT_8" },
  u16: { type: "INT32", converted_type: "UINT_16" },
  u32: { type: "INT32", converted_type: "UINT_32" },
  u64: { type: "INT64", converted_type: "UINT_64" },
  i8: { type: "INT32", converted_type: "INT_8" },
  i16: { type: "INT32", converted_type: "INT_16" },
  i32: { type: "INT32", converted_type: "INT_32" },
  i64: { type: "INT64", converted_type: "INT_64" },
  f32: { type: "FLOAT" },
  f64: { type: "DOUBLE" },
  text: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  mixed: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  bytes: { type: "BYTE_ARRAY" },
}

function parquetType(type: Wire): Stored {
  if (type === "bool") return { type: "BOOLEAN" }
  // Every reader has signed integers of 32 bits, and 24 bits fit.
  return STORED[type === "u24" ? "i32" : storageOf(type)]
}
