import type { Command as Commander } from "commander"
import type { Command } from "../options/command.js"

/** `fieldlog tsdump`: the stored lines of a series, unchanged. The flags are the original's. */
export function addTsdump(program: Command): void {
  program
    .command("tsdump")
    .summary("the lines of a libarray series, as they are stored")
    .examples(`
  fieldlog tsdump -N SIL -M 16-kanal-zaehler -K P3_AlphaRnTn -V 2004-04-30 -B 2004-05-01
  fieldlog tsdump -N SIL -M NaI -K app_1 | tail -1          the last line
`)
    .takes(seriesOptions)
    .option("-V, --von <time>", "from here: YYYY-MM-DD or 'YYYY-MM-DD HH:MM:SS' (default: the first line)")
    .option("-B, --bis <time>", "up to here, inclusive; a date means the whole day (default: the last line)")
    .option("--strict", "exit 1 when a line breaks a rule")
    .runs(async () => (await import("../run/tsdump.js")).tsdump)
}

/** The options that name a series. */
export function seriesOptions(command: Commander): Commander {
  return command
    .requiredOption("-N, --net <name>", "network (Messnetz)")
    .requiredOption("-M, --method <name>", "method (Methode)")
    .requiredOption("-K, --id <name>", "station (Kennung)")
    .option("--root <folder>", "root of the tree (default: $TSDIR, else the working directory)")
}
