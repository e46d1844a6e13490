import { STREAM_INVENTORY, STREAM_TAGS } from "../../../../shared/ddff/layout.js"
import type { BlockList } from "../blocks/blocks.js"
import type { Pages } from "../blocks/pages.js"
import { Payload } from "../blocks/payload.js"
import type { Scan } from "../blocks/scan.js"
import type { Lost } from "../records/records.js"
import { type Inventory, readInventory } from "./inventory.js"
import { readTags, type Tag } from "./tags.js"

/** What kind of ddff file it is and what its two special streams say. Nothing in the file names the variant. */
export interface Structure {
  readonly variant: "base" | "inventory" | "tagged"
  readonly inventory: Inventory | null
  readonly tags: readonly Tag[]
  /** Streams with rows, by id: those of the file and those that the inventory only names. */
  readonly dataIds: readonly number[]
}

/**
 * Finds the variant from content: stream 0 of records `[text, id, text]` is an inventory; then stream 1, if the inventory
 * does not name it and every record of it is a tag, makes the file tagged.
 */
export async function readStructure(scan: Scan, pages: Pages, lost: (stream: number, what: Lost) => void): Promise<Structure> {
  const blocksOf = (id: number): BlockList | undefined => scan.streams.get(id)
  const read = async <T>(id: number, how: (payload: Payload, lost: (what: Lost) => void) => Promise<T>): Promise<T | null> => {
    const blocks = blocksOf(id)
    if (blocks === undefined) return null
    const found: Lost[] = []
    const result = await how(new Payload(pages, blocks), (what) => found.push(what))
    // In a stream of rows the reader of the rows reports the same.
    if (result !== null) for (const what of found) lost(id, what)
    return result
  }
  const inventory = await read(STREAM_INVENTORY, readInventory)
  const named = new Set(inventory?.entries.map((entry) => entry.id))
  const tags = inventory === null || named.has(STREAM_TAGS) ? null : await read(STREAM_TAGS, readTags)
  const special = new Set<number>()
  if (inventory !== null) special.add(STREAM_INVENTORY)
  if (tags !== null) special.add(STREAM_TAGS)
  const dataIds = [...new Set([...scan.streams.keys(), ...named])].filter((id) => !special.has(id)).sort((a, b) => a - b)
  return { variant: tags !== null ? "tagged" : inventory !== null ? "inventory" : "base", inventory, tags: tags ?? [], dataIds }
}
