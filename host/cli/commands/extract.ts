import type { Command } from "../options/command.js"
import { channelOption, inputOptions, joinOption, jsonOption, outputOptions, rangeOptions } from "../options/flags.js"

/** `fieldlog extract INPUT -o OUTPUT`: a part of a log in its own format. */
export function addExtract(program: Command): void {
  const command = program
    .command("extract")
    .summary("a time range or some channels in the same format, annotations included")
    .argument(
      "<input>",
      "a log, a file in a card image (card.img:/LOG00001.MET), a folder or card with one recording, - for standard input",
    )
    .examples(`
  fieldlog extract run.jls -o pit.jls --start 12m --end 14m30s
  fieldlog extract run.met -o last.met --start -1m
  fieldlog extract run.met -o wheels.met -c "wheel-*"
`)
  outputOptions(command).option("--strict", "exit 3 also for losses of form: what the format has no place for")
  command
    .takes(joinOption, channelOption, rangeOptions, inputOptions, jsonOption)
    .runs(async () => (await import("../run/extract.js")).extract)
}
