import {
  AsyncByteQueue,
  Binary,
  Bool,
  type Data,
  type DataType,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampNanosecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from "apache-arrow"
import type { Sink } from "../bytes/sink.js"
import type { Output, WriteOptions } from "../model/format.js"
import type { Log, Loss, Values } from "../model/log.js"
import { instantLosses } from "../model/losses.js"
import { isNumeric, type StorageName, storageOf } from "../model/wire.js"
import { flag } from "../text/asked.js"
import { otherJson } from "../text/cells.js"
import { joinBytes } from "../text/hex.js"
import { encoded } from "../text/text-buffer.js"
import { type BatchColumn, denseValues, packedBits, presentBits, type TableBatch } from "./parts/batch-column.js"
import { coalesce, tableBatches, untimedRows } from "./parts/batches.js"
import { tableSinks } from "./parts/files.js"
import { columnMetadata, logMetadata } from "./parts/metadata.js"
import { columnLosses, planTables, type Table, type TableColumn, tableLog, tableOptions } from "./parts/table.js"

/** Rows in a record batch, ... */
const BATCH_ROWS = 64 * 1024
/** ... fewer where they are wide: 8 MiB of f64. */
const BATCH_VALUES = 1024 * 1024

/**
 * Arrow IPC: a file (`.arrow`, Feather v2), or with `stream` the streaming form. `layout`, `time`, `raw` as for
 * Parquet. Units and calibration are field metadata, the rest schema metadata under `fieldlog`.
 */
export async function writeArrow(original: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const settings = tableOptions(options)
  const { log, losses } = tableLog(original, settings)
  await log.survey()
  const tables = planTables(log, settings)
  const files = new Map(
    [...tableSinks(output, tables, settings)].map(([index, sink]) => {
      const table = tables[index] as Table
      const schema = schemaOf(log, table)
      const writer = flag(options, "stream") ? new RecordBatchStreamWriter() : new RecordBatchFileWriter()
      writer.reset(new SinkQueue(sink), schema)
      return [index, { sink, schema, writer, table }]
    }),
  )
  let untimed = 0
  const size = { rows: BATCH_ROWS, bytes: BATCH_VALUES * 8 }
  for await (const batch of coalesce(tables, tableBatches(log, tables, settings), size)) {
    const file = files.get(batch.table)
    if (file === undefined) continue
    untimed += untimedRows(batch)
    const step = Math.max(1024, Math.min(BATCH_ROWS, Math.floor(BATCH_VALUES / file.table.columns.length)))
    for (let from = 0; from < batch.rows; from += step) {
      file.writer.write(recordBatch(file.schema, file.table, batch, from, Math.min(batch.rows, from + step)))
    }
  }
  for (const { writer, sink } of files.values()) {
    writer.finish()
    sink.close()
  }
  return [...losses(), ...columnLosses(tables, settings), ...instantLosses("values", untimed)]
}

/** Hands what the Arrow writer gives to a sink at once, instead of queueing it. */
class SinkQueue extends AsyncByteQueue {
  constructor(private readonly target: Sink) {
    super()
  }

  override write(value: Uint8Array): void {
    this.target.write(value)
  }
}

function schemaOf(log: Log, table: Table): Schema {
  const fields = table.columns.map((column) => {
    const metadata = new Map(
      Object.entries(columnMetadata(column)).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    )
    return new Field(column.name, arrowType(column), true, metadata)
  })
  return new Schema(fields, new Map([["fieldlog", logMetadata(log, [table])]]))
}

const TYPES: Readonly<Record<StorageName, () => DataType>> = {
  u8: () => new Uint8(),
  u16: () => new Uint16(),
  u32: () => new Uint32(),
  u64: () => new Uint64(),
  i8: () => new Int8(),
  i16: () => new Int16(),
  i32: () => new Int32(),
  i64: () => new Int64(),
  f32: () => new Float32(),
  f64: () => new Float64(),
  text: () => new Utf8(),
  mixed: () => new Utf8(),
  bytes: () => new Binary(),
}

function arrowType({ type, role }: TableColumn): DataType {
  if (role === "utc") return new TimestampNanosecond("UTC")
  return type === "bool" ? new Bool() : TYPES[storageOf(type)]()
}

function recordBatch(schema: Schema, table: Table, batch: TableBatch, from: number, to: number): RecordBatch {
  const children = table.columns.map((column, c) => {
    const own = batch.columns[c] as BatchColumn
    return columnData(column, schema.fields[c]?.type as DataType, denseValues(column.type, own, from, to), presentBits(own, from, to))
  })
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: to - from, nullCount: 0, children }))
}

function columnData({ type }: TableColumn, arrow: DataType, values: Values, present: Uint8Array | null): Data {
  const length = values.length
  // Less than 0: counted from the bits when somebody asks.
  const nulls = present === null ? { nullCount: 0 } : { nullCount: -1, nullBitmap: present }
  if (!isNumeric(type)) {
    const cells = Array.from(values as unknown[], (value) => {
      if (value instanceof Uint8Array) return value
      return encoded(type === "text" ? String(value) : otherJson(value))
    })
    const valueOffsets = new Int32Array(length + 1)
    for (const [i, cell] of cells.entries()) valueOffsets[i + 1] = (valueOffsets[i] as number) + cell.length
    return makeData({ type: arrow as Binary, length, valueOffsets, data: joinBytes(cells), ...nulls })
  }
  const data = type === "bool" ? packedBits(values as Uint8Array) : values
  return makeData({ type: arrow as Float64, length, data: data as Float64Array, ...nulls })
}
