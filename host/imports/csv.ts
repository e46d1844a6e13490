import type { Source } from "../bytes/source.js"
import { FormatError, LimitError } from "../model/errors.js"
import type { Format } from "../model/format.js"
import { issue } from "../model/issues.js"
import type { Channel, Issue, Log, Selection, Values } from "../model/log.js"
import { columnLog, timeBaseOf } from "./column-log.js"

const BLOCK = 1024 * 1024
/** Bytes from which the columns' types are taken. */
const SAMPLE = 1024 * 1024
const CHUNK_ROWS = 16 * 1024
/** A cell longer than this has lost its closing quote. */
const CELL_CAP = 16 * 1024 * 1024
const COLUMNS_CAP = 100_000

/**
 * CSV and TSV with a header row, as fieldlog writes them wide and as spreadsheets and loggers do: comma, semicolon or
 * tab, decimal comma with semicolons, quotes as RFC 4180. The first column is the time if its name says so. A column is of
 * numbers if its first megabyte is; a cell that is none then is missing, and an issue.
 */
export const csv: Format = {
  name: "csv",
  title: "CSV with a header row",
  extensions: [".csv", ".tsv"],
  options: [],
  sniff: () => 0,
  open: openCsv,
}

/** How a file's cells are separated. */
interface Dialect {
  readonly separator: string
  readonly decimalComma: boolean
}

async function openCsv(source: Source): Promise<Log> {
  const sample = new TextDecoder().decode(await source.read(0, SAMPLE)).replace(/^\ufeff/, "")
  const separator = separatorOf(sample)
  const parser = new RowParser(separator)
  const rows = parser.push(sample)
  if (rows.length === 0) rows.push(...parser.end())
  const header = rows[0]
  if (header === undefined || header.length === 0) throw new FormatError("has no header row", { format: "csv", path: source.name })
  if (header.length > COLUMNS_CAP) throw new LimitError(`has ${header.length} columns, at most ${COLUMNS_CAP}`, { path: source.name })
  const body = rows.slice(1)
  const decimalComma = separator !== "," && body.some((row) => row.some((cell) => cell !== null && /^-?\d+,\d+$/.test(cell.text)))
  const dialect: Dialect = { separator, decimalComma }
  const titles = header.map((cell) => cell?.text ?? "")
  const time = timeBaseOf(titles[0] ?? "")
  const from = time === null ? 0 : 1
  const channels = titles.slice(from).map((title, c) => channelOf(title, body, c + from, dialect))
  const issues: Issue[] = []
  return columnLog({
    format: "csv",
    variant: `separated by ${separator === "\t" ? "tabs" : separator}`,
    name: source.name.replace(/^.*[/\\]/, "").replace(/\.[^.]*$/, ""),
    start: null,
    time: time ?? { kind: "stamped", tick: 0 },
    channels,
    issues,
    rows: (selection) => readRows(source, dialect, time !== null, channels, issues, selection),
    close: async () => {},
  })
}

function separatorOf(sample: string): string {
  // What stands in quotes separates nothing.
  const line = /^[^\r\n]*/.exec(sample.replace(/"(?:[^"]|"")*(?:"|$)/g, ""))?.[0] ?? ""
  const counts = [",", ";", "\t"].map((each) => ({ each, n: line.split(each).length }))
  return counts.reduce((best, next) => (next.n > best.n ? next : best)).each
}

function channelOf(title: string, body: readonly (readonly Cell[])[], c: number, dialect: Dialect): Channel {
  const found = /^(.*\S)\s*\[([^\]]*)\]$/s.exec(title)
  const cells = body.flatMap((row) => row[c] ?? [])
  const isNumber = cells.every(
    (cell) => cell !== null && !Number.isNaN(numberOf(cell.text, dialect)) === (cell.text.toLowerCase() !== "nan"),
  )
  return { name: found?.[1] ?? title, unit: found?.[2] ?? "", type: isNumber ? "f64" : "text", calibration: null, notes: {} }
}

function numberOf(text: string, { decimalComma }: Dialect): number {
  const plain = decimalComma ? text.replace(",", ".") : text
  if (/^[-+]?inf(inity)?$/i.test(plain)) return plain.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return plain.trim() === "" ? Number.NaN : Number(plain)
}

/** A cell's text; null where it is empty and unquoted. */
type Cell = { readonly text: string } | null

