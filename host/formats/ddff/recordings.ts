import { STREAM_TAGS } from "../../../shared/ddff/layout.js"
import type { BlockList } from "./blocks/blocks.js"
import type { Tag } from "./inventory/tags.js"
import type { Batch } from "./records/cursor.js"

/** More restarts than this mean a broken clock, not recordings. */
const MAX_RESTARTS = 65_536

/** Where the recordings of one stream begin. */
export interface StreamCuts {
  /** First row of each recording. */
  readonly rows: readonly number[]
  /** Rows of the stream. */
  readonly total: number
  /** How the cuts were found. `whole`: the recordings cannot be told apart, so the first has all rows. */
  readonly by: "tick restarts" | "tags" | "recorded lengths" | "whole"
}

/** True if a tag repeats all places of the previous tag, as DUECA writes them for all recordings of a session. */
export function hasStaleTags(tags: readonly Tag[]): boolean {
  return tags.some((tag, i) => {
    const before = tags[i - 1]
    if (before === undefined || !tag.offsets.some((offset) => offset !== 0)) return false
    return tag.offsets.every((offset, k) => offset === 0 || placeOf(tag, k) === placeOf(before, k))
  })
}

/**
 * Finds where each recording of a stream begins, from all its rows: `add` every batch (with places), then `cuts`.
 *
 * Nothing in the file says it plainly. Ticks that go back begin a recording, if the recorder counts from the start of each recording;
 * a tag names the block, but the first record that begins in it may still belong to the previous recording; and DUECA repeats
 * the places of the first tag in all others. So restarts are used if there are as many as tags, else the tags'
 * places, moved to the restart in the block, else the lengths that the tags give.
 */
export class CutFinder {
  private rows = 0
  private lastTick = Number.NEGATIVE_INFINITY
  private readonly restarts: number[] = []
  /** File offset of each tag's place in this stream and of the end of its block; 0 if the tag has no place in it. */
  private readonly places: number[]
  private readonly ends: number[]
  private readonly placeRows: number[]
  private readonly endRows: number[]
  private nextPlace = 0
  private nextEnd = 0
  private readonly lengthRows: number[] = []
  private lengthTick = Number.NaN

  constructor(
    private readonly tags: readonly Tag[],
    blocks: BlockList,
  ) {
    const k = blocks.id - STREAM_TAGS - 1
    this.places = tags.map((tag) => placeOf(tag, k))
    this.ends = this.places.map((place) => endOfBlock(blocks, place))
    this.placeRows = tags.map(() => -1)
    this.endRows = tags.map(() => -1)
  }

  add(batch: Batch): void {
    for (let i = 0; i < batch.rows; i++) {
      const row = this.rows + i
      const tick = batch.ticks[i] as number
      const at = batch.at[i] as number
      if (tick < this.lastTick && this.restarts.length < MAX_RESTARTS) this.restarts.push(row)
      if (Number.isFinite(tick)) this.lastTick = tick
      // Places that do not ascend are not used.
      while (at >= (this.places[this.nextPlace] ?? Number.NaN)) this.placeRows[this.nextPlace++] = row
      while (at >= (this.ends[this.nextEnd] ?? Number.NaN)) this.endRows[this.nextEnd++] = row
      this.addLength(row, tick)
    }
    this.rows += batch.rows
  }

  cuts(): StreamCuts {
    const { tags, restarts, rows: total } = this
    if (tags.length === 0 || restarts.length + 1 === tags.length) return { rows: [0, ...restarts], total, by: "tick restarts" }
    if (this.hasOwnPlaces()) return { rows: this.byTags(), total, by: "tags" }
    if (restarts.length > 0) return { rows: [0, ...restarts], total, by: "tick restarts" }
    if (this.lengthRows.length === tags.length) return { rows: this.lengthRows, total, by: "recorded lengths" }
    return { rows: [0], total, by: "whole" }
  }

  private hasOwnPlaces(): boolean {
    // A recording without rows of this stream has the place of the next one.
    const places = this.places.filter((place) => place !== 0)
    return places.length > 0 && !hasStaleTags(this.tags) && places.every((place, i) => i === 0 || place >= (places[i - 1] as number))
  }

  /** The tags' places, each moved to the tick restart in its block if there is one; then restarts that have no tag. */
  private byTags(): number[] {
    const { restarts, placeRows, endRows, places, rows: total } = this
    const cuts: number[] = []
    for (let k = 0; k < places.length; k++) {
      const from = placeRows[k] === -1 ? total : (placeRows[k] as number)
      const end = endRows[k] === -1 ? total : (endRows[k] as number)
      const restart = places[k] === 0 ? undefined : restarts.find((row) => row > from && row <= end)
      cuts.push(places[k] === 0 ? -1 : restarts.includes(from) ? from : (restart ?? from))
    }
    // A recording without data ends where the next one begins.
    for (let k = cuts.length - 1; k >= 0; k--) if (cuts[k] === -1) cuts[k] = cuts[k + 1] ?? total
    const last = cuts.at(-1) as number
    return [...cuts, ...restarts.filter((row) => row > last)]
  }

  /** Follows the tags' lengths through ticks that never restart. */
  private addLength(row: number, tick: number): void {
    const k = this.lengthRows.length
    if (k === this.tags.length) return
    const before = this.tags[k - 1]
    if (before !== undefined && !(tick >= this.lengthTick + (before.index1 - before.index0))) return
    this.lengthRows.push(row)
    this.lengthTick = tick
  }
}

/** File offset of a tag's place in data stream number `k`; 0 if it has no place there. Old tags hold it in one number. */
function placeOf(tag: Tag, k: number): number {
  const offset = tag.offsets[k] ?? 0
  return offset === 0 ? 0 : offset + (tag.inblock[k] ?? 0)
}

function endOfBlock(blocks: BlockList, place: number): number {
  const i = blocks.indexAt(place)
  return i < 0 ? place : (blocks.at[i] as number) + (blocks.size[i] as number)
}
