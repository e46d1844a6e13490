import { readFileSync } from "node:fs"
import type { Command } from "commander"
import { LogError, UsageError } from "../../model/errors.js"
import { type CommonOptions, commonOptions, jsonOption } from "../options/flags.js"
import { EXIT, type Exit, exits } from "../terminal/exit.js"
import { painter, printable, writeOut } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"
import { bytesText, counted, countText } from "../text/quantities.js"

interface PrepareOptions extends CommonOptions {
  readonly config?: string
  readonly set?: readonly string[]
  readonly spec?: string
  readonly segments: number
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** `fieldlog card prepare CARD`: makes a card ready for the logger, and says how long it will do. */
export function addPrepare(card: Command): void {
  const prepare = card
    .command("prepare")
    .summary("settings, specification and space for the logger")
    .argument("<card>", "card image, the card itself (/dev/sdX), or the folder where it is mounted")
    .addHelpText(
      "before",
      `Examples:
  fieldlog card prepare /dev/sdb                             the specification, and space for four files
  fieldlog card prepare card.img --config LOGGER.CFG --dry-run
  fieldlog card prepare /media/CARD --set imu=50 --set flush=1000

Checks the card and its LOGGER.CFG, writes LOGGER.CFG and LOGSPEC.JSN, makes files ahead that the
logger takes without searching for space, and tells bytes a day, when the card is full, and its life.
`,
    )
    .option("--config <file>", "put this LOGGER.CFG on the card (default: the one that is there)")
    .option("--set <name=value>", "change a setting in it: format=ddff, imu=50, gps=off (may be repeated)", collected)
    .option("--spec <file>", "the specification (default: that of this version's channel list)")
    .option("--segments <n>", "files ahead, 0 for none; a mounted folder takes none", wholeNumber, 4)
    .option("--dry-run", "say what would be done, and write nothing")
  commonOptions(jsonOption(prepare)).action(exits(run))
}

async function run(path: string, options: PrepareOptions): Promise<Exit> {
  const { preparePath } = await import("../../logger/prepare-path.js")
  const { changedSettings } = await import("../../logger/settings.js")
  const config = options.config === undefined ? null : bytesOf(options.config)
  const spec = options.spec === undefined ? null : specOf(options.spec)
  const report = await preparePath(path, {
    settings: (old) => changedSettings(config ?? old, options.set ?? []),
    spec,
    segments: options.segments,
    dryRun: options.dryRun === true,
  })
  if (options.json === true) printJson({ path, dryRun: options.dryRun === true, ...report })
  else writeOut(reportText(path, report, options))
  return EXIT.fine
}

type Report = Awaited<ReturnType<typeof import("../../logger/prepare-path.js").preparePath>>

function reportText(path: string, report: Report, { dryRun, color }: PrepareOptions): string {
  const paint = painter(color, "out")
  const { settings, files, segments, segmentBytes, outlook, groups } = report
  const label = report.label === "" ? "" : ` "${printable(report.label)}"`
  const done = (name: string, verb: string) => (files.includes(name) ? (dryRun === true ? `would be ${verb}` : verb) : "as it was")
  const rates = groups.map(({ name, rate }) => `${name} ${rate === 0 ? "off" : `${Number(rate.toPrecision(4))} Hz`}`).join(", ")
  const { sectorsPerSecond, bytesPerDay, daysUntilFull, yearsOfLife } = outlook
  const rotation = settings.fileMs > 0 ? `, a new one every ${settings.fileMs / 60_000} min` : ""
  const lines = [
    `${paint("bold", printable(path))}${label}  FAT32, ${bytesText(report.capacity)}, ${bytesText(report.free)} free`,
    `  LOGGER.CFG   ${report.hasSettings ? done("LOGGER.CFG", "written") : "none: the program's own settings hold"}`,
    `    format     ${settings.format}, no row waits longer than ${settings.flushMs} ms, files of ${bytesText(settings.fileBytes)}${rotation}`,
    `    rates      ${rates}`,
    `  LOGSPEC.JSN  ${done("LOGSPEC.JSN", "written")}`,
    ...(settings.format === "btsf"
      ? ["  btsf         the header is there; a sector goes out when its rows fill it, whatever the flush interval"]
      : []),
    ...(segments === 0
      ? []
      : [`  files ahead  ${countText(segments)} of ${bytesText(segmentBytes)}${dryRun === true ? " would be there" : ""}`]),
    `  a day        ${bytesText(Math.round(bytesPerDay))}, ${Number(sectorsPerSecond.toPrecision(3))} sectors/s`,
    `  full         ${daysUntilFull > 3650 ? "not within ten years" : `after ${daysText(daysUntilFull)}`}${settings.overwrite ? ", then the oldest logs go" : ""}`,
    `  life         ${yearsOfLife > 100 ? "more than 100 years" : `about ${yearsText(yearsOfLife)}`}, if every confirmed write costs a page of`,
    "               16 KiB and the card bears 500 rewrites; cards sold for endurance do longer",
    ...(dryRun === true ? [paint("dim", `  nothing was written; ${counted(report.sectorsWritten, "sector")} would be`)] : []),
  ]
  return `${lines.join("\n")}\n`
}

function daysText(days: number): string {
  if (days < 2) return `${Number((days * 24).toPrecision(2))} hours`
  return `${countText(Math.floor(days))} days`
}

function yearsText(years: number): string {
  if (years < 0.25) return daysText(years * 365.25)
  return years < 2 ? `${Math.floor(years * 12)} months` : `${Number(years.toPrecision(2))} years`
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new LogError(`cannot be read (${(error as NodeJS.ErrnoException).code})`, { path })
  }
}

function specOf(path: string): Uint8Array {
  const bytes = bytesOf(path)
  try {
    JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw new UsageError(`is not JSON: ${(error as Error).message}`, { path })
  }
  return bytes
}

function collected(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}

function wholeNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new UsageError(`--segments ${text}, expected a number of files`)
  return Number(text)
}
