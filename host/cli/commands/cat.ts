import { setTimeout as delay } from "node:timers/promises"
import { type Command, Option } from "commander"
import type { OpenInput } from "../../inputs/input.js"
import { UsageError } from "../../model/errors.js"
import type { WriteOptions } from "../../model/format.js"
import type { Selection } from "../../model/log.js"
import {
  type CommonOptions,
  channelOption,
  commonOptions,
  type InputOptions,
  inputOptions,
  openingOf,
  type PartOptions,
  rangeOptions,
  wantedOf,
} from "../options/flags.js"
import { tellOutcome } from "../report/outcome.js"
import { startProgress } from "../report/progress.js"
import { writing } from "../report/writing.js"
import { type Exit, exits } from "../terminal/exit.js"
import { outIsFile } from "../terminal/terminal.js"

interface CatOptions extends CommonOptions, InputOptions, PartOptions {
  readonly as: "ndjson" | "csv"
  readonly raw?: boolean
  readonly order: "time" | "file"
  readonly follow?: boolean
}

/** How often a growing file is looked at. */
const FOLLOW_MS = 200

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
  commonOptions(inputOptions(rangeOptions(channelOption(command)))).action(exits(cat))
}

async function cat(name: string, options: CatOptions): Promise<Exit> {
  const { openNamed } = await import("../../inputs/find.js")
  const open = await openNamed(name, await openingOf(options))
  try {
    return await print(open, options)
  } finally {
    await open.close()
  }
}

async function print(open: OpenInput, options: CatOptions): Promise<Exit> {
  const { targetFor } = await import("../../registry/targets.js")
  const { selectFrom } = await import("../../views/select.js")
  const follow = options.follow === true ? follower(open) : undefined
  // What is downstream of a pipe may write to the terminal too.
  const quiet = !outIsFile() || options.follow === true
  const progress = startProgress(open.input.label, open.source?.size ?? 0, { ...options, progress: options.progress && !quiet })
  const selection: Selection = { progress: progress.at, order: options.order, ...(follow === undefined ? {} : { follow }) }
  const target = targetFor("-", options.as)
  try {
    const whole = options.raw === true ? open.stored : open.log
    const log = await selectFrom(whole, wantedOf(options), selection)
    const how: WriteOptions = { selection, raw: options.raw === true }
    const losses = await writing({ output: "-" }, { text: true, inputs: [] }, ({ output }) => target.write(log, output, how))
    progress.end()
    return tellOutcome({ losses, issues: open.log.issues }, { color: options.color, quietForm: true })
  } finally {
    progress.end()
  }
}

/** Waits until the file has grown. It ends when the file gets shorter: then it is another one. */
function follower({ source, input }: OpenInput): () => Promise<boolean> {
  if (source === null || input.path === null) throw new UsageError("only a file can be followed", { path: input.label })
  return async () => {
    const before = source.size
    for (;;) {
      const now = await source.refresh()
      if (now > before) return true
      if (now < before) return false
      await delay(FOLLOW_MS)
    }
  }
}
