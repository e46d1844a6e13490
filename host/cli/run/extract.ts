import { UnsupportedError, UsageError } from "../../model/errors.js"
import { formatNamed } from "../../registry/open.js"
import { refuseOtherExtension } from "../../registry/targets.js"
import { selectFrom } from "../../views/select.js"
import type { CommonOptions, InputOptions, JoinOptions, OutputChoice, PartOptions } from "../options/flags.js"
import { tellOutcome } from "../report/outcome.js"
import { withLog } from "../report/with-log.js"
import { writing } from "../report/writing.js"
import type { Exit } from "../terminal/exit.js"
import { printJson } from "../text/json.js"

interface ExtractOptions extends CommonOptions, InputOptions, JoinOptions, PartOptions, OutputChoice {
  readonly json?: boolean
  readonly strict?: boolean
}

/** Writes a part of a log in its own format. @throws LogError if it cannot be read or written; UsageError for a wrong part */
export async function extract(name: string, options: ExtractOptions): Promise<Exit> {
  const { start, end, channel } = options
  if (start === undefined && end === undefined && channel === undefined) {
    throw new UsageError("nothing says which part is meant", { hint: "--start, --end or --channel; convert copies a whole log" })
  }
  // In its own format a log keeps the sensors' stored values.
  return withLog(name, { ...options, raw: true }, async (open, progress) => {
    const { input, log: whole, wanted } = open
    const format = formatNamed(whole.format)
    const { write } = format
    if (write === undefined)
      throw new UnsupportedError(`${format.name} cannot be written`, { path: input.label, hint: "convert writes other formats" })
    refuseOtherExtension(options.output, format)
    const log = await selectFrom(whole, wanted, { progress: progress.at })
    const shape = { text: false, folder: format.openTree !== undefined && input.kind === "tree", inputs: open.files }
    const losses = [...open.losses, ...(await writing(options, shape, ({ output }) => write(log, output, {})))]
    progress.end()
    if (options.json === true) printJson({ input: input.label, output: options.output, format: format.name, losses, issues: log.issues })
    return tellOutcome({ losses, issues: log.issues }, options)
  })
}
