import type { Command } from "commander"
import { commonOptions, jsonOption } from "../options/flags.js"
import { runs } from "../terminal/exit.js"
import { seriesOptions } from "./tsdump.js"

/** `fieldlog ts append|insert|update|import`: writes to a libarray series. There is no delete. */
export function addTs(program: Command): void {
  const ts = program
    .command("ts")
    .summary("writes lines to a libarray series: append, insert, update, import")
    .addHelpText(
      "before",
      `Examples:
  fieldlog ts append -N SIL -M NaI -K app_1 "2004-01-01 06:01:00" "12.5 3"
  fieldlog ts update -N SIL -M NaI -K app_1 "2004-01-01 06:01:00" "12.6 3"
  fieldlog ts import -N SIL -M NaI -K app_1 old-lines.txt
`,
    )
    .addHelpText("after", "\nNo command deletes lines: raw data stays. An update with empty data empties a line and keeps its time.")
  lineCommand(ts, "append", "adds a line after all others of its day").action(
    runs(async () => (await import("../run/ts.js")).oneLine("append")),
  )
  lineCommand(ts, "insert", "puts a line where its time belongs")
    .option("--allow-duplicate", "add the line after one that has the same time")
    .action(runs(async () => (await import("../run/ts.js")).oneLine("insert")))
  lineCommand(ts, "update", "replaces the data of the line with that time").action(
    runs(async () => (await import("../run/ts.js")).oneLine("update")),
  )
  const command = ts
    .command("import")
    .summary("adds lines in any order; each day's file is replaced once")
    .argument("<file...>", "files of lines, - for standard input")
    .addHelpText("before", "Examples:\n  fieldlog ts import -N SIL -M NaI -K app_1 old-lines.txt\n")
  commonOptions(jsonOption(seriesOptions(command))).action(runs(async () => (await import("../run/ts.js")).importFiles))
}

function lineCommand(ts: Command, name: string, summary: string): Command {
  const command = ts
    .command(name)
    .summary(summary)
    .argument("<time>", "YYYY-MM-DD HH:MM:SS, optionally with a fraction")
    .argument("<data>", "the rest of the line")
    .addHelpText("before", `Examples:\n  fieldlog ts ${name} -N SIL -M NaI -K app_1 "2004-01-01 06:01:00" "12.5 3"\n`)
  return commonOptions(seriesOptions(command))
}
