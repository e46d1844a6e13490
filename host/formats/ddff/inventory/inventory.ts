import { valueAt } from "../blocks/msgpack.js"
import type { Payload } from "../blocks/payload.js"
import { type Lost, rawRecords } from "../records/records.js"

/** One stream as stream 0 names it. */
interface Entry {
  readonly key: string
  readonly id: number
  /** JSON that describes the members, or free text. */
  readonly label: string
  /** File offset of the record. */
  readonly at: number
}

/** The content of stream 0. */
export interface Inventory {
  readonly entries: readonly Entry[]
  /** Place and length of values in stream 0 that are not entries. */
  readonly strangers: readonly { readonly at: number; readonly length: number }[]
}

/** Most records of stream 0 or 1 that are read: all of them are held in memory. */
export const MAX_ENTRIES = 65_536

/**
 * Reads stream 0 as an inventory: records `[key, id, label]`.
 * @returns null if it is a data stream: if it holds no entry, or an array that is not an entry
 */
export async function readInventory(payload: Payload, lost: (what: Lost) => void): Promise<Inventory | null> {
  const entries: Entry[] = []
  const strangers: { at: number; length: number }[] = []
  for await (const { from, to } of rawRecords(payload, lost)) {
    const at = payload.fileOffset(from)
    const value = valueAt(payload.bytes, from, to)
    const entry = asEntry(value, at)
    if (entry !== null) entries.push(entry)
    else if (Array.isArray(value)) return null
    else strangers.push({ at, length: to - from })
    if (entries.length + strangers.length >= MAX_ENTRIES) break
  }
  return entries.length === 0 ? null : { entries, strangers }
}

function asEntry(value: unknown, at: number): Entry | null {
  if (!Array.isArray(value) || value.length !== 3) return null
  const [key, label] = [value[0], value[2]]
  const id = typeof value[1] === "bigint" ? Number(value[1]) : value[1]
  if (typeof key !== "string" || typeof id !== "number" || typeof label !== "string") return null
  return Number.isInteger(id) && id > 0 && id <= 0xffff ? { key, id, label, at } : null
}
