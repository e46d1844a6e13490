import type { Command } from "commander"
import type { Input, OpenInput } from "../input.js"
import type { Opening } from "../open.js"
import { eachInput } from "./each-input.js"
import { EXIT, type Exit, exits } from "./exit.js"
import { printJson } from "./json.js"
import { type CommonOptions, commonOptions, type InputOptions, inputOptions, jsonOption, openingOf } from "./options.js"
import { startProgress } from "./progress.js"
import { outWidth, painter, tableRoom, writeOut } from "./terminal.js"

interface InfoOptions extends CommonOptions, InputOptions {
  readonly json?: boolean
  readonly all?: boolean
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
`,
    )
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
  const { openInput } = await import("../input.js")
  const open = await openInput(input, opening)
  try {
    return await show(open, options, documents)
  } finally {
    await open.close()
  }
}

async function show({ input, log, source }: OpenInput, options: InfoOptions, documents: unknown[]): Promise<Exit> {
  const { overview } = await import("../overview.js")
  const size = source?.size ?? null
  const progress = startProgress(input.label, size ?? 0, options)
  const found = await overview(log, { progress: progress.at }).finally(progress.end)
  const { infoText, infoDocument } = await import("./info-text.js")
  const place = { path: input.label, size }
  if (options.json === true) documents.push(infoDocument(place, found))
  else {
    const gap = documents.length > 0 ? "\n" : ""
    writeOut(
      gap +
        infoText(place, found, { all: options.all === true, width: outWidth(), room: tableRoom(), paint: painter(options.color, "out") }),
    )
    documents.push(null)
  }
  return found.issues.some(({ severity }) => severity === "error") ? EXIT.damaged : EXIT.fine
}
