import type { Fat32 } from "../../shared/card/fat32.js"
import type { SdCard } from "../../shared/card/sd.js"
import { LONGEST_SETTINGS, parseSettings, type Settings } from "../../shared/settings.js"
import { NAMES } from "./generated/plan.js"

const COMPLAINTS = "LOGERR  TXT"
const SEMICOLON = 59
const END_OF_LINE = 10

/** Takes the settings from the board's flash. @returns one line for each fault */
export async function readFlash(flash: () => Promise<string>, settings: Settings): Promise<string> {
  const text = Buffer.from(await flash())
  for (let i = 0; i < text.length; i++) if (text[i] === SEMICOLON) text[i] = END_OF_LINE
  const faults = parseSettings(text, text.length, settings, NAMES)
  return faults === "" ? "" : `in the board's flash:\r\n${faults}`
}

/**
 * Takes the settings from the card in the socket, if there is one with a `LOGGER.CFG`. What is wrong in it keeps its default.
 * `LOGGER.CFG` itself is never written.
 * @returns one line for each fault; null when there is no card, or none that can be read: the writer finds out and says why
 */
export async function readSettings(card: SdCard, volume: Fat32, settings: Settings): Promise<string | null> {
  try {
    await card.init()
    await volume.mount()
    const text = Buffer.alloc(LONGEST_SETTINGS)
    const length = await volume.readSmall("LOGGER  CFG", text)
    return length < 0 ? "" : parseSettings(text, length, settings, NAMES)
  } catch (_error) {
    return null
  }
}

/** Writes what is wrong to `LOGERR.TXT` of a mounted volume; a start without faults empties what an earlier one wrote. */
export async function writeComplaints(volume: Fat32, faults: string): Promise<void> {
  try {
    if (faults === "" && (await volume.readSmall(COMPLAINTS, Buffer.alloc(LONGEST_SETTINGS))) <= 0) return
    const text = Buffer.from(faults)
    await volume.writeSmall(COMPLAINTS, text, text.length)
  } catch (_error) {
    // The writer finds out and says why.
  }
}
