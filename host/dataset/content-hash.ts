import { createHash } from "node:crypto"
import { createReadStream, readdirSync } from "node:fs"
import { join } from "node:path"
import type { Source } from "../bytes/source.js"

const BLOCK = 4 * 1024 * 1024
/** Hex digits: short enough for a path, enough to tell all runs apart that there will be. */
const DIGITS = 16

/** A name for a log's bytes and what else decides how it is read. `path` is hashed file by file where the log is a folder. */
export async function contentHash(source: Source | null, path: string | null, settings: string): Promise<string> {
  const hash = createHash("sha256").update(settings)
  if (source !== null) {
    for (let at = 0; at < source.size; at += BLOCK) hash.update(await source.read(at, BLOCK))
  } else if (path !== null) {
    for (const name of readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()) {
      hash.update(name.slice(path.length))
      for await (const block of createReadStream(name)) hash.update(block)
    }
  }
  // A letter first: engines guess types of folder names, and digits would be a number.
  return `r${hash.digest("hex").slice(0, DIGITS)}`
}
