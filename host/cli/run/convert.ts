import { statSync } from "node:fs"
import { basename, join } from "node:path"
import { type Converted, convertLogs } from "../../actions/convert.js"
import { findInputs, openEach } from "../../inputs/find.js"
import type { OpenInput } from "../../inputs/input.js"
import { checkPlace, makeFolder } from "../../io/folder.js"
import { UsageError } from "../../model/errors.js"
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
  if (options.output !== "-") checkPlace(options.output)
  if (isFolder(options)) return writeEach(names, options)
  const { opened, issues } = await openEach(names, await openingOf(options), options.join !== false)
  try {
    refuseNameless(names, opened.length, options)
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

/** Logs of a folder or card go into one file only where its name is one of a file: `-o out --to csv` is more often meant as a folder. */
function refuseNameless(names: readonly string[], found: number, { output, to }: ConvertOptions): void {
  const target = targetFor(output, to)
  if (found <= names.length || output === "-" || target.folder === true || /[^/\\.]\.[^./\\]+$/.test(output)) return
  throw new UsageError(`has no extension, and ${found} logs are to be written`, {
    path: output,
    hint: `-o ${output}/ writes a file for each, -o ${output}${target.extensions[0] ?? ""} one with all of them side by side`,
  })
}

/** Writes each recording into a file of the folder, named after it. One that cannot be read or written does not keep the others from being written. */
async function writeEach(names: readonly string[], options: ConvertOptions): Promise<Exit> {
  const target = targetFor(options.output, options.to)
  const taken = new UniqueNames({ fold: (name) => name.toLowerCase() })
  const documents: unknown[] = []
  makeFolder(options.output)
  const isRead = await filesRead(names)
  const exit = await eachRecording(names, await openingOf(options), options, async (recording) => {
    const open = await recording.open()
    try {
      // The first file's name, for a recording of several.
      const stem = basename(open.first)
      const output = join(options.output, `${taken.take(stem.replace(/\.[^.]+$/, ""))}${target.extensions[0] ?? ""}`)
      const { exit: end, document } = await write([open], [], { ...options, to: target.name, output }, isRead(output) ? [output] : [])
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

/** Tells whether a path leads to a file that will be read: none of them is written, not even for a log that comes before it. */
async function filesRead(names: readonly string[]): Promise<(path: string) => boolean> {
  const idOf = (path: string) => {
    const { dev, ino } = statSync(path, { throwIfNoEntry: false, bigint: true }) ?? {}
    return ino === undefined ? null : `${dev} ${ino}`
  }
  const files = new Set<string | null>()
  for (const name of names) {
    // A name that means nothing is told when its turn comes.
    const found = await findInputs([name]).catch(() => null)
    for (const { path } of found?.inputs ?? []) if (path !== null) files.add(idOf(path))
  }
  files.delete(null)
  return (path) => files.has(idOf(path))
}

/** What became of one output. */
interface Written {
  readonly exit: Exit
  readonly document: Record<string, unknown>
}

async function write(
  opened: readonly OpenInput[],
  around: readonly Issue[],
  options: ConvertOptions,
  others: readonly string[] = [],
): Promise<Written> {
  const total = opened.reduce((sum, { size }) => sum + (size ?? 0), 0)
  const watched = options.progress && (options.output !== "-" || outIsFile())
  const progress = startProgress(opened.map(({ input }) => input.label).join(", "), total, { ...options, progress: watched })
  const inputs = [...others, ...opened.flatMap(({ files }) => files)]
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
