import type { Added, AddOptions } from "../../dataset/add.js"
import { addToDataset } from "../../dataset/add.js"
import { findInputs } from "../../inputs/find.js"
import { given } from "../../model/options.js"
import type { CommonOptions, InputOptions } from "../options/flags.js"
import { openingOf } from "../options/from-flags.js"
import { tellOutcome } from "../report/outcome.js"
import { reportError } from "../report/report-error.js"
import { EXIT, type Exit, worse } from "../terminal/exit.js"
import { writeErr } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"
import { counted } from "../text/quantities.js"

interface DatasetOptions extends CommonOptions, InputOptions {
  readonly partition?: string[]
  readonly shard?: { index: number; count: number }
  readonly layout: "long" | "wide"
  readonly json?: boolean
}

/** Adds logs to a dataset. @throws LogError if a name means no log */
export async function addLogs(folder: string, names: string[], options: DatasetOptions): Promise<Exit> {
  const how: AddOptions = {
    opening: await openingOf(options),
    layout: options.layout,
    ...given({ partition: options.partition, shard: options.shard }),
  }
  const done: Added[] = []
  let exit: Exit = EXIT.fine
  const { inputs, issues } = await findInputs(names)
  for await (const each of addToDataset(folder, inputs, how)) {
    done.push(each)
    exit = worse(exit, tell(each, options))
  }
  exit = worse(exit, tellOutcome({ losses: [], issues }, options))
  if (options.json === true) printJson({ folder, runs: done.map(({ file, run, added, losses }) => ({ file, run, added, losses })) })
  else writeErr(`${counted(done.filter(({ added }) => added).length, "run")} added to ${folder}\n`)
  return exit
}

function tell({ file, run, added, losses, issues, error }: Added, options: DatasetOptions): Exit {
  if (error !== null) return reportError(error, process.argv.slice(2))
  if (options.json !== true) writeErr(`${added ? "added" : "already there"}: ${file} (run ${run})\n`)
  return tellOutcome({ losses, issues }, options)
}
