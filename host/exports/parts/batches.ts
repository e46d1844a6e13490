import { sliceValues } from "../../model/chunk.js"
import type { Channel, Chunk, Group, Log, Selection, Values } from "../../model/log.js"
import { physicalColumn } from "../../model/values.js"
import { type MergedRows, mergeRows, windows } from "../../views/merge.js"
import {
  type BatchColumn,
  byteSize,
  compact,
  emptyColumn,
  joinedColumns,
  presentValues,
  type TableBatch,
  timeCells,
} from "./batch-column.js"
import { longBatch } from "./long.js"
import { type Table, type TableOptions, tableTimes } from "./table.js"

/** The rows of the tables that `planTables` gave, a batch or more for each window of the log. */
export async function* tableBatches(log: Log, tables: readonly Table[], options: TableOptions): AsyncGenerator<TableBatch> {
  const { selection, layout, raw } = options
  if (layout === "group") {
    for await (const chunks of windows(log, selection)) {
      for (const chunk of chunks) yield groupBatch(log, tables[chunk.group] as Table, chunk, raw)
    }
    return
  }
  const table = tables[0] as Table
  const starts = columnStarts(log, selection)
  for await (const merged of mergeRows(log, selection)) {
    yield layout === "long" ? longBatch(log, table, merged) : wideBatch(log, table, merged, starts, raw)
  }
}

function columnStarts(log: Log, selection: Selection): Int32Array {
  const starts = new Int32Array(log.groups.length)
  let next = 1
  for (const g of selection.groups ?? log.groups.keys()) {
    starts[g] = next
    next += log.groups[g]?.channels.length ?? 0
  }
  return starts
}

function groupBatch(log: Log, table: Table, chunk: Chunk, raw: boolean): TableBatch {
  const { channels } = log.groups[chunk.group] as Group
  const columns = channels.map((channel, c) =>
    presentValues(tableValues(channel, chunk.columns[c] as Values, raw), chunk.missing[c] ?? null, null),
  )
  return { table: chunk.group, rows: chunk.rows, columns: [timeCells(tableTimes(log, table, chunk)), ...columns] }
}

/** How many rows of a batch have no time. */
export function untimedRows({ rows, columns: [times] }: TableBatch): number {
  return times === undefined ? 0 : rows - times.values.length
}

/** Physical values for a calibrated channel, else the stored ones. */
function tableValues(channel: Channel, values: Values, raw: boolean): Values {
  if (raw || channel.calibration === null) return values
  return physicalColumn(values, channel.calibration, null) ?? values
}

function wideBatch(log: Log, table: Table, merged: MergedRows, starts: Int32Array, raw: boolean): TableBatch {
  const { lines, rows } = distinctTimes(merged, starts)
  const parts = table.columns.map((): BatchColumn[] => [])
  const times = table.columns[0]?.role === "utc" ? new BigInt64Array(rows) : new Float64Array(rows)
  for (const { chunk, from, at } of linesByChunk(merged, lines)) {
    const own = tableTimes(log, table, chunk)
    for (let i = 0; i < at.length; i++) times[at[i] as number] = own[from + i] as never
    const places = at.length === rows ? null : at
    for (const [c, channel] of (log.groups[chunk.group] as Group).channels.entries()) {
      const values = tableValues(channel, sliceValues(chunk.columns[c] as Values, from, from + at.length), raw)
      const missing = chunk.missing[c]?.subarray(from, from + at.length) ?? null
      parts[(starts[chunk.group] as number) + c]?.push(presentValues(values, missing, places))
    }
  }
  const columns = parts.map((list, c) => {
    const { type } = table.columns[c] as Table["columns"][number]
    if (c === 0) return timeCells(times)
    return list.length === 0 ? emptyColumn(type) : joinedColumns(type, list, new Array<number>(list.length).fill(0), rows)
  })
  return { table: 0, rows, columns }
}

