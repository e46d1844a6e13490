import { openEach, openNamed } from "../../inputs/find.js"
import { type OpenInput, readingOf } from "../../inputs/input.js"
import type { Log, Loss } from "../../model/log.js"
import type { Opening } from "../../registry/open.js"
import { namedChannels } from "../../sensors/computed.js"
import { type Alignment, joinLogs } from "../../views/join.js"
import type { Wanted } from "../../views/select.js"
import { View } from "../../views/view.js"
import type { CommonOptions, InputOptions, JoinOptions, PartOptions } from "../options/flags.js"
import { openingOf, wantedOf } from "../options/from-flags.js"
import { type Progress, startProgress } from "./progress.js"

/** Options that say which channels of a log are read, and whether progress is shown. */
interface LogOptions extends CommonOptions, PartOptions {
  /** The channels as stored: for `--raw`, and for a copy in the log's own format. */
  readonly raw?: boolean
  readonly json?: boolean
}

/** An opened input. Its `log` is the one to read: computed, or as stored. */
export interface OpenLog extends OpenInput {
  /** The part of `log` that the options ask for. */
  readonly wanted: Wanted
  /** Why that part differs from what was asked for. */
  readonly losses: readonly Loss[]
}

/** Opens the one log or recording that a name means, runs `body` with it and with progress on the terminal, and closes it. @throws LogError */
export async function withLog<T>(
  name: string,
  options: LogOptions & InputOptions & JoinOptions,
  body: (open: OpenLog, progress: Progress) => Promise<T>,
): Promise<T> {
  const opening = await openingOf(options)
  return withOpen(() => openNamed(name, opening, options.join !== false), options, body)
}

/** The same for all logs that some names mean: several are laid side by side in time. @throws UsageError where they cannot be aligned as asked */
export async function withLogs<T>(
  names: readonly string[],
  options: LogOptions & InputOptions & JoinOptions & { readonly align?: Alignment },
  body: (open: OpenLog, progress: Progress) => Promise<T>,
): Promise<T> {
  const opening = await openingOf(options)
  return withOpen(() => openAll(names, opening, options), options, body)
}

async function openAll(
  names: readonly string[],
  opening: Opening,
  { join, align }: JoinOptions & { readonly align?: Alignment },
): Promise<OpenInput> {
  const { opened, issues } = await openEach(names, opening, join !== false)
  const [first] = opened
  if (first === undefined || (opened.length === 1 && issues.length === 0 && align === undefined)) return first as OpenInput
  const close = async () => {
    for (const open of opened) await open.close()
  }
  try {
    const as = (logs: readonly Log[]) =>
      new View(logs.length === 1 && align === undefined ? (logs[0] as Log) : joinLogs(logs, align), { around: () => issues })
    return {
      ...first,
      input: { ...first.input, label: opened.map(({ input }) => input.label).join(", ") },
      log: as(opened.map(({ log }) => log)),
      stored: as(opened.map(({ stored }) => stored)),
      size: opened.reduce((sum, { size }) => sum + (size ?? 0), 0),
      files: opened.flatMap(({ files }) => files),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The same for a log that is opened by a function. @throws LogError if it cannot be opened */
export async function withOpen<T>(
  opening: () => Promise<OpenInput>,
  options: LogOptions,
  body: (open: OpenLog, progress: Progress) => Promise<T>,
): Promise<T> {
  const open = await opening()
  const progress = startProgress(open.input.label, open.size ?? 0, options)
  try {
    const { channels, ...times } = wantedOf(options)
    const log = readingOf(open, options.raw === true, channels)
    const { losses, ...chosen } = channels === undefined ? { losses: [] } : namedChannels(log.groups, channels)
    return await body({ ...open, log, losses, wanted: { ...times, ...chosen } }, progress)
  } finally {
    progress.end()
    await open.close()
  }
}