async function* readRows(
  source: Source,
  dialect: Dialect,
  hasTime: boolean,
  channels: readonly Channel[],
  issues: Issue[],
  selection: Selection,
) {
  const parser = new RowParser(dialect.separator)
  const decoder = new TextDecoder()
  const bad = new Map<string, number>()
  let waiting: Cell[][] = []
  let isHeader = true
  for (let at = 0; at < source.size; at += BLOCK) {
    const text = decoder.decode(await source.read(at, BLOCK), { stream: at + BLOCK < source.size })
    waiting.push(...parser.push(at === 0 ? text.replace(/^\ufeff/, "") : text))
    if (at + BLOCK >= source.size) waiting.push(...parser.end())
    if (isHeader && waiting.length > 0) {
      waiting.shift()
      isHeader = false
    }
    for (; waiting.length >= CHUNK_ROWS; waiting = waiting.slice(CHUNK_ROWS))
      yield columnsOf(waiting.slice(0, CHUNK_ROWS), dialect, hasTime, channels, bad)
    selection.progress?.(Math.min(source.size, at + BLOCK))
  }
  if (waiting.length > 0) yield columnsOf(waiting, dialect, hasTime, channels, bad)
  if (issues.length === 0) {
    for (const [name, count] of bad) issues.push(issue("no-number", "error", `${count} cells of ${name} are no numbers`))
  }
}

function columnsOf(rows: readonly Cell[][], dialect: Dialect, hasTime: boolean, channels: readonly Channel[], bad: Map<string, number>) {
  const from = hasTime ? 1 : 0
  const ticks = hasTime ? Float64Array.from(rows, (row) => numberOf(row[0]?.text ?? "", dialect)) : null
  const missing = channels.map((_, c) => Uint8Array.from(rows, (row) => (row[c + from] === null || row[c + from] === undefined ? 1 : 0)))
  const columns = channels.map(({ name, type }, c): Values => {
    if (type === "text") return rows.map((row) => row[c + from]?.text ?? "")
    return Float64Array.from(rows, (row, i) => {
      const cell = row[c + from]
      if (cell === null || cell === undefined) return 0
      const value = numberOf(cell.text, dialect)
      if (!Number.isNaN(value) || cell.text.toLowerCase() === "nan") return value
      ;(missing[c] as Uint8Array)[i] = 1
      bad.set(name, (bad.get(name) ?? 0) + 1)
      return 0
    })
  })
  return { rows: rows.length, ticks, columns, missing: missing.map((flags) => (flags.includes(1) ? flags : null)) }
}

/** Rows out of text that comes in pieces; quotes may run over line ends and pieces. */
class RowParser {
  private rest = ""

  constructor(private readonly separator: string) {}

  /** Every row that is complete. */
  push(text: string): Cell[][] {
    this.rest += text
    const rows: Cell[][] = []
    for (let at = 0; ; ) {
      const found = this.row(this.rest, at, false)
      if (found === null) {
        this.rest = this.rest.slice(at)
        if (this.rest.length > CELL_CAP)
          throw new LimitError(`a row of more than ${CELL_CAP} characters: a quote was not closed`, { format: "csv" })
        return rows
      }
      if (found.row.length > 1 || found.row[0] !== null) rows.push(found.row)
      at = found.next
    }
  }

  /** The last row, which needs no line end. */
  end(): Cell[][] {
    const found = this.rest === "" ? null : this.row(this.rest, 0, true)
    this.rest = ""
    return found === null ? [] : [found.row]
  }

  private row(text: string, from: number, isLast: boolean): { row: Cell[]; next: number } | null {
    const row: Cell[] = []
    for (let at = from; ; ) {
      let cell: Cell
      let end: number
      if (text[at] === '"') {
        let close = text.indexOf('"', at + 1)
        while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2)
        if (close < 0 || (!isLast && close + 1 >= text.length)) {
          if (!isLast) return null
          close = text.length
        }
        cell = { text: text.slice(at + 1, close).replaceAll('""', '"') }
        end = close + 1
      } else {
        end = at
        while (end < text.length && text[end] !== this.separator && text[end] !== "\n" && text[end] !== "\r") end++
        cell = end === at ? null : { text: text.slice(at, end) }
      }
      if (end >= text.length && !isLast) return null
      row.push(cell)
      if (text[end] === this.separator) {
        at = end + 1
        continue
      }
      if (text[end] === "\r" && end + 1 >= text.length && !isLast) return null
      return { row, next: end + (text[end] === "\r" && text[end + 1] === "\n" ? 2 : 1) }
    }
  }
}
