import { createReadStream } from "node:fs"
import { append, importLines, insert, type SeriesName, type StoreOptions, update } from "../../formats/libarray/api.js"
import { LogError } from "../../model/errors.js"
import { printable } from "../../text/printable.js"
import type { CommonOptions } from "../options/flags.js"
import { EXIT, type Exit } from "../terminal/exit.js"
import { writeErr, writeOut } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"
import type { SeriesOptions } from "./tsdump.js"

interface WriteOptions extends CommonOptions, SeriesOptions {
  readonly allowDuplicate?: boolean
  readonly json?: boolean
}

const STORE = { append, insert, update }

/** Writes one line of a series. */
export function oneLine(operation: "append" | "insert" | "update"): (time: string, data: string, options: WriteOptions) => Promise<Exit> {
  return async (time, data, options) => {
    STORE[operation](seriesOf(options), time, data, { ...storeOptions(options), sync: true })
    return EXIT.fine
  }
}

/** Adds the lines of files to a series. @throws LogError if a file cannot be read */
export async function importFiles(paths: string[], options: WriteOptions): Promise<Exit> {
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
