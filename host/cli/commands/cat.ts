import { Option } from "commander"
import type { Command } from "../options/command.js"
import { channelOption, inputOptions, joinOption, rangeOptions } from "../options/flags.js"

/** `fieldlog cat INPUT`: the rows of a log on standard output. */
export function addCat(program: Command): void {
  const command = program
    .command("cat")
    .summary("the rows of a log, as NDJSON or CSV")
    .argument(
      "<input>",
      "a log, a file in a card image (card.img:/LOG00001.MET), a folder or card with one recording, - for standard input",
    )
    .examples(`
  fieldlog cat run.met | head                           the first rows
  fieldlog cat run.met -c speed --start -10s            the last ten seconds
  fieldlog cat run.met --as csv -c "imu.*" | plotter    rows for another program
  fieldlog cat -f run.met                               new rows, until ctrl-C
`)
    .addOption(new Option("--as <form>", "how a row is printed").choices(["ndjson", "csv"]).default("ndjson"))
    .option("--raw", "values as stored, without calibration")
    .addOption(
      new Option("--order <by>", "merge the groups' rows by time, or keep the file's order").choices(["time", "file"]).default("time"),
    )
    .option("-f, --follow", "wait for more rows at the end of the file")
  command.takes(joinOption, channelOption, rangeOptions, inputOptions).runs(async () => (await import("../run/cat.js")).cat)
}
