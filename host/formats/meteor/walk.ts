import type { Shapes } from "./slots.js"

/** Bytes of a leg: many short calls are compiled early and as a whole, one long loop is not. */
export const LEG = 16 * 1024

/** What a walk over plainly good frames reads, and where it puts them: the arrays of `Batch`. */
export interface Leg {
  readonly view: DataView
  readonly bytes: Uint8Array
  readonly plain: Int16Array
  readonly next: Int32Array
  readonly shapes: Shapes
  readonly offsets: Int32Array
  readonly stamps: Float64Array
  readonly values: Float64Array
  readonly epoch: number
  readonly ahead: number
  clock: number
  last: number
}

/**
 * Takes frames of known type, id and length whose stamp is not before the last one and not far behind it, stamp and value
 * included: about 12 ns a frame, of which 4 are the walk itself and the rest the stores.
 * @returns where the first other frame is, or a place not before `end`
 */
export function walkLeg(leg: Leg, from: number, end: number): number {
  const { view, bytes, plain, next, offsets, stamps, values, epoch, ahead } = leg
  const { table, bias } = leg.shapes
  let { clock, last } = leg
  let at = from
  while (at < end) {
    const length = bytes[at + 6] as number
    const stamp = view.getInt32(at)
    const word = view.getInt32(at + 3) & 0xffffff
    if (word >= plain.length) break
    const shape = plain[word] as number
    // A change of the sign bit is rare, and one of its two kinds is a wrap.
    if (shape === 0 || (stamp - clock) >>> 0 > ahead || (stamp ^ clock) < 0) break
    const slot = table[shape << 2] as number
    const to = next[slot] as number
    const raw = view.getInt32(at + 7, true) & (table[(shape << 2) + 1] as number)
    offsets[to] = at
    stamps[to] = (stamp >>> 0) + epoch
    values[to] = ((raw ^ (table[(shape << 2) + 2] as number)) >>> 0) - (bias[shape] as number)
    next[slot] = to + 1
    clock = stamp
    last = at
    at += 7 + length
  }
  leg.clock = clock
  leg.last = last
  return at
}
