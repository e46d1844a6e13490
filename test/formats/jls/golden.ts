import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"

const folder = "test/golden/jls"

/** Names of the cases. */
export const cases = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

/** A file of a case, unzipped; null when it is not here. */
export function goldenBytes(name: string, file: string): Uint8Array | null {
  const path = join(folder, name, file)
  if (existsSync(path)) return readFileSync(path)
  return existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)) : null
}

/** A JSON file of a case. */
export function goldenJson<T>(name: string, file: string): T | null {
  const bytes = goldenBytes(name, file)
  return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString("utf8")) as T)
}

/** Damaged variants of `utc/file.jls`, by name. */
export function corruptVariants(): Map<string, Uint8Array> {
  const base = goldenBytes("utc", "file.jls") as Uint8Array
  const patches = goldenJson<Record<string, [number, string, number?][]>>("corrupt", "patches.json") ?? {}
  return new Map(
    Object.entries(patches).map(([name, runs]) => {
      const size = Math.max(base.length, ...runs.map(([at, hex, times = 1]) => at + (hex.length / 2) * times))
      const bytes = new Uint8Array(size)
      bytes.set(base)
      for (const [at, hex, times = 1] of runs) bytes.set(Buffer.from(hex.repeat(times), "hex"), at)
      return [name, bytes]
    }),
  )
}

/** SHA-256 of each file that the reference wrote, by `case/file`. */
export const sha256 = JSON.parse(readFileSync(join(folder, "sha256.json"), "utf8")) as Record<string, string>

/** What `truth.json` says. */
export interface Truth {
  written: {
    signal_id: number
    length: number
    sample_id_first: number
    data_crc32c: string
  }[]
  files: Record<
    string,
    {
      good_chunks: number
      level0: Record<string, { data_chunks: number; samples: number; utc: number; annotations: number; first?: string; end?: string }>
    }
  >
}

/** What `expected.json` says. */
export interface Expected {
  sources: { source_id: number; name: string; vendor: string; model: string; version: string; serial_number: string }[]
  signals: ExpectedSignal[]
  user_data: { chunk_meta: number; storage_type: number; size: number; crc32c: string; text?: string; hex?: string }[]
}

export interface ExpectedSignal {
  signal_id: number
  source_id: number
  signal_type: number
  data_type: number
  q: number
  sample_rate: number
  samples_per_data: number
  sample_decimate_factor: number
  entries_per_summary: number
  summary_decimate_factor: number
  annotation_decimate_factor: number
  utc_decimate_factor: number
  sample_id_offset: string
  name: string
  units: string
  length?: number
  data_crc32c?: string
  statistics?: { start: number; increment: number; count: number; rc: number; mean_std_min_max: (number | string)[][] }[]
  utc?: [string, string][]
  timestamp_first?: [number, string]
  timestamp_last?: [number, string]
  annotations?: {
    timestamp: string
    annotation_type: number
    storage_type: number
    group_id: number
    y: number | string
    data_size: number
    text?: string
    hex?: string
  }[]
}
