import { type Command, InvalidArgumentError, Option } from "commander"
import type { WriteOptions } from "../format.js"
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
  rangeOptions,
  wantedOf,
} from "./options.js"
import { tellOutcome } from "./outcome.js"
import { startProgress } from "./progress.js"
import { outIsFile } from "./terminal.js"
import { writing } from "./writing.js"

interface ConvertOptions extends CommonOptions, InputOptions, PartOptions, OutputChoice {
  readonly to?: string
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
  fieldlog convert - -o - --to csv < run.met > run.csv  in a pipe
`,
    )
  outputOptions(command)
    .option("--to <name>", "what to write, whatever the extension says")
    .option("--strict", "exit 3 also when the target merely has no place for something")
    .option("--repair-clock", "make a clock continuous that was set while it logged (1970, then GPS)")
    .option("--raw", "values as stored, without calibration")
    .addOption(new Option("--layout <how>", "CSV: one line a time, one a value, one file a group").choices(["wide", "long", "group"]))
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
  const how = writeOptions(options)
  const shape = { text: target.text, folder: target.folder, inputs: opened.flatMap(filesOf) }
  try {
    const log = await selectFrom(await joined(opened, options.repairClock === true), wantedOf(options), { progress: progress.at })
    let files: readonly string[] = []
    const losses = await writing(options, shape, async ({ output, paths }) => {
      const lost = await target.write(log, output, how)
      files = paths()
      return lost
    })
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

function writeOptions({ raw, layout, separator, decimal, newline, units, net, method, fraction, set }: ConvertOptions): WriteOptions {
  const named = { raw, layout, separator, decimal, newline, units, net, method, fraction }
  return { ...set, ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)) }
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
