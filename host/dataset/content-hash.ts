import { createHash } from "node:crypto"
import { createReadStream, readdirSync } from "node:fs"
import { join } from "node:path"
import type { Source } from "../bytes/source.js"
import { isDebris } from "../text/debris.js"

const BLOCK = 4 * 1024 * 1024
/** Hex digits: short enough for a path, and enough that no two runs share a name. */
const DIGITS = 16

/** Names a log by the hash of its bytes and of the options that decide how it is read. If `path` is a folder, it is hashed file by file. */
export async function contentHash(source: Source | null, path: string | null, settings: string): Promise<string> {
  const hash = createHash("sha256").update(settings)
  if (source !== null) {
    for (let at = 0; at < source.size; at += BLOCK) hash.update(await source.read(at, BLOCK))
  } else if (path !== null) {
    for (const name of readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !file.slice(path.length).split("/").some(isDebris))
      .sort()) {
      hash.update(name.slice(path.length))
      for await (const block of createReadStream(name)) hash.update(block)
    }
  }
  // A letter first: engines guess types of folder names, and digits would be a number.
  return `r${hash.digest("hex").slice(0, DIGITS)}`
}
