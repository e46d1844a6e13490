import { createReadStream } from "node:fs"
import type { Command } from "commander"
import type { SeriesName } from "../../formats/libarray/names.js"
import type { StoreOptions } from "../../formats/libarray/store.js"
import { LogError } from "../../model/errors.js"
import { type CommonOptions, commonOptions, jsonOption } from "../options/flags.js"
import { EXIT, type Exit, exits } from "../terminal/exit.js"
import { printable, writeErr, writeOut } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"
import { type SeriesOptions, seriesOptions } from "./tsdump.js"

interface WriteOptions extends CommonOptions, SeriesOptions {
  readonly allowDuplicate?: boolean
  readonly json?: boolean
}

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
    .addHelpText("after", "\nNothing deletes lines: raw data stays. An update with empty data empties a line and keeps its time.")
  lineCommand(ts, "append", "adds a line behind all others of its day").action(exits(oneLine("append")))
  lineCommand(ts, "insert", "puts a line where its time belongs")
    .option("--allow-duplicate", "also where a line has that time: behind it")
    .action(exits(oneLine("insert")))
  lineCommand(ts, "update", "replaces the data of the line with that time").action(exits(oneLine("update")))
  const command = ts
    .command("import")
    .summary("adds lines in any order, each day's file replaced once")
    .argument("<file...>", "files of lines, - for standard input")
  commonOptions(jsonOption(seriesOptions(command))).action(exits(importFiles))
}

function lineCommand(ts: Command, name: string, summary: string): Command {
  const command = ts
    .command(name)
    .summary(summary)
    .argument("<time>", "YYYY-MM-DD HH:MM:SS, with a fraction if need be")
    .argument("<data>", "the rest of the line")
  return commonOptions(seriesOptions(command))
}

function oneLine(operation: "append" | "insert" | "update"): (time: string, data: string, options: WriteOptions) => Promise<Exit> {
  return async (time, data, options) => {
    const store = await import("../../formats/libarray/store.js")
    store[operation](seriesOf(options), time, data, { ...storeOptions(options), sync: true })
    return EXIT.fine
  }
}

async function importFiles(paths: string[], options: WriteOptions): Promise<Exit> {
  const { importLines } = await import("../../formats/libarray/import.js")
  let bad = 0
  const results: object[] = []
  for (const path of paths) {
    const input = path === "-" ? process.stdin : createReadStream(path)
    const warn = ({ line, text }: { line: number; text: string }) => writeErr(`fieldlog: ${printable(`${path}:${line}: ${text}`)}\n`)
    const result = await importLines(seriesOf(options), input, { ...storeOptions(options), warn }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ENOENT" ? new LogError("no such file", { path }) : error
    })
    bad += result.bad
    results.push({ path, ...result })
    const { lines, days, same } = result
    if (options.json !== true)
      writeOut(`${path}: ${lines} lines into ${days} days, ${same} were there already, ${result.bad} without a time\n`)
  }
  if (options.json === true) printJson({ imported: results })
  return bad > 0 ? EXIT.damaged : EXIT.fine
}

function seriesOf({ net, method, id }: SeriesOptions): SeriesName {
  return { net, method, id }
}

function storeOptions({ root, allowDuplicate }: WriteOptions): StoreOptions {
  return { ...(root === undefined ? {} : { root }), ...(allowDuplicate === true ? { allowDuplicate } : {}) }
}
