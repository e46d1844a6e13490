import { findOneInput } from "../../inputs/find.js"
import { type Input, type OpenInput, openInput, readingOf } from "../../inputs/input.js"
import type { Loss } from "../../model/log.js"
import type { Opening } from "../../registry/open.js"
import { namedChannels } from "../../sensors/computed.js"
import type { Wanted } from "../../views/select.js"
import type { CommonOptions, InputOptions, PartOptions } from "../options/flags.js"
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

/** Opens the one log that a name means, runs `body` with it and with progress on the terminal, and closes it. @throws LogError */
export async function withLog<T>(
  name: string,
  options: LogOptions & InputOptions,
  body: (open: OpenLog, progress: Progress) => Promise<T>,
): Promise<T> {
  return withInput(await findOneInput(name), await openingOf(options), options, body)
}

/** The same for an input that has been found. @throws LogError if it cannot be opened */
export async function withInput<T>(
  input: Input,
  opening: Opening,
  options: LogOptions,
  body: (open: OpenLog, progress: Progress) => Promise<T>,
): Promise<T> {
  const open = await openInput(input, opening)
  const progress = startProgress(input.label, open.source?.size ?? 0, options)
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
