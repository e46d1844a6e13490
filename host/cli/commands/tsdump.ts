import type { Command } from "commander"
import { commonOptions } from "../options/flags.js"
import { runs } from "../terminal/exit.js"

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
    .option("-B, --bis <time>", "up to here, inclusive; a date means the whole day (default: the last line)")
    .option("--strict", "exit 1 when a line breaks a rule")
  commonOptions(command).action(runs(async () => (await import("../run/tsdump.js")).tsdump))
}

/** The options that name a series. */
export function seriesOptions(command: Command): Command {
  return command
    .requiredOption("-N, --net <name>", "network (Messnetz)")
    .requiredOption("-M, --method <name>", "method (Methode)")
    .requiredOption("-K, --id <name>", "station (Kennung)")
    .option("--root <folder>", "root of the tree (default: $TSDIR, else the working directory)")
}
