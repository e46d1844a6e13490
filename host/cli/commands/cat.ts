import { type Command, Option } from "commander"
import { channelOption, commonOptions, inputOptions, rangeOptions } from "../options/flags.js"
import { runs } from "../terminal/exit.js"

/** `fieldlog cat INPUT`: the rows of a log on standard output. */
export function addCat(program: Command): void {
  const command = program
    .command("cat")
    .summary("the rows of a log, as NDJSON or CSV")
    .argument("<input>", "a log, a file in a card image (card.img:/LOG00001.MET), a libarray folder, - for standard input")
    .addHelpText(
      "before",
      `Examples:
  fieldlog cat run.met | head                the first rows
  fieldlog cat run.met -c speed --start -10s  the last ten seconds of a channel
  fieldlog cat run.met --as csv -c "imu.*" | plotter    rows for another program
  fieldlog cat -f run.met                    rows as they come, ctrl-C ends
`,
    )
    .addOption(new Option("--as <form>", "what a row is").choices(["ndjson", "csv"]).default("ndjson"))
    .option("--raw", "values as stored, without calibration")
    .addOption(new Option("--order <by>", "rows merged by time, or as they stand in the file").choices(["time", "file"]).default("time"))
    .option("-f, --follow", "wait for more when the file ends")
  commonOptions(inputOptions(rangeOptions(channelOption(command)))).action(runs(async () => (await import("../run/cat.js")).cat))
}
