import { Option } from "commander"
import type { Command } from "../options/command.js"

/** `fieldlog sql DIR QUERY`: DuckDB on a dataset. */
export function addSql(program: Command): void {
  const command = program
    .command("sql")
    .summary("SQL on a dataset, by DuckDB in this process")
    .argument("<dir>", "a folder made by dataset add")
    .argument("<query>", "SQL over the views samples, runs and channels")
    .examples(`
  fieldlog sql season/ "SELECT file, duration, errors FROM runs ORDER BY start"
  fieldlog sql season/ "SELECT run, max(value) FROM samples WHERE channel = 'speed' GROUP BY run"

Rows are printed as they come. The query reads the files of the dataset only and
writes none: COPY TO, ATTACH, INSTALL and files elsewhere need --unsafe.
`)
    .addOption(new Option("--print <form>", "how rows are printed").choices(["table", "ndjson", "csv"]).default("table"))
  command.option("--unsafe", "let the query do all that DuckDB can: write files, read others than the dataset's, ATTACH, INSTALL")
  command.runs(async () => (await import("../run/sql.js")).sql)
}
