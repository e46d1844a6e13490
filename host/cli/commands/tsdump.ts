import type { Command } from "commander"
import type { TreeWarning } from "../../formats/libarray/dump.js"
import { type CommonOptions, commonOptions } from "../options/flags.js"
import { EXIT, type Exit, exits } from "../terminal/exit.js"
import { painter, printable, writeErr, writeOut } from "../terminal/terminal.js"

/** Which series of which tree. */
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

/** `fieldlog tsdump`: the stored lines of a series, unchanged. The flags are the original's. */
export function addTsdump(program: Command): void {
  const command = program
    .command("tsdump")
    .summary("the lines of a libarray series, as they are stored")
    .addHelpText(
      "before",
      `Examples:
  fieldlog tsdump -N SIL -M 16-kanal-zaehler -K P3_AlphaRnTn -V 2004-04-30 -B 2004-05-01
  fieldlog tsdump -N SIL -M NaI -K app_1 | tail -1          the last line
`,
    )
  seriesOptions(command)
    .option("-V, --von <time>", "from here: YYYY-MM-DD or 'YYYY-MM-DD HH:MM:SS' (default: the first line)")
    .option("-B, --bis <time>", "up to here, included; a date means its whole day (default: the last line)")
    .option("--strict", "exit 1 when a line breaks a rule")
  commonOptions(command).action(exits(tsdump))
}

/** The options that name a series. */
export function seriesOptions(command: Command): Command {
  return command
    .requiredOption("-N, --net <name>", "network (Messnetz)")
    .requiredOption("-M, --method <name>", "method (Methode)")
    .requiredOption("-K, --id <name>", "station (Kennung)")
    .option("--root <folder>", "root of the tree (default: $TSDIR, else the working directory)")
}

async function tsdump({ net, method, id, von, bis, root, strict, color }: DumpOptions): Promise<Exit> {
  const { dump } = await import("../../formats/libarray/dump.js")
  const { defaultRoot } = await import("../../formats/libarray/names.js")
  const paint = painter(color, "err")
  let broken = false
  const warn = ({ severity, path, line, text }: TreeWarning) => {
    broken ||= severity === "warning"
    const place = line === 0 ? path : `${path}:${line}`
    writeErr(`fieldlog: ${paint(severity === "note" ? "dim" : "yellow", severity)}: ${printable(`${place}: ${text}`)}\n`)
  }
  const series = { net, method, id }
  for (const lines of dump({ root: root ?? defaultRoot(), series, from: von, to: bis, warn })) writeOut(lines)
  return broken && strict === true ? EXIT.failed : EXIT.fine
}
