import { UsageError } from "../../model/errors.js"
import type { WriteOptions } from "../../model/format.js"
import type { Channel, Chunk, Group, Log, Loss, Wire } from "../../model/log.js"
import { renameLosses } from "../../model/losses.js"
import { hasTime, instantsOf, rowTimes } from "../../model/time.js"
import { choice } from "../../text/asked.js"
import { channelTitles, unique } from "../../text/unique.js"
import { fileLosses, type UniquelyNamed, uniquelyNamed } from "../../views/unique-names.js"
import { type ExportOptions, exportOptions } from "./options.js"

/** A column of a table that a target writes. */
export interface TableColumn {
  /** Unique within the table. */
  readonly name: string
  /** The column's values are `Storage[type]`; physical values are `f64`. */
  readonly type: Wire
  readonly unit: string
  /** `utc`: ns since 1970 as `i64`. */
  readonly role: "time" | "utc" | "tick" | "group" | "channel" | "value" | "text"
  /** The channel that its values come from; null for the columns that a table adds. */
  readonly source: { readonly group: Group; readonly channel: Channel } | null
}

/** Columns of equal length. */
export interface Table {
  readonly name: string
  readonly columns: readonly TableColumn[]
}

/**
 * `wide`: one table, a row per distinct time over all groups. `group`: a table per group. `long`: one table, a row
 * per value: time, group, channel, value (numbers), text (everything else).
 */
type TableLayout = "wide" | "group" | "long"

/** How a log becomes tables. */
export interface TableOptions extends ExportOptions {
  readonly layout: TableLayout
  /** `seconds` from the log's start, or `utc`: ns since 1970. */
  readonly time: "seconds" | "utc"
  /** Column names differ also where case does not count: so DuckDB, Spark and SQLite read them. */
  readonly anyCase?: true
}

/** Reads `layout`, `time`, and the options that all exports heed. @throws UsageError */
export function tableOptions(options: WriteOptions): TableOptions {
  return {
    ...exportOptions(options),
    layout: choice(options, "layout", ["wide", "long", "group"], "wide"),
    time: choice(options, "time", ["seconds", "utc"], "seconds"),
    anyCase: true,
  }
}

/** The log as its tables need it: a wide table has titles of its own, the others tell groups and channels apart by their names. */
export function tableLog(log: Log, { layout }: Pick<TableOptions, "layout">): UniquelyNamed {
  return layout === "wide" ? { log, losses: () => [] } : uniquelyNamed(log)
}

/** The tables of a log whose groups are final. @throws UsageError if UTC is asked for and the log has no start. */
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
      columns: distinct(
        [timeColumn([group], options.time), ...group.channels.map((channel) => valueColumn(group, channel, channel.name, options.raw))],
        options,
      ),
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
  return [{ name: log.name, columns: distinct([time, ...columns], options) }]
}

function timeColumn(groups: readonly Group[], time: "seconds" | "utc"): TableColumn {
  if (!groups.every(hasTime)) return { name: "tick", type: "f64", unit: "", role: "tick", source: null }
  if (time === "utc") return { name: "time", type: "i64", unit: "", role: "utc", source: null }
  return { name: "time", type: "f64", unit: "s", role: "time", source: null }
}

/** The type of a channel's values in a table: physical values are f64. */
export function tableType({ type, calibration }: Channel, raw: boolean): Wire {
  return raw || calibration === null ? type : "f64"
}

function valueColumn(group: Group, channel: Channel, name: string, raw: boolean): TableColumn {
  return { name, type: tableType(channel, raw), unit: channel.unit, role: "value", source: { group, channel } }
}

/** Makes names unique: a channel may be called `time`, or have the same name as another channel. */
function distinct(columns: readonly TableColumn[], { anyCase = false }: { readonly anyCase?: boolean }): TableColumn[] {
  const names = unique(
    columns.map(({ name }) => name),
    anyCase ? { fold: (name) => name.toLowerCase() } : {},
  )
  return columns.map((column, c) => ({ ...column, name: names[c] as string }))
}

/** The columns that are named otherwise than their channel, and with the layout `group` the files than their group. */
export function columnLosses(tables: readonly Table[], { layout, selection }: TableOptions): Loss[] {
  const columns = tables.flatMap((table) => table.columns)
  const renames = columns.flatMap(({ source, name }) => (source === null ? [] : [[source.channel.name, name] as const]))
  const names = tables.map(({ name }) => name)
  return [
    ...renameLosses(renames, "other columns have the same name"),
    ...(layout === "group" ? fileLosses(names, selection.groups ?? names.keys()) : []),
  ]
}

/** Times of a chunk's rows, for the first column of a table: seconds, or ns since 1970 with `NO_INSTANT` where there is none. */
export function tableTimes(log: Log, table: Table, chunk: Chunk): Float64Array | BigInt64Array {
  const group = log.groups[chunk.group] as Group
  return table.columns[0]?.role === "utc" ? instantsOf(log, group, chunk) : rowTimes(group, chunk)
}
