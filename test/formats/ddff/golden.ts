import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { memorySource } from "../../../host/bytes/source.js"
import { Pages } from "../../../host/formats/ddff/blocks/pages.js"
import { Payload } from "../../../host/formats/ddff/blocks/payload.js"
import { Scan } from "../../../host/formats/ddff/blocks/scan.js"
import { openDdff } from "../../../host/formats/ddff/read.js"
import { rawRecords } from "../../../host/formats/ddff/records/records.js"
import type { Place } from "../../../host/formats/ddff/records/schema.js"

const folder = join(import.meta.dirname, "../../golden/ddff")

export interface Expected {
  readonly base: { error?: string; streams: Record<string, { count: number; error?: string; records?: unknown[] }> }
  readonly inventory?: [string, number, string][]
  readonly tags?: { cycle: number; label: string }[]
}

/** Names of all golden cases. */
export function goldenCases(): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
}

export function goldenBytes(name: string): Uint8Array {
  return readFileSync(join(folder, name, "file.ddff"))
}

export function goldenExpected(name: string): Expected {
  const plain = join(folder, name, "expected.json")
  return JSON.parse(existsSync(plain) ? readFileSync(plain, "utf8") : gunzipSync(readFileSync(`${plain}.gz`)).toString()) as Expected
}

export function salvageExpected(): Record<string, { records: Record<string, number>; gaps: Record<string, number> }> {
  return JSON.parse(readFileSync(join(folder, "salvage_expected.json"), "utf8"))
}

/** One row as `[tick, values by channel]`. */
export type Row = [number, unknown[]]

/** All rows of a log by stream id, and the chunks' order of windows checked by the caller. */
export async function readRows(bytes: Uint8Array): Promise<{ rows: Map<number, Row[]>; log: Awaited<ReturnType<typeof openDdff>> }> {
  const log = await openDdff(memorySource(bytes, "golden.ddff"), {})
  const rows = new Map<number, Row[]>(log.groups.map((group) => [group.id, []]))
  for await (const chunk of log.chunks()) {
    const to = rows.get(log.groups[chunk.group]?.id as number) as Row[]
    for (let row = 0; row < chunk.rows; row++) {
      const values = chunk.columns.map((column, i) => (chunk.missing[i]?.[row] === 1 ? null : plain(column[row])))
      to.push([Number(chunk.ticks?.[row]), values])
    }
  }
  return { rows, log }
}

/** Every msgpack value that is found in each stream, the inventory's and the tags' included. */
export async function countRecords(bytes: Uint8Array): Promise<Map<number, number>> {
  const source = memorySource(bytes)
  const scan = new Scan(source)
  await scan.advance()
  scan.finish()
  const counts = new Map<number, number>()
  for (const [id, blocks] of scan.streams) {
    blocks.sortByNumber()
    let count = 0
    for await (const _ of rawRecords(new Payload(new Pages(source), blocks))) count++
    counts.set(id, count)
  }
  return counts
}

/** The same row out of an expected record. */
export function expectedRow(log: Awaited<ReturnType<typeof openDdff>>, stream: number, record: unknown): Row {
  const { schema } = log.streams.find((candidate) => candidate.group.id === stream) as (typeof log.streams)[number]
  const values: unknown[] = new Array(schema.channels.length).fill(null)
  const list = record as unknown[]
  fill(schema.data, list[list.length - 1], values)
  if (schema.span >= 0) values[schema.span] = list.length === 3 ? decoded(list[1]) : null
  return [Number(decoded(list[0])), values]
}

function fill(place: Place, value: unknown, values: unknown[]): void {
  if (place.kind === "leaf") values[place.channel] = decoded(value)
  else for (const [i, item] of place.items.entries()) fill(item, (value as unknown[])[i], values)
}

/** Undoes the encoding of expected.json. */
function decoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decoded)
  if (typeof value === "boolean") return value ? 1 : 0
  if (typeof value !== "object" || value === null) return value
  const coded = value as Record<string, unknown>
  if (typeof coded.$int === "string") return BigInt(coded.$int)
  if (typeof coded.$f64 === "string") return Number(coded.$f64.replace("inf", "Infinity").replace("nan", "NaN"))
  if (typeof coded.$bin === "string") return coded.$bin
  if (typeof coded.$ext === "number") return { type: coded.$ext, data: coded.data }
  if (Array.isArray(coded.$map)) return Object.fromEntries(coded.$map.map(([key, item]) => [key, decoded(item)]))
  throw new Error(`unknown encoding ${JSON.stringify(value)}`)
}

/** Our values in the same form: bytes as hex, small bigints as numbers, booleans as 0 and 1. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex")
  if (typeof value === "boolean") return value ? 1 : 0
  if (typeof value === "bigint") return BigInt.asIntN(53, value) === value || value < 2n ** 53n ? safe(value) : value
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
  return value
}

function safe(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}
