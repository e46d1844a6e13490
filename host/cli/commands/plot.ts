import { type Command, Option } from "commander"
import { channelOption, commonOptions, count, inputOptions, rangeOptions } from "../options/flags.js"
import { runs } from "../terminal/exit.js"

/** `fieldlog plot INPUT`: min/max plots as SVG or PNG, or in the terminal. */
export function addPlot(program: Command): void {
  const command = program
    .command("plot")
    .summary("min/max plots as SVG or PNG; in the terminal without -o")
    .argument("<input>", "a log, a file in a card image (card.img:/LOG00001.MET), a libarray folder, - for standard input")
    .addHelpText(
      "before",
      `Examples:
  fieldlog plot run.met -c speed                       in the terminal
  fieldlog plot run.met -o run.png -c "cell*"          a picture for a report
  fieldlog plot run.met -o lap3.svg --start 4m --end 6m
  fieldlog plot run.met -o run.svg --layout report.json  the same every time

A layout is {"title", "width", "panelHeight", "start", "end", "panels":
[{"title", "channels": ["speed", "imu.*"], "min", "max"}]}.
`,
    )
    .option("-o, --output <file>", "an .svg or .png file; - for SVG on standard output")
    .option("--force", "replace an existing file")
    .option("--layout <file>", "panels, limits and range as JSON")
    .option("--title <text>", "above the plots")
    .option("--width <n>", "pixels, or columns in the terminal", count)
    .option("--height <n>", "of one panel: pixels, or lines in the terminal", count)
    .option("--scale <n>", "PNG pixels per pixel", count, 2)
    .addOption(
      new Option("--panels <by>", "a panel for each unit of a group, or for each channel").choices(["unit", "channel"]).default("unit"),
    )
  commonOptions(inputOptions(rangeOptions(channelOption(command)))).action(runs(async () => (await import("../run/plot.js")).plot))
}
