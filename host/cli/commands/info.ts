import type { Command } from "commander"
import type { Input, OpenInput } from "../../inputs/input.js"
import type { Opening } from "../../registry/open.js"
import { type CommonOptions, commonOptions, count, type InputOptions, inputOptions, jsonOption, openingOf } from "../options/flags.js"
import { eachInput } from "../report/each-input.js"
import { startProgress } from "../report/progress.js"
import { EXIT, type Exit, exits } from "../terminal/exit.js"
import { outWidth, painter, tableRoom, writeOut } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"

interface InfoOptions extends CommonOptions, InputOptions {
  readonly json?: boolean
  readonly all?: boolean
  readonly rows?: number
}

/** `fieldlog info INPUT...`: what is in a log, read from its structure. */
export function addInfo(program: Command): void {
  const command = program
    .command("info")
    .summary("what is in a log: groups, channels, times, losses, damage")
    .argument("<input...>", "logs, card images, files in them (card.img:/LOG00001.MET), folders, - for standard input")
    .addHelpText(
      "before",
      `Examples:
  fieldlog info run.met              one log
  fieldlog info card.img             every log on a card image
  fieldlog info --json logs/ | jq .  every log below a folder, for programs
  fieldlog info run.met --rows 5     with the first and last five rows a group
`,
    )
    .option("--rows <n>", "the first and last n rows of each group (default: 3 for btsf, which has them at hand, else 0)", count)
    .option("--all", "every channel's calibration and notes, every annotation and issue")
  commonOptions(jsonOption(inputOptions(command))).action(exits(info))
}

async function info(names: string[], options: InfoOptions): Promise<Exit> {
  const opening = await openingOf(options)
  const documents: unknown[] = []
  const exit = await eachInput(names, (input) => showInput(input, opening, options, documents))
  if (documents.length > 0 && options.json === true) printJson({ logs: documents })
  return exit
}

async function showInput(input: Input, opening: Opening, options: InfoOptions, documents: unknown[]): Promise<Exit> {
  const { openInput } = await import("../../inputs/input.js")
  const open = await openInput(input, opening)
  try {
    return await show(open, options, documents)
  } finally {
    await open.close()
  }
}

/** Rows at each end, where they cost no reading through. */
const SHOWN_ROWS = 3

async function show({ input, log, source }: OpenInput, options: InfoOptions, documents: unknown[]): Promise<Exit> {
  const { overview } = await import("../../summary/overview.js")
  const size = source?.size ?? null
  const progress = startProgress(input.label, size ?? 0, options)
  const found = await overview(log, { progress: progress.at }).finally(progress.end)
  const wanted = options.rows ?? (log.ends === undefined ? 0 : SHOWN_ROWS)
  const ends = wanted === 0 ? [] : await (await import("../../summary/end-rows.js")).endRows(log, wanted)
  const { infoText, infoDocument } = await import("../text/info.js")
  const place = { path: input.label, size }
  if (options.json === true) documents.push(infoDocument(place, found, ends))
  else {
    const gap = documents.length > 0 ? "\n" : ""
    const look = { all: options.all === true, width: outWidth(), room: tableRoom(), paint: painter(options.color, "out") }
    writeOut(gap + infoText(place, found, look, ends))
    documents.push(null)
  }
  return found.issues.some(({ severity }) => severity === "error") ? EXIT.damaged : EXIT.fine
}
