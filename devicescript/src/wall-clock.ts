import type { Settings } from "../../shared/logger/settings.js"
import type { WallClock } from "./machine.js"
import type { Status } from "./status.js"

/** The time is LOGGER.CFG's. */
export const FROM_CARD = 1

/**
 * Asks the clocks for the time; the first that knows it gives the log's start and tells the ones before it. Without any, the
 * start is LOGGER.CFG's, or not known. A clock goes before LOGGER.CFG: the card says the same at every start.
 */
export async function learnTime(clocks: WallClock[], settings: Settings, status: Status): Promise<void> {
  if (settings.start !== "") status.clock = FROM_CARD
  let known = clocks.length
  for (let i = 0; i < known; i++) {
    const time = await (clocks[i] as WallClock).read()
    if (time === "") continue
    settings.start = time
    status.clock = (clocks[i] as WallClock).kind
    known = i
  }
  if (settings.start === "") return
  for (let i = 0; i < known; i++) await (clocks[i] as WallClock).set(settings.start)
}
