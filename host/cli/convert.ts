import { existsSync } from "node:fs"
import { type Command, InvalidArgumentError, Option } from "commander"
import { UnsupportedError } from "../errors.js"
import type { Output, WriteOptions } from "../format.js"
import type { OpenInput } from "../input.js"
import type { Log, Loss } from "../log.js"
import type { Target } from "../targets.js"
import { type Exit, exits } from "./exit.js"
import { printJson } from "./json.js"
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
  positive,
  rangeOptions,
  wantedOf,
} from "./options.js"
import { tellOutcome } from "./outcome.js"
import { startProgress } from "./progress.js"
import { outIsFile } from "./terminal.js"
import { writing } from "./writing.js"

interface ConvertOptions extends CommonOptions, InputOptions, PartOptions, OutputChoice {
  readonly to?: string
  readonly append?: boolean
  readonly toSpec?: string
  readonly strict?: boolean
  readonly json?: boolean
  readonly raw?: boolean
  readonly repairClock?: boolean
  readonly layout?: string
  readonly separator?: string
  readonly decimal?: string
  readonly newline?: string
  readonly units?: string
  readonly net?: string
  readonly method?: string
  readonly fraction?: string
  readonly rate?: number
  readonly fill?: "last" | "mean" | "linear"
  readonly hold?: number
  readonly set?: Record<string, string>
}

/** `fieldlog convert INPUT... -o OUTPUT`: any format in, any format or export out. */
export function addConvert(program: Command): void {
  const command = program
    .command("convert")
    .summary("any log into any format or export, several logs merged")
    .argument("<input...>", "logs, files in card images (card.img:/LOG00001.MET), libarray folders, - for standard input")
    .addHelpText(
      "before",
      `Examples:
  fieldlog convert run.met -o run.csv                   by the extension
  fieldlog convert run.met -o run.csv --layout long     one line a value
  fieldlog convert card.img:/LOG00001.MET -o run.jls    out of a card image
  fieldlog convert more.met -o run.met --append         its rows go behind
  fieldlog convert run.met -o run.jls --rate 100 --fill linear  on a grid
  fieldlog convert - -o - --to csv < run.met > run.csv  in a pipe
`,
    )
  outputOptions(command)
    .option("--to <name>", "what to write, whatever the extension says")
    .option("--append", "add the rows to the existing Meteor or ddff log that -o names")
    .option("--to-spec <file>", "Meteor: the specification to write by, its ids, widths, scales and composites")
    .option("--strict", "exit 3 also when the target merely has no place for something")
    .option("--repair-clock", "make a clock continuous that was set while it logged (1970, then GPS)")
    .option("--raw", "values as stored, without calibration")
    .addOption(new Option("--layout <how>", "CSV: one line a time, one a value, one file a group").choices(["wide", "long", "group"]))
    .option(
      "--rate <hz>",
      "JLS, CSV and targets of constant rate: rows on a grid (JLS without it: rows as they are, timed by UTC)",
      positive,
    )
    .addOption(new Option("--fill <how>", "between the rows of a grid").choices(["last", "mean", "linear"]))
    .option("--hold <seconds>", "how long a value lasts on a grid", positive)
    .option("--separator <character>", "CSV: between cells")
    .addOption(new Option("--decimal <mark>", "CSV: decimal mark").choices([".", ","]))
    .addOption(new Option("--newline <kind>", "CSV: end of a line").choices(["lf", "crlf"]))
    .addOption(new Option("--units <where>", "CSV: units in the header, in a row of their own, or none").choices(["header", "row", "none"]))
    .option("--net <name>", "libarray: network (Messnetz)")
    .option("--method <name>", "libarray: method (Methode)")
    .option("--fraction <digits>", "libarray: digits of a second, or auto")
    .option("--set <name=value>", "any other option of the target's writer (repeatable)", setting)
  commonOptions(jsonOption(inputOptions(rangeOptions(channelOption(command))))).action(exits(convert))
}

