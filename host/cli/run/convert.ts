import { mkdirSync, statSync } from "node:fs"
import { basename, join } from "node:path"
import { type Converted, convertLogs } from "../../actions/convert.js"
import { openEach } from "../../inputs/find.js"
import type { OpenInput } from "../../inputs/input.js"
import type { Issue } from "../../model/log.js"
import { targetFor } from "../../registry/targets.js"
import { printable } from "../../text/printable.js"
import { UniqueNames } from "../../text/unique.js"
import type { Alignment } from "../../views/join.js"
import type { CommonOptions, InputOptions, JoinOptions, OutputChoice, PartOptions } from "../options/flags.js"
import { openingOf, wantedOf, writeOptionsOf } from "../options/from-flags.js"
import type { TargetOptions } from "../options/target-flags.js"
import { eachRecording } from "../report/each-input.js"
import { tellOutcome } from "../report/outcome.js"
import { startProgress } from "../report/progress.js"
import { placeFor } from "../report/writing.js"
import { printWritten } from "../report/written.js"
import type { Exit } from "../terminal/exit.js"
import { outIsFile, writeErr } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"

interface ConvertOptions extends CommonOptions, InputOptions, JoinOptions, PartOptions, OutputChoice, TargetOptions {
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
  if (isFolder(options)) return writeEach(names, options)
  const { opened, issues } = await openEach(names, await openingOf(options), options.join !== false)
  try {
    const { exit, document } = await write(opened, issues, options)
    if (options.json === true) printJson(document)
    return exit
  } finally {
    for (const open of opened) await open.close()
  }
}

/** True when each log shall have a file of its own: the output is a folder that is there, or ends like one, and the target is none itself. */
function isFolder({ output, to, append }: ConvertOptions): boolean {
  if (output === "-" || append === true || targetFor(output, to).folder === true) return false
  return /[/\\]$/.test(output) || statSync(output, { throwIfNoEntry: false })?.isDirectory() === true
}

/** Writes each recording into a file of the folder, named after it. One that cannot be read or written does not keep the others from being written. */
async function writeEach(names: readonly string[], options: ConvertOptions): Promise<Exit> {
  const target = targetFor(options.output, options.to)
  const taken = new UniqueNames({ fold: (name) => name.toLowerCase() })
  const documents: unknown[] = []
  mkdirSync(options.output, { recursive: true })
  const exit = await eachRecording(names, await openingOf(options), options, async (recording) => {
    const open = await recording.open()
    try {
      // The first file's name, for a recording of several.
      const stem = basename(open.first)
      const output = join(options.output, `${taken.take(stem.replace(/\.[^.]+$/, ""))}${target.extensions[0] ?? ""}`)
      const { exit: end, document } = await write([open], [], { ...options, to: target.name, output })
      documents.push(document)
      if (options.json !== true) writeErr(`${printable(open.input.label)}: written as ${printable(output)}\n`)
      return end
    } finally {
      await open.close()
    }
  })
  if (options.json === true) printJson({ outputs: documents })
  return exit
}

/** What became of one output. */
interface Written {
  readonly exit: Exit
  readonly document: Record<string, unknown>
}

async function write(opened: readonly OpenInput[], around: readonly Issue[], options: ConvertOptions): Promise<Written> {
  const total = opened.reduce((sum, { size }) => sum + (size ?? 0), 0)
  const watched = options.progress && (options.output !== "-" || outIsFile())
  const progress = startProgress(opened.map(({ input }) => input.label).join(", "), total, { ...options, progress: watched })
  const inputs = opened.flatMap(({ files }) => files)
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
    if (options.json !== true && options.output !== "-") printWritten(options.output, converted.files)
    const exit = tellOutcome({ losses: converted.losses, issues }, options)
    return { exit, document: documentOf(opened, converted, issues) }
  } finally {
    progress.end()
  }
}

function documentOf(opened: readonly OpenInput[], { target, log, losses, files }: Converted, issues: readonly Issue[]) {
  return {
    inputs: opened.map(({ input, log: { format } }) => ({ path: input.label, format })),
    to: target.name,
    files,
    groups: log.groups.map(({ name }) => name),
    losses,
    issues,
  }
}
