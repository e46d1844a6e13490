import { OptionError } from "../model/errors.js"
import type { Output, WriteOptions } from "../model/format.js"
import type { Channel, Group, Log, Loss } from "../model/log.js"
import { formLosses, renameLosses } from "../model/losses.js"
import { hasTime, rowTimes } from "../model/time.js"
import { choice, flag } from "../text/asked.js"
import { encoded, TextBuffer } from "../text/text-buffer.js"
import { channelTitles, fileNames, unique } from "../text/unique.js"
import { mergeRows, windows } from "../views/merge.js"
import { fileLosses } from "../views/unique-names.js"
import { type ColumnPlan, planColumns } from "./parts/columns.js"
import { CsvCells, type CsvChunk, quoted, withoutFormula, writeCell, writeCells, writeTime } from "./parts/csv-cells.js"
import { type Stamps, stampsOf, TIME_LOOKS } from "./parts/csv-stamps.js"
import { WideLines } from "./parts/csv-wide.js"
import { type ExportOptions, exportOptions } from "./parts/options.js"
import { tableLog } from "./parts/table.js"

/** How a CSV file looks. */
interface Dialect extends ExportOptions {
  readonly separator: string
  readonly decimal: "." | ","
  readonly newline: string
  readonly units: "header" | "row" | "none"
  readonly spreadsheet: boolean
  /** A mark at the beginning by which Excel knows UTF-8. */
  readonly bom: boolean
  /** Null for times in seconds. */
  readonly stamps: Stamps | null
}

/**
 * CSV, quoted as RFC 4180 says. `layout`: `wide` has one row per distinct time over all groups, cells empty where a
 * group has no sample (nothing is lost, nothing invented); `long` one row per value; `group` one file per group.
 * Numbers have the decimals of their channel's resolution and never thousands marks; missing is empty, an empty
 * text is `""`. Options: `layout`, `separator`, `decimal`, `newline: "lf"|"crlf"`, `units: "header"|"row"|"none"`, `raw`,
 * `spreadsheet` (names and texts that begin as a formula does get an apostrophe), `bom`, `time: "seconds"|"utc"|"local"|"iso"`.
 * A number that is no integer always has a decimal mark or an exponent (`1.0`), so that other programs find the column's type.
 */
export async function writeCsv(original: Log, output: Output, options: WriteOptions, separator?: "\t"): Promise<Loss[]> {
  const look = { ...dialect(options, separator), stamps: stampsOf(original, choice(options, "time", TIME_LOOKS, "seconds")) }
  const layout = choice(options, "layout", ["wide", "long", "group"], "wide")
  const { log, losses } = tableLog(original, { layout })
  // The header fixes the columns, so every group must be known.
  const { signal } = look.selection
  await log.survey(signal === undefined ? {} : { signal })
  const write = { wide: writeWide, long: writeLong, group: writeGroups }[layout]
  const renames = await write(log, output, look)
  const unitless = layout !== "long" && look.units === "none"
  const names = log.groups.map(({ name }) => name)
  return [
    ...formLosses(log, "CSV", { units: !unitless }),
    ...losses(),
    ...renameLosses(renames, "other columns have the same name"),
    ...(layout === "group" ? fileLosses(names, look.selection.groups ?? names.keys()) : []),
  ]
}

function dialect(options: WriteOptions, fixed?: string): Omit<Dialect, "stamps"> {
  const decimal = choice(options, "decimal", [".", ","], ".")
  const separator = fixed ?? String(options.separator ?? (decimal === "," ? ";" : ","))
  if (separator.length !== 1 || separator.charCodeAt(0) > 0x7f)
    throw new OptionError((called) => `${called("separator")}: expected one ASCII character`)
  if (separator === decimal || separator === '"')
    throw new OptionError((called) => `${called("separator")}: ${separator} cannot be told from the cells`)
  const newline = choice(options, "newline", ["lf", "crlf"], "lf") === "lf" ? "\n" : "\r\n"
  const units = choice(options, "units", ["header", "row", "none"], "header")
  return {
    ...exportOptions(options),
    separator,
    decimal,
    newline,
    units,
    spreadsheet: flag(options, "spreadsheet"),
    bom: flag(options, "bom"),
  }
}

/** @returns the channels' names, and their titles */
async function writeWide(log: Log, output: Output, look: Dialect): Promise<Rename[]> {
  const plans = log.groups.map((group) => planColumns(group, { raw: look.raw, digits: "resolution" }))
  const chosen = look.selection.groups ?? log.groups.map((_, g) => g)
  const starts = new Int32Array(log.groups.length)
  let columns = 0
  for (const g of chosen) {
    starts[g] = columns
    columns += log.groups[g]?.channels.length ?? 0
  }
  const sink = output.sink()
  const text = new TextBuffer(sink, look.decimal)
  const titles = channelTitles(log)
  const all = chosen.flatMap((g) => (log.groups[g]?.channels ?? []).map((channel, c) => ({ channel, title: titles[g]?.[c] ?? "" })))
  const renames = writeHeader(text, look, timeTitle(log.groups), all)

  const cells = new CsvCells(look.spreadsheet, look.stamps)
  const lines = new WideLines(text, columns, { ...look, isApart: look.selection.order === "file" })
  for await (const merged of mergeRows(log, look.selection)) {
    const prepared = merged.chunks.map((chunk, s) =>
      cells.prepare(plans[chunk.group] as ColumnPlan, chunk, merged.times[s] as Float64Array, starts[chunk.group]),
    )
    lines.write(merged, prepared)
    if (look.selection.follow === undefined) continue
    lines.end()
    text.flush()
  }
  lines.end()
  text.flush()
  sink.close()
  return renames
}

