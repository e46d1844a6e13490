import type { Fat32 } from "../../shared/card/fat32.js"
import type { SdCard } from "../../shared/card/sd.js"
import type { Machine } from "./machine.js"
import type { SideFiles } from "./side-files.js"
import type { Status } from "./status.js"
import { LONGEST_RUN_MS } from "./watch.js"

/** Between two looks for a card, ms. */
const LOOK_MS = 1000
/** Tries of a `LOGGER.CFG` that is there and cannot be read, before the defaults hold. */
const TRIES = 3

/**
 * Waits for the first card and takes its settings: before it there is nothing to log onto, and no `LOGGER.CFG` to log by.
 * @returns one line for each fault of the settings
 */
export async function firstCard(machine: Machine, card: SdCard, volume: Fat32, files: SideFiles, status: Status): Promise<string> {
  for (let tries = 0; tries < TRIES; ) {
    try {
      await card.init()
      await volume.mount()
      tries = tries + 1
      const faults = await files.readSettings(machine.settings)
      if (machine.settings.crc) await card.checkSectors()
      status.enter("starting")
      return faults
    } catch (error) {
      status.fail(error as Error)
    }
    await machine.clock.sleep(LOOK_MS)
    if (machine.clock.now() >= LONGEST_RUN_MS) machine.restart()
  }
  return "LOGGER.CFG: cannot be read\r\n"
}
