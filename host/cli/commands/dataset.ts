import { type Command, InvalidArgumentError, Option } from "commander"
import type { Added, AddOptions } from "../../dataset/add.js"
import { type CommonOptions, commonOptions, type InputOptions, inputOptions, jsonOption, openingOf } from "../options/flags.js"
import { tellOutcome } from "../report/outcome.js"
import { reportError } from "../report/report-error.js"
import { EXIT, type Exit, exits, worse } from "../terminal/exit.js"
import { writeErr } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"
import { counted } from "../text/quantities.js"

interface DatasetOptions extends CommonOptions, InputOptions {
  readonly partition?: string[]
  readonly shard?: { index: number; count: number }
  readonly layout: "long" | "wide"
  readonly json?: boolean
}

/** `fieldlog dataset add DIR FILE...`: logs into Hive-partitioned Parquet. */
export function addDataset(program: Command): void {
  const dataset = program.command("dataset").summary("many logs as one folder of Parquet, for sql and for clusters")
  const command = dataset
    .command("add")
    .summary("add logs; the same log twice changes nothing")
    .argument("<dir>", "the dataset's folder")
    .argument("<input...>", "logs, files in card images, folders of logs")
    .addHelpText(
      "before",
      `Examples:
  fieldlog dataset add season/ cards/*.met                          a row a value, by day and run
  fieldlog dataset add season/ logs/ --partition vehicle=7          a folder level of your own
  fieldlog dataset add season/ logs/ --shard 2/8                    this machine's eighth
`,
    )
    .option("--partition <name=value>", "a folder level above the day (repeatable)", (value: string, before: string[] = []) => [
      ...before,
      value,
    ])
    .option("--shard <i/n>", "only every n-th input, from the i-th on", shard)
    .addOption(new Option("--layout <how>", "one row a value, or one a time").choices(["long", "wide"]).default("long"))
  commonOptions(jsonOption(inputOptions(command))).action(exits(add))
}

function shard(text: string): { index: number; count: number } {
  const found = /^(\d+)\/(\d+)$/.exec(text)
  if (found === null) throw new InvalidArgumentError("Expected i/n, as 2/8.")
  return { index: Number(found[1]), count: Number(found[2]) }
}

async function add(folder: string, names: string[], options: DatasetOptions): Promise<Exit> {
  const { addToDataset } = await import("../../dataset/add.js")
  const { findInputs } = await import("../../inputs/find.js")
  const how: AddOptions = {
    opening: await openingOf(options),
    layout: options.layout,
    ...(options.partition === undefined ? {} : { partition: options.partition }),
    ...(options.shard === undefined ? {} : { shard: options.shard }),
  }
  const done: Added[] = []
  let exit: Exit = EXIT.fine
  for await (const each of addToDataset(folder, await findInputs(names), how)) {
    done.push(each)
    exit = worse(exit, tell(each, options))
  }
  if (options.json === true) printJson({ folder, runs: done.map(({ file, run, added, losses }) => ({ file, run, added, losses })) })
  else writeErr(`${counted(done.filter(({ added }) => added).length, "run")} added to ${folder}\n`)
  return exit
}

function tell({ file, run, added, losses, issues, error }: Added, options: DatasetOptions): Exit {
  if (error !== null) return reportError(error, process.argv.slice(2))
  if (options.json !== true) writeErr(`${added ? "added" : "already there"}: ${file} (run ${run})\n`)
  return tellOutcome({ losses, issues }, options)
}