function setting(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf("=")
  if (at < 1) throw new InvalidArgumentError("Expected name=value.")
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

async function convert(names: string[], options: ConvertOptions): Promise<Exit> {
  const { targetFor } = await import("../targets.js")
  const { findInputs } = await import("../find-inputs.js")
  const { openInput } = await import("../input.js")
  const target = targetFor(options.output, options.to)
  const opening = await openingOf(options)
  const opened: OpenInput[] = []
  try {
    for (const input of await findInputs(names)) opened.push(await openInput(input, opening))
    return await write(opened, target, options)
  } finally {
    for (const open of opened) await open.close()
  }
}

async function write(opened: readonly OpenInput[], target: Target, options: ConvertOptions): Promise<Exit> {
  const { selectFrom } = await import("../select.js")
  const { filesOf } = await import("../input.js")
  const total = opened.reduce((sum, { source }) => sum + (source?.size ?? 0), 0)
  const watched = options.progress && (options.output !== "-" || outIsFile())
  const progress = startProgress(opened.map(({ input }) => input.label).join(", "), total, { ...options, progress: watched })
  const how = await writeOptions(options)
  const shape = { text: target.text, folder: target.folder, inputs: opened.flatMap(filesOf) }
  try {
    const log = await selectFrom(await joined(opened, options.repairClock === true), wantedOf(options), { progress: progress.at })
    let files: readonly string[] = []
    const body = async (write: (output: Output) => Promise<Loss[]>) =>
      writing({ ...options, force: options.force === true || options.append === true }, shape, async ({ output, paths }) => {
        const lost = await write(output)
        files = paths()
        return lost
      })
    const losses =
      options.append === true && existsSync(options.output)
        ? await appending(options.output, (append) => body((output) => append(log, output, how)))
        : await body((output) => target.write(log, output, how))
    progress.end()
    if (options.json === true) printJson(document(opened, target, files, losses, log))
    return tellOutcome({ losses, issues: log.issues }, options)
  } finally {
    progress.end()
  }
}

async function joined(opened: readonly OpenInput[], isRepaired: boolean): Promise<Log> {
  const logs: Log[] = []
  for (const { log } of opened) logs.push(isRepaired ? await (await import("../clock.js")).repairClock(log) : log)
  const [first] = logs
  if (logs.length === 1 && first !== undefined) return first
  return (await import("../join.js")).joinLogs(logs)
}

/** Runs `body` with what adds rows to the log at `path`. @throws UsageError when its format cannot be appended to */
async function appending<T>(
  path: string,
  body: (append: (log: Log, output: Output, options: WriteOptions) => Promise<Loss[]>) => Promise<T>,
): Promise<T> {
  const open = await (await import("../find-inputs.js")).openNamed(path)
  try {
    const { format, source, options } = open
    const append = format?.append
    if (append === undefined || source === null) {
      throw new UnsupportedError(`${open.log.format} logs cannot be appended to here`, { path, hint: "Meteor and ddff logs can" })
    }
    return await body((log, output, how) => append(source, options, log, output, how))
  } finally {
    await open.close()
  }
}

async function writeOptions(options: ConvertOptions): Promise<WriteOptions> {
  const { raw, layout, separator, decimal, newline, units, net, method, fraction, rate, fill, hold, set, toSpec } = options
  const named = { raw, layout, separator, decimal, newline, units, net, method, fraction, rate, fill, hold }
  const spec = toSpec === undefined ? {} : await (await import("../side-file.js")).loadSideFile(toSpec)
  return { ...set, ...spec, ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)) }
}

function document(opened: readonly OpenInput[], target: Target, files: readonly string[], losses: readonly Loss[], log: Log) {
  return {
    inputs: opened.map(({ input, log: { format } }) => ({ path: input.label, format })),
    to: target.name,
    files,
    groups: log.groups.map(({ name }) => name),
    losses,
    issues: log.issues,
  }
}
