import { Option } from "commander"
import type { Command } from "../options/command.js"
import { alignOption, channelOption, count, inputOptions, joinOption, rangeOptions } from "../options/flags.js"

/** `fieldlog plot INPUT`: min/max plots as SVG or PNG, or in the terminal. */
export function addPlot(program: Command): void {
  const command = program
    .command("plot")
    .summary("min/max plots as SVG or PNG; in the terminal without -o")
    .argument("<input...>", "logs, card images, files in them (card.img:/LOG00001.MET), folders, - for standard input")
    .examples(`
  fieldlog plot run.met -c speed                       in the terminal
  fieldlog plot run.met -o run.png -c "cell*"          a picture for a report
  fieldlog plot run.met -o lap3.svg --start 4m --end 6m
  fieldlog plot run.met -o run.svg --layout report.json  panels as the file says
  fieldlog plot a.met b.met -o both.svg --align start  two logs in one picture

Bands reach from the lowest to the highest value. Channels of one unit share a
panel. The logger's own counters, the span of a ddff record and a time column
are shown when -c names them.

A layout is {"title", "width", "panelHeight", "start", "end", "panels":
[{"title", "channels": ["speed", "imu.*"], "min", "max"}]}.
`)
    .option("-o, --output <file>", "an .svg or .png file; - for SVG on standard output")
    .option("--force", "replace an existing file")
    .option("--layout <file>", "a JSON file with panels, limits and time range")
    .option("--title <text>", "title above the plots")
    .option("--width <n>", "width in pixels, or in columns of the terminal", count)
    .option("--height <n>", "height of a panel in pixels, or in lines of the terminal", count)
    .option("--scale <n>", "PNG: pixels for each pixel of the layout", count, 2)
    .addOption(
      new Option("--panels <by>", "one panel for each unit of a group, or for each channel").choices(["unit", "channel"]).default("unit"),
    )
  command.takes(alignOption, joinOption, channelOption, rangeOptions, inputOptions).runs(async () => (await import("../run/plot.js")).plot)
}
