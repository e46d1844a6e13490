import { queryDataset } from "../../dataset/sql.js"
import type { CommonOptions } from "../options/flags.js"
import { EXIT, type Exit } from "../terminal/exit.js"
import { tableRoom, writeOut } from "../terminal/terminal.js"
import { tableLines } from "../text/table.js"

interface SqlOptions extends CommonOptions {
  readonly print: "table" | "ndjson" | "csv"
}

/** Runs a query on a dataset and prints its rows. @throws LogError if the folder is not a dataset; UsageError for a query that DuckDB refuses */
export async function sql(folder: string, query: string, { print }: SqlOptions): Promise<Exit> {
  const { columns, rows } = await queryDataset(folder, query)
  if (print === "ndjson") {
    for (const row of rows) writeOut(`${JSON.stringify(Object.fromEntries(columns.map((name, c) => [name, row[c]])))}\n`)
  } else if (print === "csv") {
    for (const row of [columns, ...rows]) writeOut(`${row.map(csvCell).join(",")}\n`)
  } else {
    const titles = columns.map((title) => ({ title, align: "left" as const, shrinkTo: 12 }))
    writeOut(
      `${tableLines(
        titles,
        rows.map((row) => row.map(plain)),
        tableRoom(),
      ).join("\n")}\n`,
    )
  }
  return EXIT.fine
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return ""
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}

function csvCell(value: unknown): string {
  const text = plain(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
