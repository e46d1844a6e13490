import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { gunzipSync } from "node:zlib"

const GOLDEN = join(import.meta.dirname, "../golden")

/** A log that its format's own program wrote. */
export interface GoldenLog {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Side file, where it needs one. */
  readonly spec?: unknown
}

/** Golden logs of at most 8 kB, by their path below the folder. */
export function goldenLogs(): string[] {
  return readdirSync(GOLDEN, { recursive: true })
    .map((name) => String(name).replaceAll("\\", "/"))
    .filter((name) => /\.(met|ddff|btsf|jls|jls\.gz)$|^libarray\/0[1-4].*\/\d\d\/[^/.]+$/.test(name))
    .filter((name) => statSync(join(GOLDEN, name)).isFile() && goldenLog(name).bytes.length <= 8000)
    .sort()
}

export function goldenLog(name: string): GoldenLog {
  const path = join(GOLDEN, name)
  const stored = readFileSync(path)
  const bytes = new Uint8Array(path.endsWith(".gz") ? gunzipSync(stored) : stored)
  const side = join(dirname(path), "spec.json")
  return existsSync(side) ? { bytes, spec: JSON.parse(readFileSync(side, "utf8")) } : { bytes }
}
