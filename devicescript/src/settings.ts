import type { Fat32 } from "../../shared/card/fat32.js"
import type { SdCard } from "../../shared/card/sd.js"
import { LONGEST_SETTINGS, parseSettings, type Settings } from "../../shared/settings.js"
import { NAMES } from "./generated/plan.js"

const COMPLAINTS = "LOGERR  TXT"

/**
 * Takes the settings from the card in the socket, if there is one with a `LOGGER.CFG`. What is wrong in it is written to `LOGERR.TXT`
 * and keeps its default. `LOGGER.CFG` itself is never written.
 */
export async function readSettings(card: SdCard, volume: Fat32, settings: Settings): Promise<void> {
  try {
    await card.init()
    await volume.mount()
    const text = Buffer.alloc(LONGEST_SETTINGS)
    const length = await volume.readSmall("LOGGER  CFG", text)
    if (length < 0) return
    const faults = parseSettings(text, length, settings, NAMES)
    // A fresh start without faults empties what an earlier one wrote.
    if (faults === "" && (await volume.readSmall(COMPLAINTS, text)) <= 0) return
    await volume.writeSmall(COMPLAINTS, Buffer.from(faults), faults.length)
  } catch (_error) {
    // No card, or not one that can be read: the writer finds out and says why.
  }
}
