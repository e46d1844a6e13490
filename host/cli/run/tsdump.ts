import { defaultRoot, dump, type TreeWarning } from "../../formats/libarray/api.js"
import { printable } from "../../text/printable.js"
import type { CommonOptions } from "../options/flags.js"
import { EXIT, type Exit } from "../terminal/exit.js"
import { painter, writeErr, writeOut } from "../terminal/terminal.js"

/** The options that name a series. */
export interface SeriesOptions {
  readonly net: string
  readonly method: string
  readonly id: string
  readonly root?: string
}

interface DumpOptions extends CommonOptions, SeriesOptions {
  readonly von?: string
  readonly bis?: string
  readonly strict?: boolean
}

/** Prints the stored lines of a series. @throws LogError; UsageError for a time that is not one */
export async function tsdump({ net, method, id, von, bis, root, strict, color }: DumpOptions): Promise<Exit> {
  const paint = painter(color, "err")
  let broken = false
  let lost = false
  const warn = ({ kind, severity, path, line, text }: TreeWarning) => {
    broken ||= severity === "warning"
    lost ||= kind === "unreadable"
    const place = line === 0 ? path : `${path}:${line}`
    writeErr(`fieldlog: ${paint(severity === "note" ? "dim" : "yellow", severity)}: ${printable(`${place}: ${text}`)}\n`)
  }
  const series = { net, method, id }
  for (const lines of dump({ root: root ?? defaultRoot(), series, from: von, to: bis, warn })) writeOut(lines)
  if (lost) return EXIT.damaged
  return broken && strict === true ? EXIT.failed : EXIT.fine
}
