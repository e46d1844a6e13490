import { existsSync } from "node:fs"
import { basename } from "node:path"
import { openNamed } from "../inputs/find.js"
import { checkPlace } from "../io/folder.js"
import { type Lock, lockPatiently } from "../io/lock.js"
import { committed, FileOutput, type PendingOutput } from "../io/output.js"
import { OptionError, UnsupportedError, UsageError } from "../model/errors.js"
import type { Target, WriteOptions, Writer } from "../model/format.js"
import type { Log, Loss } from "../model/log.js"
import { given } from "../model/options.js"
import { refuseUnheeded } from "../registry/heeded.js"
import { targetFor, targets } from "../registry/targets.js"
import { computed, namedChannels, storedOf } from "../sensors/computed.js"
import { aText, checkLog, checkOptions, flag, theOptions } from "../text/asked.js"
import { asStored, unitLosses } from "../views/as-stored.js"
import { type Alignment, joinLogs } from "../views/join.js"
import { repairClock } from "../views/repair-clock.js"
import { checkWanted, selectFrom, type Wanted } from "../views/select.js"
import { reshaped } from "./reshape.js"

/** How `convert` writes. */
export interface Conversion {
  /** The target by name, where the extension of the path does not say it. */
  readonly to?: string | undefined
  /** Existing files may be replaced. */
  readonly force?: boolean
  /** Rows go behind those of the log that stands at the path, if there is one. */
  readonly append?: boolean
  /** What every target takes (`COMMON`), and what the target's own writer takes (`Target.options`). */
  readonly options?: WriteOptions
}

/** How several logs become one output. */
export interface JoinedConversion extends Conversion {
  /** Channels and the time range to write; all when absent. */
  readonly wanted?: Wanted
  /** How the logs are aligned in time. */
  readonly align?: Alignment | undefined
  /** Makes the times continuous if the clock was set while it logged. */
  readonly repairClock?: boolean
  /** Files that are being read: they are never written. */
  readonly inputs?: readonly string[]
  /** Called with the bytes of the inputs that are done. */
  readonly progress?: (bytes: number) => void
  /** Where to write instead of the file or folder at the path; `lock`: of the file that is appended to. */
  readonly place?: (target: Target, lock?: Lock) => PendingOutput
}

/** The names of everything that `JoinedConversion` holds. A name beside these is a typo, which would otherwise do nothing. */
const CONVERSION = Object.keys({
  to: 1,
  force: 1,
  append: 1,
  options: 1,
  wanted: 1,
  align: 1,
  repairClock: 1,
  inputs: 1,
  progress: 1,
  place: 1,
} satisfies Record<keyof JoinedConversion, 1>)

/** What a conversion made. */
export interface Converted {
  readonly target: Target
  /** The rows that were written, before they were put on a grid. */
  readonly log: Log
  /** What could not be carried. */
  readonly losses: readonly Loss[]
  /** The files written, in full. A target with one file per group makes several, perhaps none of them at the path that was named. */
  readonly files: readonly string[]
}

/** Options that every target takes: rows at equal steps, or in bins with min, mean and max; values as stored. */
export const COMMON: readonly string[] = ["rate", "hold", "fill", "maxRows", "raw"]

/**
 * Writes a log to a path in any format or export. The file takes its name when it is complete.
 * @returns what could not be carried
 * @throws LogError; nothing is left behind then. UsageError for an option that neither `convert` nor the target heeds
 */
export async function convert(log: Log, path: string, conversion: Conversion = {}): Promise<readonly Loss[]> {
  return (await convertLogs([log], path, conversion)).losses
}

/**
 * As `convert`, for several logs, aligned in time. In its own format, or with the option `raw`, a log keeps what a sensor
 * stored; any other target gets the values computed from it.
 */
export async function convertLogs(logs: readonly Log[], path: string, conversion: JoinedConversion = {}): Promise<Converted> {
  checkOptions(conversion, CONVERSION, "convert")
  theOptions(conversion.options, "the target")
  checkWanted(conversion.wanted)
  for (const name of ["force", "append", "repairClock"]) flag({ ...conversion }, name)
  for (const log of logs) checkLog(log, "convert")
  if (aText(path, "convert: path") !== "-") checkPlace(path)
  if (conversion.to !== undefined) aText(conversion.to, "to")
  if (conversion.append !== true || path === "-") return write(logs, path, conversion)
  // What another writer appends meanwhile must not be lost: it is there before this one reads.
  return lockPatiently(path, (lock) => write(logs, path, conversion, lock))
}

async function write(logs: readonly Log[], path: string, conversion: JoinedConversion, lock?: Lock): Promise<Converted> {
  const { options = {}, inputs = [] } = conversion
  const goal = await goalOf(path, conversion)
  const { target } = goal
  try {
    const { reshape, write } = settingsFor(target, options)
    const { log, losses } = await wantedLog(logs, target, conversion)
    const rows = await reshaped(log, reshape)
    const force = conversion.force === true || conversion.append === true
    const output =
      conversion.place?.(target, lock) ??
      new FileOutput(path, { force, inputs, folder: target.folder === true, mainName: basename(path), lock })
    const lost = await committed(output, () => goal.write(rows.log, output, write))
    // A grid knows its losses when its rows have been read.
    return { target, log, losses: [...losses, ...rows.losses, ...lost], files: output.paths }
  } finally {
    await goal.close()
  }
}

