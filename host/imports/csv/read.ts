import type { Source } from "../../bytes/source.js"
import { FormatError, LimitError } from "../../model/errors.js"
import type { OpenOptions } from "../../model/format.js"
import { IssueList, issue } from "../../model/issues.js"
import type { Log, Selection } from "../../model/log.js"
import { ZoneReader } from "../../text/zones.js"
import { columnLog } from "../column-log.js"
import { type Encoding, encodingOf, textOf } from "./encoding.js"
import { TableFill } from "./fill.js"
import { decimalMark, type Head, headOf, separatorOf } from "./head.js"
import { planTable, type TablePlan } from "./plan.js"
import { type Cell, plainCells, type QuotedParser, type RowMarks, RowReader } from "./rows.js"
import { TimeReader } from "./times.js"

/** How people call the separators. */
const SEPARATORS: Readonly<Record<string, string>> = { ",": "commas", ";": "semicolons", "\t": "tabs" }

/** Bytes from which the columns' types are taken, and the end of the file. */
const SAMPLE = 1024 * 1024
const TAIL = 64 * 1024
const COLUMNS_CAP = 100_000

/** A table whose look is known. */
interface Table {
  readonly source: Source
  readonly encoding: Encoding
  readonly marks: RowMarks
  readonly mark: number
  readonly head: Head
  readonly plan: TablePlan
  readonly zone: string | undefined
  readonly parser: () => Promise<QuotedParser>
}

/** Opens a CSV file as a log of one group. @throws FormatError without a header row, LimitError for too many columns, UsageError for an unknown zone */
export async function openCsv(source: Source, { tz }: OpenOptions, parser: () => Promise<QuotedParser>): Promise<Log> {
  const table = await tableOf(source, tz, parser)
  const { plan, encoding, marks } = table
  const issues = new IssueList()
  for (const each of plan.issues) issues.add(each)
  if (encoding === "windows-1252") issues.add(issue("encoding", "note", "the text is not UTF-8: it is read as Windows-1252"))
  return columnLog({
    format: "csv",
    variant: `separated by ${SEPARATORS[marks.separator] ?? marks.separator}${encoding.startsWith("utf-16") ? ", UTF-16" : ""}`,
    name: source.name.replace(/^.*[/\\]/, "").replace(/\.[^.]*$/, ""),
    start: plan.start,
    time: plan.base,
    channels: plan.channels,
    issues: issues.all,
    rows: (selection) => readRows(table, issues, selection),
    close: async () => {},
  })
}

async function tableOf(source: Source, zone: string | undefined, parser: () => Promise<QuotedParser>): Promise<Table> {
  if (zone !== undefined) new ZoneReader(zone)
  const bytes = await source.read(0, SAMPLE)
  const encoding = encodingOf(bytes)
  const isWhole = bytes.length >= source.size
  const sample = new TextDecoder(encoding).decode(bytes, { stream: !isWhole })
  const marks: RowMarks = { separator: separatorOf(sample), newline: sample.includes("\n") || !sample.includes("\r") ? "\n" : "\r" }
  const rows = await rowsOf(sample, isWhole, marks, parser)
  const mark = decimalMark(rows, marks.separator)
  const head = headOf(rows, mark)
  const width = head.titles?.length ?? rows[0]?.length ?? 0
  if (rows.length === 0 || width === 0) throw new FormatError("has no header row", { format: "csv", path: source.name })
  if (width > COLUMNS_CAP) throw new LimitError(`has ${width} columns, at most ${COLUMNS_CAP}`, { path: source.name })
  const tail = isWhole ? [] : await lastRows(source, encoding, marks, width, parser)
  return { source, encoding, marks, mark, head, plan: planTable(head, rows.slice(head.skip), tail, mark, zone), zone, parser }
}

/** The rows of a text. @param isWhole false: the last one may be cut, and is left out */
async function rowsOf(text: string, isWhole: boolean, marks: RowMarks, parser: () => Promise<QuotedParser>): Promise<Cell[][]> {
  const rows: Cell[][] = []
  const reader = new RowReader(marks, parser)
  reader.push(text, isWhole)
  await reader.take({
    isFull: false,
    plain: (line, from, to, isLiteral) => void rows.push(plainCells(line, from, to, marks.separator, isLiteral)),
    cells: (cells) => void rows.push([...cells]),
  })
  if (rows.length === 0 && !isWhole) return rowsOf(text, true, marks, parser)
  return rows
}

/** The last rows of a file that have a cell in every column. */
async function lastRows(
  source: Source,
  encoding: Encoding,
  marks: RowMarks,
  width: number,
  parser: () => Promise<QuotedParser>,
): Promise<Cell[][]> {
  const at = source.size - TAIL
  const text = new TextDecoder(encoding).decode(await source.read(at - (at % 2), TAIL + 2))
  const rows = await rowsOf(text.slice(text.indexOf(marks.newline) + 1), true, marks, parser)
  return rows.filter(({ length }) => length === width)
}

async function* readRows({ source, encoding, marks, mark, head, plan, zone, parser }: Table, issues: IssueList, selection: Selection) {
  const times = new TimeReader(plan.time, mark, zone === undefined ? null : new ZoneReader(zone))
  const fill = new TableFill(plan, marks.separator.charCodeAt(0), mark, times, head.skip)
  const reader = new RowReader(marks, parser)
  const pieces = textOf(source, encoding, selection.progress)
  for (let isLast = false; !isLast; ) {
    const { value, done } = await pieces.next()
    isLast = done === true
    reader.push(value ?? "", isLast)
    while (await reader.take(fill)) yield* taken(fill)
  }
  yield* taken(fill)
  for (const each of fill.issues()) issues.add(each)
  if (reader.badQuotes > 0) {
    const n = reader.badQuotes
    const text = `${n} ${n === 1 ? "row has a quote" : "rows have quotes"} that no other one closes at the end of its cell: it is read as a character`
    issues.add(issue("bad-quote", "error", text))
  }
}

function* taken(fill: TableFill) {
  const rows = fill.take()
  if (rows !== null) yield rows
}
