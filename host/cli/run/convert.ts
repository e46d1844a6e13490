import { type Converted, convertLogs } from "../../actions/convert.js"
import { findInputs } from "../../inputs/find.js"
import { filesOf, type OpenInput, openInput } from "../../inputs/input.js"
import type { Issue } from "../../model/log.js"
import { openingForSeveral } from "../../registry/open.js"
import { targetFor } from "../../registry/targets.js"
import type { Alignment } from "../../views/join.js"
import type { CommonOptions, InputOptions, OutputChoice, PartOptions } from "../options/flags.js"
import { openingOf, wantedOf, writeOptionsOf } from "../options/from-flags.js"
import type { TargetOptions } from "../options/target-flags.js"
import { tellOutcome } from "../report/outcome.js"
import { startProgress } from "../report/progress.js"
import { placeFor } from "../report/writing.js"
import { printWritten } from "../report/written.js"
import type { Exit } from "../terminal/exit.js"
import { outIsFile } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"

interface ConvertOptions extends CommonOptions, InputOptions, PartOptions, OutputChoice, TargetOptions {
  readonly to?: string
  readonly append?: boolean
  readonly strict?: boolean
  readonly json?: boolean
  readonly repairClock?: boolean
  readonly align?: Alignment
}

/** Writes logs as another format or export. @throws LogError, and nothing is written then */
export async function convertInputs(names: string[], options: ConvertOptions): Promise<Exit> {
  // A wrong name is an error before anything is read.
  targetFor(options.output, options.to)
  const { each, done } = openingForSeveral(await openingOf(options))
  const opened: OpenInput[] = []
  try {
    const { inputs, issues } = await findInputs(names)
    for (const input of inputs) opened.push(await openInput(input, each))
    done()
    return await write(opened, issues, options)
  } finally {
    for (const open of opened) await open.close()
  }
}

async function write(opened: readonly OpenInput[], around: readonly Issue[], options: ConvertOptions): Promise<Exit> {
  const total = opened.reduce((sum, { source }) => sum + (source?.size ?? 0), 0)
  const watched = options.progress && (options.output !== "-" || outIsFile())
  const progress = startProgress(opened.map(({ input }) => input.label).join(", "), total, { ...options, progress: watched })
  const inputs = opened.flatMap(filesOf)
  const { to, align, repairClock = false, append = false, force = false } = options
  try {
    const logs = opened.map(({ log }) => log)
    const converted = await convertLogs(logs, options.output, {
      to,
      append,
      align,
      repairClock,
      options: await writeOptionsOf(options),
      wanted: wantedOf(options),
      progress: progress.at,
      place: ({ text, folder }, lock) =>
        placeFor({ ...options, force: force || append }, { text: text === true, folder: folder === true, inputs, lock }),
    })
    progress.end()
    const issues = [...around, ...converted.log.issues]
    if (options.json === true) printJson(document(opened, converted, issues))
    else if (options.output !== "-") printWritten(options.output, converted.files)
    return tellOutcome({ losses: converted.losses, issues }, options)
  } finally {
    progress.end()
  }
}

function document(opened: readonly OpenInput[], { target, log, losses, files }: Converted, issues: readonly Issue[]) {
  return {
    inputs: opened.map(({ input, log: { format } }) => ({ path: input.label, format })),
    to: target.name,
    files,
    groups: log.groups.map(({ name }) => name),
    losses,
    issues,
  }
}
