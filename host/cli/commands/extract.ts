import type { Command } from "commander"
import type { OpenInput } from "../../inputs/input.js"
import { UnsupportedError, UsageError } from "../../model/errors.js"
import {
  type CommonOptions,
  channelOption,
  commonOptions,
  type InputOptions,
  inputOptions,
  jsonOption,
  type OutputChoice,
  openingOf,
  outputOptions,
  type PartOptions,
  rangeOptions,
  wantedOf,
} from "../options/flags.js"
import { tellOutcome } from "../report/outcome.js"
import { startProgress } from "../report/progress.js"
import { writing } from "../report/writing.js"
import { type Exit, exits } from "../terminal/exit.js"
import { printJson } from "../text/json.js"

interface ExtractOptions extends CommonOptions, InputOptions, PartOptions, OutputChoice {
  readonly json?: boolean
  readonly strict?: boolean
}

/** `fieldlog extract INPUT -o OUTPUT`: a part of a log in its own format. */
export function addExtract(program: Command): void {
  const command = program
    .command("extract")
    .summary("a time range or some channels in the same format, annotations included")
    .argument("<input>", "a log, a file in a card image (card.img:/LOG00001.MET), a libarray folder, - for standard input")
    .addHelpText(
      "before",
      `Examples:
  fieldlog extract run.jls -o pit.jls --start 12m --end 14m30s
  fieldlog extract run.met -o last.met --start -1m
  fieldlog extract run.met -o wheels.met -c "wheel-*"
`,
    )
  outputOptions(command).option("--strict", "exit 3 also when the format merely has no place for something")
  commonOptions(jsonOption(inputOptions(rangeOptions(channelOption(command))))).action(exits(extract))
}

async function extract(name: string, options: ExtractOptions): Promise<Exit> {
  const { start, end, channel } = options
  if (start === undefined && end === undefined && channel === undefined) {
    throw new UsageError("nothing says which part is meant", { hint: "--start, --end or --channel; convert copies a whole log" })
  }
  const { openNamed } = await import("../../inputs/find.js")
  const open = await openNamed(name, await openingOf(options))
  try {
    return await write(open, options)
  } finally {
    await open.close()
  }
}

async function write(open: OpenInput, options: ExtractOptions): Promise<Exit> {
  const { input, stored: whole, source } = open
  const { filesOf } = await import("../../inputs/input.js")
  const { selectFrom } = await import("../../views/select.js")
  const { formatNamed } = await import("../../registry/open.js")
  const format = formatNamed(whole.format)
  const { write: writer } = format
  if (writer === undefined)
    throw new UnsupportedError(`${format.name} cannot be written`, { path: input.label, hint: "convert writes other formats" })
  const progress = startProgress(input.label, source?.size ?? 0, options)
  try {
    const log = await selectFrom(whole, wantedOf(options), { progress: progress.at })
    const shape = { text: false, folder: format.openTree !== undefined && input.kind === "tree", inputs: filesOf(open) }
    const losses = await writing(options, shape, ({ output }) => writer(log, output, {}))
    progress.end()
    if (options.json === true) printJson({ input: input.label, output: options.output, format: format.name, losses, issues: log.issues })
    return tellOutcome({ losses, issues: log.issues }, options)
  } finally {
    progress.end()
  }
}
