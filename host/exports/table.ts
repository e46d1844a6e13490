import { UsageError } from "../errors.js"
import type { Channel, Chunk, Group, Log, Selection, Values, Wire } from "../log.js"
import { type MergedRows, mergeRows, windows } from "../merge.js"
import { hasTime, rowTimes, utcColumn } from "../time.js"
import { newValues, physicalColumn } from "../values.js"
import { otherText } from "./columns.js"
import { channelTitles } from "./names.js"

/** A column of a table that a target writes. */
export interface TableColumn {
  /** Unique within the table. */
  readonly name: string
  /** The column's values are `Storage[type]`; physical values are `f64`. */
  readonly type: Wire
  readonly unit: string
  /** `utc`: ns since 1970 as `i64`. */
  readonly role: "time" | "utc" | "tick" | "group" | "channel" | "value" | "text"
  /** Where its values come from; null for the columns that a table adds. */
  readonly source: { readonly group: Group; readonly channel: Channel } | null
}

/** Columns of equal length. */
export interface Table {
  readonly name: string
  readonly columns: readonly TableColumn[]
}

/** Rows of one table; `missing` as in a chunk. */
export interface TableBatch {
  /** Index into the tables. */
  readonly table: number
  readonly rows: number
  readonly columns: readonly Values[]
  readonly missing: readonly (Uint8Array | null)[]
}

/**
 * `wide`: one table, a row per distinct time over all groups. `group`: a table per group. `long`: one table, a row
 * per value: time, group, channel, value (numbers), text (everything else).
 */
export type TableLayout = "wide" | "group" | "long"

/** How a log becomes tables. */
export interface TableOptions {
  readonly layout: TableLayout
  /** Stored values instead of physical ones. */
  readonly raw: boolean
  /** `seconds` from the log's start, or `utc`: ns since 1970. */
  readonly time: "seconds" | "utc"
  readonly selection: Selection
}

/** The tables of a log whose groups are final. @throws UsageError when UTC is asked for and the log has no start. */
export function planTables(log: Log, options: TableOptions): Table[] {
  if (options.time === "utc" && log.start === null) {
    throw new UsageError("the log does not say when it started, so its rows have no UTC time", { hint: "use seconds from the start" })
  }
  const chosen = options.selection.groups ?? log.groups.map((_, g) => g)
  const groups = chosen.map((g) => ({ g, group: log.groups[g] as Group }))
  const time = timeColumn(
    groups.map(({ group }) => group),
    options.time,
  )
  if (options.layout === "group") {
    return log.groups.map((group) => ({
      name: group.name,
      columns: distinct([
        timeColumn([group], options.time),
        ...group.channels.map((channel) => valueColumn(group, channel, channel.name, options.raw)),
      ]),
    }))
  }
  if (options.layout === "long") {
    const added = (name: string, type: Wire, role: TableColumn["role"]): TableColumn => ({ name, type, unit: "", role, source: null })
    const columns = [
      added("group", "text", "group"),
      added("channel", "text", "channel"),
      added("value", "f64", "value"),
      added("text", "text", "text"),
    ]
    return [{ name: log.name, columns: [time, ...columns] }]
  }
  const titles = channelTitles(log)
  const columns = groups.flatMap(({ g, group }) =>
    group.channels.map((channel, c) => valueColumn(group, channel, titles[g]?.[c] ?? channel.name, options.raw)),
  )
  return [{ name: log.name, columns: distinct([time, ...columns]) }]
}

function timeColumn(groups: readonly Group[], time: "seconds" | "utc"): TableColumn {
  if (!groups.every(hasTime)) return { name: "tick", type: "f64", unit: "", role: "tick", source: null }
  if (time === "utc") return { name: "time", type: "i64", unit: "", role: "utc", source: null }
  return { name: "time", type: "f64", unit: "s", role: "time", source: null }
}

function valueColumn(group: Group, channel: Channel, name: string, raw: boolean): TableColumn {
  const type = raw || channel.calibration === null ? channel.type : "f64"
  return { name, type, unit: channel.unit, role: "value", source: { group, channel } }
}

