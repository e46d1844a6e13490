import { parseSettings, type Settings } from "../../shared/logger/settings.js"
import { NAMES } from "./generated/plan.js"

const SEMICOLON = 59
const END_OF_LINE = 10

/** Takes the settings from the board's flash. @returns one line for each fault */
export async function readFlash(flash: () => Promise<string>, settings: Settings): Promise<string> {
  const text = Buffer.from(await flash())
  for (let i = 0; i < text.length; i++) if (text[i] === SEMICOLON) text[i] = END_OF_LINE
  const faults = parseSettings(text, text.length, settings, NAMES)
  return faults === "" ? "" : `in the board's flash:\r\n${faults}`
}
