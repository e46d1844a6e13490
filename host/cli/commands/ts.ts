import type { Command } from "../options/command.js"
import { jsonOption } from "../options/flags.js"
import { seriesOptions } from "./tsdump.js"

/** `fieldlog ts append|insert|update|import`: writes to a libarray series. There is no delete. */
export function addTs(program: Command): void {
  const ts = program
    .command("ts")
    .summary("writes lines to a libarray series: append, insert, update, import")
    .examples(`
  fieldlog ts append -N SIL -M NaI -K app_1 "2004-01-01 06:01:00" "12.5 3"
  fieldlog ts update -N SIL -M NaI -K app_1 "2004-01-01 06:01:00" "12.6 3"
  fieldlog ts import -N SIL -M NaI -K app_1 old-lines.txt
`)
    .addHelpText("after", "\nNo command deletes lines: raw data stays. An update with empty data empties a line and keeps its time.")
  lineCommand(ts, "append", "adds a line after all others of its day").runs(async () => (await import("../run/ts.js")).oneLine("append"))
  lineCommand(ts, "insert", "puts a line where its time belongs")
    .option("--allow-duplicate", "add the line after one that has the same time")
    .runs(async () => (await import("../run/ts.js")).oneLine("insert"))
  lineCommand(ts, "update", "replaces the data of the line with that time").runs(async () =>
    (await import("../run/ts.js")).oneLine("update"),
  )
  ts.command("import")
    .summary("adds lines in any order; each day's file is replaced once")
    .argument("<file...>", "files of lines, - for standard input")
    .examples("\n  fieldlog ts import -N SIL -M NaI -K app_1 old-lines.txt\n")
    .takes(seriesOptions, jsonOption)
    .runs(async () => (await import("../run/ts.js")).importFiles)
}

function lineCommand(ts: Command, name: string, summary: string): Command {
  return ts
    .command(name)
    .summary(summary)
    .argument("<time>", "YYYY-MM-DD HH:MM:SS, optionally with a fraction")
    .argument("<data>", "the rest of the line")
    .examples(`\n  fieldlog ts ${name} -N SIL -M NaI -K app_1 "2004-01-01 06:01:00" "12.5 3"\n`)
    .takes(seriesOptions)
}