/** What is written, and how: as a new file, or behind the rows of an existing one. */
interface Goal {
  readonly target: Target
  readonly write: Writer
  close(): Promise<void>
}

async function goalOf(path: string, { to, append = false }: Conversion): Promise<Goal> {
  if (!append || !existsSync(path)) {
    const target = targetFor(path, to)
    if (append && target.append === undefined) throw notAppendable(target.name, path)
    return { target, write: target.write, close: async () => {} }
  }
  const existing = await openNamed(path)
  const { format, source, options: opening, close } = existing
  const name = existing.stored.format
  const appender = format?.append
  if (appender === undefined || source === null) {
    await close()
    throw notAppendable(name, path)
  }
  const target = targetFor(path, name)
  if (to !== undefined && targetFor(path, to).name !== name) {
    await close()
    throw new UsageError(`holds a ${name} log, and the rows to append shall be written as ${to}`, { path })
  }
  const write: Writer = (log, output, options) => appender(source, opening, log, output, options)
  return { target, write, close }
}

function notAppendable(name: string, path: string): UnsupportedError {
  return new UnsupportedError(`${name} cannot be appended to`, { path, hint: `rows can be appended to ${appendable().join(", ")}` })
}

/** The names of the targets to which rows can be appended. */
export function appendable(): string[] {
  return targets().flatMap(({ name, append }) => (append === undefined ? [] : [name]))
}

/**
 * What the options mean for a target: `reshape` for the log before it is written, `write` for the writer.
 * @throws UsageError for an option that nothing heeds, and for options that contradict each other
 */
export function settingsFor(target: Target, options: WriteOptions): { reshape: WriteOptions; write: WriteOptions } {
  const set = given(options)
  // The name of a side file goes with the side file.
  const names = Object.keys(set).filter((name) => name !== "specPath")
  refuseUnheeded(names, [{ name: target.name, options: [...target.options, ...COMMON] }], targets())
  const { rate, hold, fill, maxRows, raw, ...own } = set
  const isGiven = (name: string) => set[name] !== undefined
  if (target.ownGrid !== true && !isGiven("rate")) {
    const lone = ["hold", "fill"].find(isGiven)
    if (lone !== undefined)
      throw new OptionError((called) => `${called(lone)} needs ${called("rate")}: it says how the rows of that rate are filled`)
  }
  if (isGiven("rate") && isGiven("maxRows"))
    throw new OptionError((called) => `${called("rate")} and ${called("maxRows")} exclude one another`)
  if (flag(set, "raw") && (isGiven("rate") || isGiven("maxRows"))) {
    throw new OptionError(
      (called) => `${called("raw")} goes with neither ${called("rate")} nor ${called("maxRows")}: both compute with calibrated values`,
    )
  }
  const grid = given({ rate, hold, fill })
  const bins = isGiven("maxRows") ? { maxRows } : {}
  return target.ownGrid === true
    ? { reshape: bins, write: { ...own, ...grid, ...(isGiven("raw") ? { raw } : {}) } }
    : { reshape: { ...grid, ...bins }, write: { ...own, ...(isGiven("raw") ? { raw } : {}) } }
}

/** Joins the logs, takes the part that was asked for, and reports what could not be done. */
async function wantedLog(
  logs: readonly Log[],
  target: Target,
  conversion: JoinedConversion,
): Promise<{ log: Log; losses: readonly Loss[] }> {
  const { options = {}, wanted = {}, align, progress } = conversion
  const raw = flag(options, "raw")
  const parts: Log[] = []
  let isPlain = false
  for (const log of logs) {
    const isOwn = log.format === target.name
    let part = isOwn || raw ? storedOf(log) : recomputed(log, wanted.channels)
    if (raw && !isOwn && target.calibrated !== true) {
      part = asStored(part)
      isPlain = true
    }
    parts.push(conversion.repairClock === true ? await repairClock(part) : part)
  }
  const [first] = parts
  const whole = parts.length === 1 && first !== undefined && align === undefined ? first : joinLogs(parts, align)
  const isWhole = wanted.channels === undefined && wanted.start === undefined && wanted.end === undefined && progress === undefined
  // A log that is passed on as it is can be copied byte for byte by its own format.
  if (isWhole) return { log: whole, losses: isPlain ? unitLosses(whole) : [] }
  const { losses, ...chosen } = wanted.channels === undefined ? { losses: [] } : namedChannels(whole.groups, wanted.channels)
  const log = await selectFrom(whole, { ...wanted, ...chosen }, given({ progress }))
  return { log, losses: isPlain ? [...unitLosses(log), ...losses] : losses }
}

/** A log with computed channels, and beside them the stored ones that the patterns name. */
function recomputed(log: Log, patterns: readonly string[] | undefined): Log {
  const stored = storedOf(log)
  return stored === log || patterns === undefined ? log : computed(stored, patterns)
}