/** A channel may be called `time`, or as another channel of its group. */
function distinct(columns: readonly TableColumn[]): TableColumn[] {
  const used = new Set<string>()
  return columns.map((column) => {
    let name = column.name
    for (let n = 2; used.has(name); n++) name = `${column.name}-${n}`
    used.add(name)
    return { ...column, name }
  })
}

/** The rows of the tables, a batch or more for each window of the log. */
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
    yield layout === "wide" ? wideBatch(log, table, merged, starts, raw) : longBatch(log, table, merged)
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
  const group = log.groups[chunk.group] as Group
  const time = table.columns[0]?.role === "utc" ? utcColumn(log, group, chunk) : rowTimes(group, chunk)
  const columns = group.channels.map((channel, c) => tableValues(channel, chunk.columns[c] as Values, raw))
  return { table: chunk.group, rows: chunk.rows, columns: [time, ...columns], missing: [null, ...chunk.missing] }
}

/** Physical values for a calibrated channel, else the stored ones. */
function tableValues(channel: Channel, values: Values, raw: boolean): Values {
  if (raw || channel.calibration === null) return values
  return physicalColumn(values, channel.calibration, null) ?? values
}

function wideBatch(log: Log, table: Table, merged: MergedRows, starts: Int32Array, raw: boolean): TableBatch {
  const { lines, total } = distinctTimes(merged, starts)
  const columns = table.columns.map(({ type }) => newValues(type, total))
  const missing = table.columns.map((_, c) => (c === 0 ? null : new Uint8Array(total).fill(1)))
  const places = linesByChunk(merged, lines)
  for (const [s, { rows, at }] of places.entries()) {
    const chunk = merged.chunks[s] as Chunk
    const group = log.groups[chunk.group] as Group
    const time = table.columns[0]?.role === "utc" ? utcColumn(log, group, chunk) : rowTimes(group, chunk)
    scatter(columns[0] as Values, time, rows, at)
    const start = starts[chunk.group] as number
    for (const [c, channel] of group.channels.entries()) {
      scatter(columns[start + c] as Values, tableValues(channel, chunk.columns[c] as Values, raw), rows, at)
      scatterMissing(missing[start + c] as Uint8Array, chunk.missing[c] ?? null, rows, at)
    }
  }
  return { table: 0, rows: total, columns, missing }
}

/** Which line each merged row lands on: a new one for a new time, or when its group already stands on the line. */
function distinctTimes(merged: MergedRows, starts: Int32Array): { lines: Uint32Array; total: number } {
  const lines = new Uint32Array(merged.rows)
  let total = 0
  let lastStart = 0
  let lastKey = 0
  for (let i = 0; i < merged.rows; i++) {
    const start = starts[(merged.chunks[merged.slot[i] as number] as Chunk).group] as number
    const key = merged.key[i] as number
    if (total === 0 || key !== lastKey || start <= lastStart) total++
    lines[i] = total - 1
    lastStart = start
    lastKey = key
  }
  return { lines, total }
}

/** For each chunk the rows that take part, and the line of each. */
function linesByChunk(merged: MergedRows, lines: Uint32Array): { rows: Uint32Array; at: Uint32Array }[] {
  const counts = new Uint32Array(merged.chunks.length)
  for (let i = 0; i < merged.rows; i++) counts[merged.slot[i] as number] = (counts[merged.slot[i] as number] as number) + 1
  const places = Array.from(counts, (n) => ({ rows: new Uint32Array(n), at: new Uint32Array(n) }))
  counts.fill(0)
  for (let i = 0; i < merged.rows; i++) {
    const slot = merged.slot[i] as number
    const place = places[slot] as { rows: Uint32Array; at: Uint32Array }
    const n = counts[slot] as number
    place.rows[n] = merged.row[i] as number
    place.at[n] = lines[i] as number
    counts[slot] = n + 1
  }
  return places
}

function scatter(target: Values, source: Values, rows: Uint32Array, at: Uint32Array): void {
  if (target instanceof Float64Array && source instanceof Float64Array) {
    for (let i = 0; i < rows.length; i++) target[at[i] as number] = source[rows[i] as number] as number
    return
  }
  const [into, from] = [target as number[], source as number[]]
  for (let i = 0; i < rows.length; i++) into[at[i] as number] = from[rows[i] as number] as number
}

