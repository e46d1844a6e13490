import { type Command, Option } from "commander"
import { type CommonOptions, commonOptions } from "../options/flags.js"
import { EXIT, type Exit, exits } from "../terminal/exit.js"
import { tableRoom, writeOut } from "../terminal/terminal.js"
import { tableLines } from "../text/table.js"

interface SqlOptions extends CommonOptions {
  readonly print: "table" | "ndjson" | "csv"
}

/** `fieldlog sql DIR QUERY`: DuckDB on a dataset. */
export function addSql(program: Command): void {
  const command = program
    .command("sql")
    .summary("SQL on a dataset, by DuckDB in this process")
    .argument("<dir>", "a folder made by dataset add")
    .argument("<query>", "SQL over the views samples, runs and channels")
    .addHelpText(
      "before",
      `Examples:
  fieldlog sql season/ "SELECT file, duration, errors FROM runs ORDER BY start"
  fieldlog sql season/ "SELECT run, max(value) FROM samples WHERE channel = 'speed' GROUP BY run"
`,
    )
    .addOption(new Option("--print <form>", "how rows are shown").choices(["table", "ndjson", "csv"]).default("table"))
  commonOptions(command).action(exits(sql))
}

async function sql(folder: string, query: string, { print }: SqlOptions): Promise<Exit> {
  const { queryDataset } = await import("../../dataset/sql.js")
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