/** Which line each merged row lands on: a new one for a new time, or when its group already stands on the line. */
function distinctTimes(merged: MergedRows, starts: Int32Array): { lines: Uint32Array; rows: number } {
  const { slot, key } = merged
  const startOf = Int32Array.from(merged.chunks, ({ group }) => starts[group] as number)
  const lines = new Uint32Array(merged.rows)
  let rows = 0
  let lastStart = 0
  let lastKey = 0
  for (let i = 0; i < lines.length; i++) {
    const start = startOf[slot[i] as number] as number
    if (rows === 0 || key[i] !== lastKey || start <= lastStart) rows++
    lines[i] = rows - 1
    lastStart = start
    lastKey = key[i] as number
  }
  return { lines, rows }
}

/** For each chunk that takes part: its first merged row, and the line of each row from there on. */
function linesByChunk(merged: MergedRows, lines: Uint32Array): { chunk: Chunk; from: number; at: Uint32Array }[] {
  const { slot, row, chunks } = merged
  const counts = new Uint32Array(chunks.length)
  const from = new Uint32Array(chunks.length)
  for (let i = 0; i < lines.length; i++) {
    const s = slot[i] as number
    if (counts[s] === 0) from[s] = row[i] as number
    counts[s] = (counts[s] as number) + 1
  }
  const at = Array.from(counts, (n) => new Uint32Array(n))
  counts.fill(0)
  for (let i = 0; i < lines.length; i++) {
    const s = slot[i] as number
    const n = counts[s] as number
    ;(at[s] as Uint32Array)[n] = lines[i] as number
    counts[s] = n + 1
  }
  // The rows of one chunk are merged in recorded order and without leaving any out, so they lie side by side.
  return chunks.flatMap((chunk, s) => (counts[s] === 0 ? [] : [{ chunk, from: from[s] as number, at: at[s] as Uint32Array }]))
}

/** The least that a batch holds before a target takes it. */
interface BatchSize {
  readonly rows: number
  readonly bytes: number
}

/** Most full tables that may wait; beyond that the fullest is written early. */
const WAITING = 4

/** Gathers batches until a table has enough rows or bytes for a row group of a sensible size; smaller at the end, and if many tables wait. */
export async function* coalesce(tables: readonly Table[], batches: AsyncIterable<TableBatch>, size: BatchSize): AsyncGenerator<TableBatch> {
  const waiting = new Map<number, { list: TableBatch[]; rows: number; bytes: number }>()
  let held = 0
  const take = (index: number): TableBatch => {
    const { list, bytes } = waiting.get(index) as { list: TableBatch[]; bytes: number }
    waiting.delete(index)
    held -= bytes
    return concatenated(tables[index] as Table, list)
  }
  for await (const batch of batches) {
    const own = waiting.get(batch.table) ?? { list: [], rows: 0, bytes: 0 }
    waiting.set(batch.table, own)
    const bytes = batch.columns.reduce((sum, column) => sum + byteSize(column), 0)
    own.bytes += bytes
    own.rows += batch.rows
    held += bytes
    if (own.rows >= size.rows || own.bytes >= size.bytes) {
      own.list.push(batch)
      yield take(batch.table)
      continue
    }
    // A column may be a view on memory that many columns share; a waiting column is copied so that it does not keep all of that memory.
    own.list.push({ ...batch, columns: batch.columns.map(compact) })
    if (held <= WAITING * size.bytes) continue
    const [fullest] = [...waiting].reduce((most, each) => (each[1].bytes > most[1].bytes ? each : most))
    yield take(fullest)
  }
  for (const index of [...waiting.keys()]) yield take(index)
}

function concatenated(table: Table, list: readonly TableBatch[]): TableBatch {
  const first = list[0] as TableBatch
  if (list.length === 1) return first
  const starts: number[] = []
  let rows = 0
  for (const batch of list) {
    starts.push(rows)
    rows += batch.rows
  }
  const columns = table.columns.map(({ type }, c) =>
    joinedColumns(
      type,
      list.map((batch) => batch.columns[c] as BatchColumn),
      starts,
      rows,
    ),
  )
  return { table: first.table, rows, columns }
}
