import { UnsupportedError } from "../model/errors.js"
import type { Format } from "../model/format.js"
import type { Log } from "../model/log.js"
import { knownFormats, located, type Opening } from "./known-formats.js"
import { formats } from "./registry-2.js"
import { imports } from "./registry-2-2.js"

export { HEAD, located, type Opening } from "./known-formats.js"

/** All formats, with what they do to folders. */
export const { formatOf, bySignature, hasSignature, byExtension, formatNamed, openSource } = knownFormats(formats, imports)

/** Opens a log that is a folder. @throws LogError */
export async function openTree(path: string, options: Opening = {}): Promise<Log> {
  const format = options.format === undefined ? await treeFormat(path) : formatNamed(options.format)
  if (format?.openTree === undefined) throw new UnsupportedError("is a folder that no format claims", { path })
  return located(path, () => (format.openTree as NonNullable<Format["openTree"]>)(path, options))
}

/** The format whose logs are folders like this one, or null. */
export async function treeFormat(path: string): Promise<Format | null> {
  for (const format of formats) if ((await format.sniffTree?.(path)) === true) return format
  return null
}
