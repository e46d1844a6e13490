import type { ScanPlace } from "./scan/place.js"
import type { Batch } from "./scan/scan.js"
import type { Slots } from "./scan/slots.js"

/** A place where reading may begin, and what lies on both sides of it. Stamps in ms, with the full turns of the clock. */
export interface SeekPlace extends ScanPlace {
  /** Latest stamp before the place. */
  readonly latest: number
  /** Earliest stamp behind it. */
  readonly earliest: number
}

/** The places of one log, in file order. */
export interface SeekIndex {
  /** Type, id and length of every kind of frame, in the order of their first: see `ScanPlace.known`. */
  readonly learnt: readonly number[]
  readonly places: readonly SeekPlace[]
}

/** Collects the places of a log while a pass reads it from its first frame to its last. */
export class PlaceCollector {
  private readonly batches: { place: ScanPlace | null; least: number; latest: number }[] = []
  private latest = Number.NEGATIVE_INFINITY

  /** @param place where the next batch begins; null where reading may not begin */
  add(batch: Batch, slots: Slots, place: ScanPlace | null): void {
    const { least, most } = extremes(batch, slots)
    this.latest = Math.max(this.latest, most)
    this.batches.push({ place, least, latest: this.latest })
  }

  /** The places, when the pass has ended. */
  index({ learnt }: Slots): SeekIndex {
    const places: SeekPlace[] = []
    let earliest = Number.POSITIVE_INFINITY
    for (const { place, least, latest } of [...this.batches].reverse()) {
      if (place !== null && earliest < Number.POSITIVE_INFINITY) places.push({ ...place, latest, earliest })
      earliest = Math.min(earliest, least)
    }
    return { learnt, places: places.reverse() }
  }
}

/** The part of an index that a time range needs: where to begin, null for the log's start, and where no row is left. */
export function seekRange(index: SeekIndex, start: number | undefined, end: number | undefined): { from: SeekPlace | null; to: number } {
  const { places } = index
  let from: SeekPlace | null = null
  for (const place of places) {
    if (start === undefined || place.latest / 1000 >= start) break
    from = place
  }
  const stop = end === undefined ? undefined : places.find(({ earliest }) => earliest / 1000 >= end)
  return { from, to: stop?.at ?? Number.POSITIVE_INFINITY }
}

/** Teaches fresh slots what was known at a place. */
export function recall({ learnt }: SeekIndex, { known, rows }: SeekPlace, slots: Slots): void {
  for (const word of learnt.slice(0, known)) slots.learn(word >> 16, (word >> 8) & 0xff, word & 0xff)
  for (const slot of slots.list) slot.rows = rows[slot.index] ?? 0
}

function extremes({ view, offsets, epoch }: Batch, slots: Slots): { least: number; most: number } {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const { index } of slots.list) {
    const from = index * slots.stride
    for (let k = from; k < from + slots.count(index); k++) {
      const stamp = view.getUint32(offsets[k] as number) + epoch
      if (stamp < least) least = stamp
      if (stamp > most) most = stamp
    }
  }
  return { least, most }
}