/** One row a value: `time,group,channel,value,unit`; values that are missing have no row. */
async function writeLong(log: Log, output: Output, look: Dialect): Promise<Rename[]> {
  const sink = output.sink()
  const text = new TextBuffer(sink, look.decimal)
  const cells = new CsvCells(look.spreadsheet, look.stamps)
  const comma = look.separator.charCodeAt(0)
  text.utf8(mark(look) + row(look, [timeTitle(log.groups), "group", "channel", "value", "unit"]))
  const plans = log.groups.map((group) => planColumns(group, { raw: look.raw, digits: "resolution" }))
  const names = log.groups.map((group) =>
    group.channels.map((channel) => ({
      before: encoded([`${look.separator}${cell(look, group.name)}`, cell(look, channel.name), ""].join(look.separator)),
      after: encoded(`${look.separator}${cell(look, channel.unit)}${look.newline}`),
    })),
  )
  for await (const merged of mergeRows(log, look.selection)) {
    const prepared = merged.chunks.map((chunk, s) =>
      cells.prepare(plans[chunk.group] as ColumnPlan, chunk, merged.times[s] as Float64Array),
    )
    for (let i = 0; i < merged.rows; i++) {
      const own = prepared[merged.slot[i] as number] as CsvChunk
      const at = merged.row[i] as number
      const frames = names[own.chunk.group] as (typeof names)[number]
      for (let c = 0; c < frames.length; c++) {
        const missing = own.missing[c] as Uint8Array
        if (missing.length !== 0 && missing[at] === 1) continue
        const { before, after } = frames[c] as (typeof frames)[number]
        writeTime(text, own, at)
        text.raw(before)
        writeCell(text, own, c, at, comma)
        text.raw(after)
      }
    }
    if (look.selection.follow !== undefined) text.flush()
  }
  text.flush()
  sink.close()
  return []
}

/** A file per group, `<name>.<group>.csv`, beside the main output's name; its rows in recorded order. */
async function writeGroups(log: Log, output: Output, look: Dialect): Promise<Rename[]> {
  const chosen = new Set(look.selection.groups ?? log.groups.keys())
  const names = fileNames(
    output.name,
    log.groups.map(({ name }) => name),
  )
  const comma = look.separator.charCodeAt(0)
  const newline = encoded(look.newline)
  const cells = new CsvCells(look.spreadsheet, look.stamps)
  const renames: Rename[] = []
  const files = log.groups.map((group, g) => {
    if (!chosen.has(g)) return null
    const sink = output.sink(names[g])
    const text = new TextBuffer(sink, look.decimal)
    const columns = group.channels.map((channel) => ({ channel, title: channel.name }))
    renames.push(...writeHeader(text, look, timeTitle([group]), columns))
    return { sink, text, plan: planColumns(group, { raw: look.raw, digits: "resolution" }) }
  })
  for await (const chunks of windows(log, look.selection)) {
    for (const chunk of chunks) {
      const file = files[chunk.group]
      if (file === null || file === undefined) continue
      const own = cells.prepare(file.plan, chunk, rowTimes(file.plan.group, chunk))
      for (let i = 0; i < chunk.rows; i++) {
        writeTime(file.text, own, i)
        writeCells(file.text, own, i, comma)
        file.text.raw(newline)
      }
    }
  }
  for (const file of files) {
    file?.text.flush()
    file?.sink.close()
  }
  return renames
}

/** A channel's name, and the title of its column without the unit. */
type Rename = readonly [name: string, title: string]

function mark({ bom }: Dialect): string {
  return bom ? "\ufeff" : ""
}

function timeTitle(groups: readonly Group[]): string {
  return groups.every(hasTime) ? "time" : "tick"
}

/** Writes the names, with units in brackets or in a second row. No name stands twice: a channel may be called `time`. */
function writeHeader(text: TextBuffer, look: Dialect, time: string, columns: readonly { channel: Channel; title: string }[]): Rename[] {
  const units = [time === "time" ? (look.stamps?.unit ?? "s") : "", ...columns.map(({ channel }) => channel.unit)]
  const titles = unique([time, ...columns.map(({ title }) => title)])
  const bracket = (title: string, unit = "") => (look.units === "header" && unit !== "" ? `${title} [${unit}]` : title)
  text.utf8(mark(look) + row(look, unique(titles.map((title, c) => bracket(title, units[c])))))
  if (look.units === "row") text.utf8(row(look, units))
  return columns.map(({ channel }, c) => [channel.name, titles[c + 1] as string])
}

function row(look: Dialect, values: readonly string[]): string {
  return values.map((value) => cell(look, value)).join(look.separator) + look.newline
}

function cell(look: Dialect, value: string): string {
  return quoted(look.spreadsheet ? withoutFormula(value) : value, look.separator.charCodeAt(0))
}
