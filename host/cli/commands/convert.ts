import { existsSync } from "node:fs"
import { type Command, InvalidArgumentError } from "commander"
import type { OpenInput } from "../../inputs/input.js"
import { UnsupportedError } from "../../model/errors.js"
import type { Output, Target, WriteOptions } from "../../model/format.js"
import type { Log, Loss } from "../../model/log.js"
import type { Alignment } from "../../views/join.js"
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
} from "../options/flags.js"
import { type TargetOptions, targetOptions, targetSettings } from "../options/target-flags.js"
import { tellOutcome } from "../report/outcome.js"
import { startProgress } from "../report/progress.js"
import { writing } from "../report/writing.js"
import { type Exit, exits } from "../terminal/exit.js"
import { outIsFile } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"

interface ConvertOptions extends CommonOptions, InputOptions, PartOptions, OutputChoice, TargetOptions {
  readonly to?: string
  readonly append?: boolean
  readonly toSpec?: string
  readonly strict?: boolean
  readonly json?: boolean
  readonly repairClock?: boolean
  readonly align?: Alignment
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
  fieldlog convert run.met -o run.csv --rate 10         10 rows a second
  fieldlog convert run.met -o run.jls --rate 100 --fill linear
  fieldlog convert run.met -o run.csv --max-rows 5000   bins, for a spreadsheet
  fieldlog convert run.met -o run.csv --decimal , --units row
  fieldlog convert card.img:/LOG00001.MET -o run.jls    out of a card image
  fieldlog convert more.met -o run.met --append         its rows go behind
  fieldlog convert a.met b.ddff -o both.parquet         side by side in time
  fieldlog convert - -o - --to csv < run.met > run.csv  in a pipe
`,
    )
  outputOptions(command)
    .option("--to <name>", "what to write, whatever the extension says")
    .option("--append", "add the rows to the existing Meteor or ddff log that -o names")
    .option("--to-spec <file>", "Meteor: the specification to write by, its ids, widths, scales and composites")
    .option("--strict", "exit 3 also when the target merely has no place for something")
    .option("--align <how>", "several logs: utc, start (each from second 0), or an offset in seconds for each, as 0,2.5", alignment)
    .option("--repair-clock", "make a clock continuous that was set while it logged (1970, then GPS)")
    .option("--raw", "values as stored, without calibration")
  commonOptions(jsonOption(inputOptions(rangeOptions(channelOption(targetOptions(command)))))).action(exits(convert))
}

function alignment(text: string): Alignment {
  if (text === "utc" || text === "start") return text
  const offsets = text.split(",").map((each) => (each.trim() === "" ? Number.NaN : Number(each)))
  if (!offsets.every(Number.isFinite)) throw new InvalidArgumentError("Expected utc, start, or seconds as 0,2.5.")
  return offsets
}

async function convert(names: string[], options: ConvertOptions): Promise<Exit> {
  const { targetFor } = await import("../../registry/targets.js")
  const { findInputs } = await import("../../inputs/find.js")
  const { openInput } = await import("../../inputs/input.js")
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
  const { selectFrom } = await import("../../views/select.js")
  const { filesOf } = await import("../../inputs/input.js")
  const { namedChannels } = await import("../../sensors/computed.js")
  const total = opened.reduce((sum, { source }) => sum + (source?.size ?? 0), 0)
  const watched = options.progress && (options.output !== "-" || outIsFile())
  const progress = startProgress(opened.map(({ input }) => input.label).join(", "), total, { ...options, progress: watched })
  const how = targetSettings(options, target)
  const spec = options.toSpec === undefined ? {} : await (await import("../../inputs/side-file.js")).loadSideFile(options.toSpec)
  const settings = { ...spec, ...how.write }
  const shape = { text: target.text === true, folder: target.folder === true, inputs: opened.flatMap(filesOf) }
  try {
    const { channels, ...times } = wantedOf(options)
    const whole = await joined(opened, target, options)
    const { losses: unnamed, ...chosen } = channels === undefined ? { losses: [] } : namedChannels(whole.groups, channels)
    const log = await selectFrom(whole, { ...times, ...chosen }, { progress: progress.at })
    const { reshaped } = await import("../../exports/parts/reshape.js")
    const rows = await reshaped(log, {}, how.reshape)
    let files: readonly string[] = []
    const body = async (write: (output: Output) => Promise<Loss[]>) =>
      writing({ ...options, force: options.force === true || options.append === true }, shape, async ({ output, paths }) => {
        const lost = await write(output)
        files = paths()
        return lost
      })
    const lost =
      options.append === true && existsSync(options.output)
        ? await appending(options.output, (append) => body((output) => append(rows.log, output, settings)))
        : await body((output) => target.write(rows.log, output, settings))
    const losses = [...unnamed, ...rows.losses, ...lost]
    progress.end()
    if (options.json === true) printJson(document(opened, target, files, losses, log))
    return tellOutcome({ losses, issues: log.issues }, options)
  } finally {
    progress.end()
  }
}

async function joined(opened: readonly OpenInput[], target: Target, options: ConvertOptions): Promise<Log> {
  const { repairClock: isRepaired, align, raw } = options
  const { readingOf } = await import("../../inputs/input.js")
  const logs: Log[] = []
  for (const open of opened) {
    // In its own format a log keeps what the sensor said.
    const log = readingOf(open, raw === true || open.stored.format === target.name, options.channel)
    logs.push(isRepaired === true ? await (await import("../../views/repair-clock.js")).repairClock(log) : log)
  }
  const [first] = logs
  if (logs.length === 1 && first !== undefined && align === undefined) return first
  return (await import("../../views/join.js")).joinLogs(logs, align)
}

/** Runs `body` with what adds rows to the log at `path`. @throws UsageError when its format cannot be appended to */
async function appending<T>(
  path: string,
  body: (append: (log: Log, output: Output, options: WriteOptions) => Promise<Loss[]>) => Promise<T>,
): Promise<T> {
  const open = await (await import("../../inputs/find.js")).openNamed(path)
  try {
    const { format, source, options } = open
    const append = format?.append
    if (append === undefined || source === null) {
      throw new UnsupportedError(`${open.log.format} logs cannot be appended to here`, { path, hint: "Meteor, ddff and JLS logs can" })
    }
    return await body((log, output, how) => append(source, options, log, output, how))
  } finally {
    await open.close()
  }
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
