import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { CardImage } from "../../../host/card/image.js"
import { logSpec } from "../../../host/logger/spec.js"
import { groups } from "../../../shared/channels.js"
import { deviceFolder } from "./build.js"

/** The specification that the board writes. */
export const OWN_SPEC = readFileSync(join(deviceFolder, "..", "shared", "LOGSPEC.JSN"), "utf8")

/** That of a program with other channels: it becomes `LOGSPEC.OLD`. */
export const OTHER_SPEC = logSpec(groups.slice(1))

/**
 * On a card that had the other program's specification, that one is whole under the one name or the other, and the new one whole or not there.
 * @param finished the board has had the time to write it. @returns what is wrong, or nothing
 */
export async function specFault(card: CardImage, finished: boolean): Promise<string> {
  const [spec, old] = [await textIn(card, "/LOGSPEC.JSN"), await textIn(card, "/LOGSPEC.OLD")]
  if (spec === OWN_SPEC && old === OTHER_SPEC) return ""
  if (finished) return "LOGSPEC.JSN is not the program's, or LOGSPEC.OLD not the one before"
  if (spec === OTHER_SPEC ? old === null : spec === null && old === OTHER_SPEC) return ""
  return "LOGSPEC.JSN and LOGSPEC.OLD are not the old one and the new one"
}

async function textIn(card: CardImage, path: string): Promise<string | null> {
  if (!card.entries.some((entry) => entry.path === path)) return null
  const file = card.open(path)
  return Buffer.from(await file.read(0, file.size)).toString()
}
