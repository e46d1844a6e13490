import type { Command } from "../options/command.js"
import { alignOption, channelOption, count, inputOptions, joinOption, jsonOption, rangeOptions } from "../options/flags.js"

/** `fieldlog stats INPUT`: figures of every channel over the whole log, or over equal parts of it. */
export function addStats(program: Command): void {
  const command = program
    .command("stats")
    .summary("count, min, max, mean, std, first, last and missing of every channel")
    .argument("<input...>", "logs, card images, files in them (card.img:/LOG00001.MET), folders, - for standard input")
    .examples(`
  fieldlog stats run.met                         every channel
  fieldlog stats run.met -c "cell*" --start 1m   some channels, from minute 1 on
  fieldlog stats a.met b.met                     of several logs
  fieldlog stats run.met -c speed --buckets 60   of 60 equal parts
`)
    .option("--buckets <n>", "n rows of min, mean and max over time for each channel", count)
  command
    .takes(alignOption, joinOption, channelOption, rangeOptions, inputOptions, jsonOption)
    .runs(async () => (await import("../run/stats.js")).stats)
}
