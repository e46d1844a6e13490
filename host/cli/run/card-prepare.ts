import { readFileSync } from "node:fs"
import { logFormat } from "../../logger/log-formats.js"
import { preparePath } from "../../logger/prepare-path.js"
import { changedSettings } from "../../logger/settings.js"
import { LogError, UsageError } from "../../model/errors.js"
import { printable } from "../../text/printable.js"
import type { CommonOptions } from "../options/flags.js"
import { EXIT, type Exit } from "../terminal/exit.js"
import { painter, writeOut } from "../terminal/terminal.js"
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

/** Makes a card ready for the logger. @throws LogError; UsageError for settings that are wrong */
export async function prepare(path: string, options: PrepareOptions): Promise<Exit> {
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
    ...(logFormat(settings.format).oneGroup
      ? [`  ${settings.format.padEnd(12)} the header is there; a sector goes out when its rows fill it, whatever the flush interval`]
      : []),
    ...(segments === 0
      ? []
      : [`  files ahead  ${countText(segments)} of ${bytesText(segmentBytes)}${dryRun === true ? " would be there" : ""}`]),
    `  a day        ${bytesText(Math.round(bytesPerDay))}, ${Number(sectorsPerSecond.toPrecision(3))} sectors/s`,
    `  full         ${daysUntilFull > 3650 ? "not within ten years" : `after ${daysText(daysUntilFull)}`}${settings.overwrite ? ", then the oldest logs go" : ""}`,
    `  life         ${yearsOfLife > 100 ? "more than 100 years" : `about ${yearsText(yearsOfLife)}`}, if every confirmed write costs a page of`,
    "               16 KiB and the card bears 500 rewrites; cards sold for endurance last longer",
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
