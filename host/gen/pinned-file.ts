import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** A released file that is fetched where there is a network, and kept. */
export interface PinnedFile {
  readonly version: string
  readonly name: string
  /** Tried in turn until one gives what is pinned. */
  readonly urls: readonly string[]
  /** Null where no hash could be known when this was written. */
  readonly sha256: string | null
}

/** Where files are kept, below the root. */
export const DOWNLOADS = join(".build", "downloads")

/** Gets the bytes behind an address. @throws Error saying why there are none */
export type Get = (url: string) => Promise<Uint8Array>

const LARGEST = 8 * 1024 * 1024
const PATIENCE_MS = 60_000

/**
 * The path of a pinned file: as it is there from before, or fetched into `folder/<version>`.
 * @param describe what the bytes are, in words; throws for anything else
 * @param print gets one line: the file, what it is, and its hash
 * @throws Error with a line for each place that did not have it, and why
 */
export async function pinnedFile(
  folder: string,
  file: PinnedFile,
  describe: (bytes: Uint8Array) => string,
  print: (line: string) => void,
  get: Get = fromNetwork,
): Promise<string> {
  const path = join(folder, file.version, file.name)
  const faults: string[] = []
  for (const from of [...(existsSync(path) ? [path] : []), ...file.urls]) {
    try {
      const bytes = from === path ? readFileSync(path) : await get(from)
      const sha256 = createHash("sha256").update(bytes).digest("hex")
      if (file.sha256 !== null && sha256 !== file.sha256) throw new Error(`sha256 ${sha256} instead of ${file.sha256}`)
      const compared = file.sha256 === null ? "which nothing is known to compare with" : "as pinned"
      print(`${path}: ${describe(bytes)}; sha256 ${sha256}, ${compared}`)
      if (from !== path) keep(path, bytes)
      return path
    } catch (error) {
      faults.push(`${from}: ${(error as Error).message}`)
    }
  }
  throw new Error(faults.join("\n"))
}

function keep(path: string, bytes: Uint8Array): void {
  mkdirSync(join(path, ".."), { recursive: true })
  writeFileSync(`${path}.part`, bytes)
  renameSync(`${path}.part`, path)
}

async function fromNetwork(url: string): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    const length = Number(response.headers.get("content-length") ?? 0)
    if (length > LARGEST) throw new Error(`${length} bytes, expected at most ${LARGEST}`)
    return new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    // "fetch failed" hides why behind it.
    const { cause } = error as { cause?: Error }
    throw new Error(cause?.message ?? (error as Error).message)
  }
}
