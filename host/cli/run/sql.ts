import { queryDataset } from "../../dataset/sql.js"
import type { CommonOptions } from "../options/flags.js"
import { EXIT, type Exit } from "../terminal/exit.js"
import { tableRoom, writeOut } from "../terminal/terminal.js"
import { growingTable } from "../text/table.js"

interface SqlOptions extends CommonOptions {
  readonly print: "table" | "ndjson" | "csv"
  readonly unsafe?: boolean
}

/** Rows by which the columns of a table get their widths. */
const FIRST_ROWS = 1000

type Row = readonly unknown[]

/** Runs a query on a dataset and prints its rows as they come. @throws LogError if the folder is not a dataset; UsageError for a query that DuckDB refuses */
export async function sql(folder: string, query: string, { print, unsafe = false }: SqlOptions): Promise<Exit> {
  return queryDataset(folder, query, { unsafe }, async ({ columns, batches }) => {
    if (print === "table") return printTable(columns, batches)
    if (print === "csv") writeOut(csvLine(columns))
    const line =
      print === "csv" ? csvLine : (row: Row) => `${JSON.stringify(Object.fromEntries(columns.map((name, c) => [name, row[c]])))}\n`
    for await (const rows of batches) writeOut(rows.map(line).join(""))
    return EXIT.fine
  })
}

async function printTable(columns: readonly string[], batches: AsyncIterable<readonly Row[]>): Promise<Exit> {
  const titles = columns.map((title) => ({ title, align: "left" as const, shrinkTo: 12 }))
  const table = growingTable(titles, tableRoom(), FIRST_ROWS)
  for await (const rows of batches) print(table.lines(rows.map((row) => row.map(plain))))
  print(table.rest())
  return EXIT.fine
}

function print(lines: readonly string[]): void {
  if (lines.length > 0) writeOut(`${lines.join("\n")}\n`)
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return ""
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}

function csvLine(row: Row): string {
  return `${row.map(csvCell).join(",")}\n`
}

function csvCell(value: unknown): string {
  const text = plain(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
