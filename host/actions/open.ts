import { memorySource, type Source } from "../bytes/source.js"
import { openNamed } from "../inputs/find.js"
import { UsageError } from "../model/errors.js"
import type { Log } from "../model/log.js"
import { checkOpening, type Opening, openSource } from "../registry/open.js"
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
 * @throws LogError if it cannot be opened; UsageError for an option that is unknown, that its format does not heed, or of a wrong kind
 */
export async function open(input: string | Uint8Array | Source, opening: LogOpening = {}): Promise<Log> {
  checkOpening(opening, ["raw"], "open")
  const { raw, ...options } = opening
  if (typeof input === "string") {
    const { stored, close } = await openNamed(input, options)
    const closing = new View(stored, { close })
    return raw === true ? closing : computed(closing)
  }
  if (typeof (input as Source | undefined)?.read !== "function" && !(input instanceof Uint8Array))
    throw new UsageError("open: expected a path, bytes or a source")
  const stored = await openSource(input instanceof Uint8Array ? memorySource(input) : input, options)
  return raw === true ? stored : computed(stored)
}
