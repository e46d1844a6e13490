import { memorySource, type Source } from "../bytes/source.js"
import { openNamed } from "../inputs/find.js"
import type { Log } from "../model/log.js"
import { type Opening, openSource } from "../registry/open.js"
import { computed } from "../sensors/computed.js"
import { View } from "../views/view.js"

/** How a log is opened by the library. */
export interface LogOpening extends Opening {
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
