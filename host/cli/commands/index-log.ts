import type { Command } from "commander"
import type { Input } from "../../inputs/input.js"
import { UnsupportedError, UsageError } from "../../model/errors.js"
import type { Opening } from "../../registry/open.js"
import { type CommonOptions, commonOptions, type InputOptions, inputOptions, jsonOption, openingOf } from "../options/flags.js"
import { eachInput } from "../report/each-input.js"
import { EXIT, type Exit, exits } from "../terminal/exit.js"
import { printable, writeOut } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"
import { counted } from "../text/quantities.js"

interface IndexOptions extends CommonOptions, InputOptions {
  readonly json?: boolean
}

interface Indexed {
  readonly path: string
  readonly index: string
  readonly places: number
}

/** `fieldlog index LOG...`: an index beside a Meteor log, by which a time range is read without what lies outside it. */
export function addIndex(program: Command): void {
  const command = program
    .command("index")
    .summary("writes LOG.idx, by which --start and --end skip the rest of a Meteor log")
    .argument("<input...>", "Meteor logs on disk, folders")
    .addHelpText(
      "before",
      `Examples:
  fieldlog index run.met                          writes run.met.idx
  fieldlog cat run.met --start 1h --end 1h10s     reads those ten seconds alone
`,
    )
    .addHelpText("after", "\nAn index that is not of the log as it is now is not used. It may be deleted at any time.")
  commonOptions(jsonOption(inputOptions(command))).action(exits(index))
}

async function index(names: string[], options: IndexOptions): Promise<Exit> {
  const opening = await openingOf(options)
  const files: Indexed[] = []
  const exit = await eachInput(names, async (input) => {
    const file = await indexLog(input, opening)
    files.push(file)
    if (options.json !== true) writeOut(`${printable(file.index)}: ${counted(file.places, "place")} where reading may begin\n`)
    return EXIT.fine
  })
  if (files.length > 0 && options.json === true) printJson({ files })
  return exit
}

async function indexLog(input: Input, opening: Opening): Promise<Indexed> {
  const { openInput, filesOf } = await import("../../inputs/input.js")
  const { FileOutput } = await import("../../io/output.js")
  if (input.path === null || input.path !== input.label) {
    throw new UsageError("has no place beside it for an index", { path: input.label, hint: "copy the log to a disk first" })
  }
  const open = await openInput(input, opening)
  try {
    const { format, source } = open
    if (format?.index === undefined || source === null) {
      throw new UnsupportedError(`needs no index: ${open.log.format} logs are read in part as they are`, { path: input.label })
    }
    const path = `${input.path}.idx`
    const output = new FileOutput(path, { force: await isIndex(path), inputs: filesOf(open) })
    try {
      const places = await format.index(source, output, open.options)
      output.commit()
      return { path: input.label, index: path, places }
    } catch (error) {
      output.abort()
      throw error
    }
  } finally {
    await open.close()
  }
}

/** True for an index, which may be written anew. */
async function isIndex(path: string): Promise<boolean> {
  const { INDEX_FORMAT } = await import("../../formats/meteor/seek.js")
  const { fileSource } = await import("../../io/file-source.js")
  const file = await fileSource(path).catch(() => null)
  if (file === null) return false
  try {
    return new TextDecoder().decode(await file.read(0, 100)).includes(INDEX_FORMAT)
  } finally {
    await file.close()
  }
}
