import { INDEX_FORMAT } from "../../formats/meteor/seek.js"
import { type Input, openInput } from "../../inputs/input.js"
import { fileSource } from "../../io/file-source.js"
import { FileOutput } from "../../io/output.js"
import { UnsupportedError, UsageError } from "../../model/errors.js"
import type { Opening } from "../../registry/open.js"
import { printable } from "../../text/printable.js"
import type { CommonOptions, InputOptions } from "../options/flags.js"
import { openingOf } from "../options/from-flags.js"
import { eachInput } from "../report/each-input.js"
import { withOpen } from "../report/with-log.js"
import { EXIT, type Exit } from "../terminal/exit.js"
import { writeOut } from "../terminal/terminal.js"
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

/** Writes an index beside each log. A log that cannot have one does not keep the others from it. */
export async function indexLogs(names: string[], options: IndexOptions): Promise<Exit> {
  const opening = await openingOf(options)
  const files: Indexed[] = []
  const exit = await eachInput(names, opening, options, async (input, own) => {
    const file = await indexLog(input, own, options)
    files.push(file)
    if (options.json !== true) writeOut(`${printable(file.index)}: ${counted(file.places, "place")} where reading may begin\n`)
    return EXIT.fine
  })
  if (files.length > 0 && options.json === true) printJson({ files })
  return exit
}

async function indexLog(input: Input, opening: Opening, options: IndexOptions): Promise<Indexed> {
  const { path } = input
  if (path === null || path !== input.label) {
    throw new UsageError("has no place beside it for an index", { path: input.label, hint: "copy the log to a disk first" })
  }
  return withOpen(
    () => openInput(input, opening),
    options,
    async (open) => {
      const { format, source, log } = open
      if (format?.index === undefined || source === null) {
        throw new UnsupportedError(`needs no index: ${log.format} logs are read in part as they are`, { path })
      }
      const output = new FileOutput(`${path}.idx`, { force: await isIndex(`${path}.idx`), inputs: open.files })
      try {
        const places = await format.index(source, output, open.options)
        output.commit()
        return { path, index: `${path}.idx`, places }
      } catch (error) {
        output.abort()
        throw error
      }
    },
  )
}

/** True if the file is an index, which may be replaced. */
async function isIndex(path: string): Promise<boolean> {
  const file = await fileSource(path).catch(() => null)
  if (file === null) return false
  try {
    return new TextDecoder().decode(await file.read(0, 100)).includes(INDEX_FORMAT)
  } finally {
    await file.close()
  }
}
