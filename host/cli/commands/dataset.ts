import { InvalidArgumentError, Option } from "commander"
import type { Command } from "../options/command.js"
import { collect, inputOptions, jsonOption } from "../options/flags.js"

/** `fieldlog dataset add DIR FILE...`: logs into Hive-partitioned Parquet. */
export function addDataset(program: Command): void {
  const dataset = program
    .command("dataset")
    .summary("many logs as one folder of Parquet, for sql and for clusters")
    .examples(`
  fieldlog dataset add season/ cards/*.met      adds these logs
  fieldlog sql season/ "SELECT file FROM runs"  asks about all of them
`)
  const command = dataset
    .command("add")
    .summary("adds logs; adding a log again changes nothing")
    .argument("<dir>", "the dataset's folder")
    .argument("<input...>", "logs, files in card images, folders of logs")
    .examples(`
  fieldlog dataset add season/ cards/*.met                  folders by day and run
  fieldlog dataset add season/ logs/ --partition vehicle=7  and by vehicle
  fieldlog dataset add season/ logs/ --shard 2/8            an eighth of the logs
`)
    .option("--partition <name=value>", "a folder level above the day (repeatable)", collect)
    .option("--shard <i/n>", "only every n-th input, starting with the i-th", shard)
    .addOption(new Option("--layout <how>", "one row per value, or one row per time").choices(["long", "wide"]).default("long"))
  command.takes(inputOptions, jsonOption).runs(async () => (await import("../run/dataset.js")).addLogs)
}

function shard(text: string): { index: number; count: number } {
  const found = /^(\d+)\/(\d+)$/.exec(text)
  if (found === null) throw new InvalidArgumentError("Expected i/n, as 2/8.")
  return { index: Number(found[1]), count: Number(found[2]) }
}
