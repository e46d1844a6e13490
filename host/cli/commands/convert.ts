import type { Command } from "../options/command.js"
import { alignOption, channelOption, inputOptions, joinOption, jsonOption, outputOptions, rangeOptions } from "../options/flags.js"
import { targetOptions } from "../options/target-flags.js"

/** `fieldlog convert INPUT... -o OUTPUT`: any format in, any format or export out. */
export function addConvert(program: Command): void {
  const command = program
    .command("convert")
    .summary("any log into any format or export, several logs merged")
    .argument("<input...>", "logs, card images, files in them (card.img:/LOG00001.MET), folders, - for standard input")
    .examples(`
  fieldlog convert run.met -o run.csv                   target by the extension
  fieldlog convert run.met -o run.csv --layout long     one line per value
  fieldlog convert run.met -o run.csv --rate 10         10 rows per second
  fieldlog convert run.met -o run.jls --rate 100 --fill linear
  fieldlog convert run.met -o run.csv --max-rows 5000   bins, for a spreadsheet
  fieldlog convert run.met -o run.csv --decimal , --units row
  fieldlog convert card.img:/LOG00001.MET -o run.jls    out of a card image
  fieldlog convert card.img -o card.jls                 as one recording
  fieldlog convert logs/ -o out/ --to csv               one file a recording
  fieldlog convert more.met -o run.met --append         adds its rows
  fieldlog convert a.met b.ddff -o both.parquet         side by side in time
  fieldlog convert - -o - --to csv < run.met > run.csv  in a pipe
`)
  outputOptions(command)
    .option("--to <name>", "target by name, whatever the extension of -o says")
    .option("--append", "add the rows to the log that -o names, if it exists")
    .option("--to-spec <file>", "Meteor: the specification to write by: ids, widths, scales, composites")
    .option("--strict", "exit 3 also for losses of form: what the target has no place for")
    .option("--repair-clock", "remove the jumps of a clock that was set while it logged (1970, then GPS)")
    .option("--raw", "values as stored, without calibration")
  command
    .takes(alignOption, joinOption, targetOptions, channelOption, rangeOptions, inputOptions, jsonOption)
    .runs(async () => (await import("../run/convert.js")).convertInputs)
}
