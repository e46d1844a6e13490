import type { Command } from "../options/command.js"
import { channelOption, count, inputOptions, jsonOption, rangeOptions } from "../options/flags.js"

/** `fieldlog stats INPUT`: figures of every channel over the whole log, or over equal parts of it. */
export function addStats(program: Command): void {
  const command = program
    .command("stats")
    .summary("count, min, max, mean, std, first, last and missing of every channel")
    .argument("<input>", "a log, a file in a card image (card.img:/LOG00001.MET), a libarray folder, - for standard input")
    .examples(`
  fieldlog stats run.met                         every channel
  fieldlog stats run.met -c "cell*" --start 1m   some channels, from minute 1 on
  fieldlog stats run.met -c speed --buckets 60   of 60 equal parts
`)
    .option("--buckets <n>", "n rows of min, mean and max over time for each channel", count)
  command.takes(channelOption, rangeOptions, inputOptions, jsonOption).runs(async () => (await import("../run/stats.js")).stats)
}