function scatterMissing(target: Uint8Array, source: Uint8Array | null, rows: Uint32Array, at: Uint32Array): void {
  if (source === null) for (let i = 0; i < at.length; i++) target[at[i] as number] = 0
  else for (let i = 0; i < at.length; i++) target[at[i] as number] = source[rows[i] as number] as number
}

function longBatch(log: Log, table: Table, merged: MergedRows): TableBatch {
  const times = merged.chunks.map((chunk) => {
    const group = log.groups[chunk.group] as Group
    return table.columns[0]?.role === "utc" ? utcColumn(log, group, chunk) : rowTimes(group, chunk)
  })
  const numbers = merged.chunks.map((chunk) =>
    (log.groups[chunk.group] as Group).channels.map((channel, c) => physicalColumn(chunk.columns[c] as Values, channel.calibration, null)),
  )
  const most = merged.chunks.reduce((sum, { rows, columns }) => sum + rows * columns.length, 0)
  const utc = table.columns[0]?.role === "utc"
  const time = utc ? new BigInt64Array(most) : new Float64Array(most)
  const value = new Float64Array(most)
  const isText = new Uint8Array(most)
  const group: string[] = []
  const channel: string[] = []
  const text: string[] = []
  let n = 0
  for (let i = 0; i < merged.rows; i++) {
    const slot = merged.slot[i] as number
    const row = merged.row[i] as number
    const chunk = merged.chunks[slot] as Chunk
    const { name, channels } = log.groups[chunk.group] as Group
    for (let c = 0; c < channels.length; c++) {
      if (chunk.missing[c]?.[row] === 1) continue
      const column = numbers[slot]?.[c] ?? null
      time[n] = times[slot]?.[row] as never
      group.push(name)
      channel.push((channels[c] as Channel).name)
      value[n] = column === null ? Number.NaN : (column[row] as number)
      text.push(column === null ? otherText(chunk.columns[c]?.[row]) : "")
      isText[n++] = column === null ? 1 : 0
    }
  }
  const flags = isText.subarray(0, n)
  return {
    table: 0,
    rows: n,
    columns: [time.subarray(0, n), group, channel, value.subarray(0, n), text],
    missing: [null, null, null, flags, flags.map((flag) => 1 - flag)],
  }
}

/** Batches of at least `rows` rows a table (the last one fewer), so that row groups have a sensible size. */
export async function* coalesce(batches: AsyncIterable<TableBatch>, rows: number): AsyncGenerator<TableBatch> {
  const waiting = new Map<number, TableBatch[]>()
  for await (const batch of batches) {
    const list = waiting.get(batch.table) ?? []
    list.push(batch)
    waiting.set(batch.table, list)
    if (list.reduce((sum, each) => sum + each.rows, 0) < rows) continue
    waiting.delete(batch.table)
    yield concatenated(list)
  }
  for (const list of waiting.values()) yield concatenated(list)
}

function concatenated(list: readonly TableBatch[]): TableBatch {
  const first = list[0] as TableBatch
  if (list.length === 1) return first
  const rows = list.reduce((sum, each) => sum + each.rows, 0)
  return {
    table: first.table,
    rows,
    columns: first.columns.map((column, c) => joined(column, list, c, rows)),
    missing: first.missing.map((_, c) => joinedMissing(list, c, rows)),
  }
}

function joined(sample: Values, list: readonly TableBatch[], c: number, rows: number): Values {
  if (Array.isArray(sample)) return list.flatMap((batch) => batch.columns[c] as string[])
  const target = new (sample.constructor as new (n: number) => Float64Array)(rows)
  let at = 0
  for (const batch of list) {
    target.set(batch.columns[c] as Float64Array, at)
    at += batch.rows
  }
  return target
}

function joinedMissing(list: readonly TableBatch[], c: number, rows: number): Uint8Array | null {
  if (list.every((batch) => batch.missing[c] === null)) return null
  const target = new Uint8Array(rows)
  let at = 0
  for (const batch of list) {
    const flags = batch.missing[c]
    if (flags !== null && flags !== undefined) target.set(flags, at)
    at += batch.rows
  }
  return target
}
