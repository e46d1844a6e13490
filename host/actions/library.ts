import { memorySource, type Source } from "../bytes/source.js"
import { findOneInput, openNamed } from "../inputs/find.js"
import { FileOutput } from "../io/output.js"
import type { WriteOptions } from "../model/format.js"
import type { Log, Loss } from "../model/log.js"
import { type Opening, openSource } from "../registry/open.js"
import { targetFor } from "../registry/targets.js"
import { computed, storedOf } from "../sensors/computed.js"
import { View } from "../views/view.js"
import { repair as rebuild, recover as rescue, type Saved } from "./rescue.js"
import { rescueInput } from "./rescue-input.js"

/** How a log is opened by the library. */
interface LogOpening extends Opening {
  /** The channels as stored, without those that are computed from them: for a copy in the log's own format. */
  readonly raw?: boolean
}

/**
 * Opens a log: a path as the command takes it (`run.met`, `card.img:/LOG00001.MET`, a folder), bytes, or a source.
 * The side file of a logger's log is found beside it. Closing the log closes what was opened for it.
 * @throws LogError if it cannot be opened
 */
export async function open(input: string | Uint8Array | Source, { raw, ...options }: LogOpening = {}): Promise<Log> {
  if (typeof input === "string") {
    const { stored, close } = await openNamed(input, options)
    const closing = new View(stored, { close })
    return raw === true ? closing : computed(closing)
  }
  const stored = await openSource(input instanceof Uint8Array ? memorySource(input) : input, options)
  return raw === true ? stored : computed(stored)
}

/** How `convert` writes: the target by name where the extension does not say it, and the writer's own options. */
export interface Conversion {
  readonly to?: string
  readonly force?: boolean
  readonly options?: WriteOptions
}

/**
 * Writes a log to a path in any format or export. The file takes its name when it is complete.
 * @returns what could not be carried
 * @throws LogError; nothing is left behind then
 */
export async function convert(log: Log, path: string, { to, force = false, options = {} }: Conversion = {}): Promise<Loss[]> {
  const target = targetFor(path, to)
  const output = new FileOutput(path, { force, folder: target.folder === true })
  try {
    const losses = await target.write(log.format === target.name ? storedOf(log) : log, output, options)
    output.commit()
    return losses
  } catch (error) {
    output.abort()
    throw error
  }
}

/** How `recover` reads its input and writes its output. */
export interface Recovery extends Opening {
  readonly force?: boolean
}

/**
 * Saves what a damaged log holds into a sound file of the same format at `path`, which is read again before it gets its name.
 * @param input a path as the command takes it
 * @returns rows saved, every hole, and what the new file could not carry
 * @throws LogError when nothing can be saved; nothing is left behind then
 */
export async function recover(input: string, path: string, { force = false, ...opening }: Recovery = {}): Promise<Saved> {
  return rescueInput(await findOneInput(input), path, rescue, { opening, force })
}

/** As `recover`, for structure that is missing or wrong while the values are there: indexes, chains, tags. */
export async function repair(input: string, path: string, { force = false, ...opening }: Recovery = {}): Promise<Saved> {
  return rescueInput(await findOneInput(input), path, rebuild, { opening, force })
}
