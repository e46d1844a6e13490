/** Bytes of a leg: many short calls are compiled early and as a whole, one long loop is not. */
export const LEG = 16 * 1024

/** What a walk over plainly good frames reads, and where it puts their places: see `Slots` and `Batch`. */
export interface Leg {
  readonly view: DataView
  readonly plain: Int16Array
  readonly next: Int32Array
  readonly offsets: Int32Array
  readonly ahead: number
  clock: number
  last: number
}

/**
 * Takes frames of known type, id and length whose stamp is not before the last one and not far behind it: about 3 ns a frame.
 * Only their places are kept. Values are read slot by slot afterwards, so that each column is written from end to end.
 * @returns where the first other frame is, or a place not before `end`
 */
export function walkLeg(leg: Leg, from: number, end: number): number {
  const { view, plain, next, offsets, ahead } = leg
  let { clock, last } = leg
  let at = from
  while (at < end) {
    const stamp = view.getInt32(at)
    const word = view.getInt32(at + 3) & 0xffffff
    if (word >= plain.length) break
    const slot = plain[word] as number
    // A change of the sign bit is rare, and one of its two kinds is a wrap.
    if (slot < 0 || (stamp - clock) >>> 0 > ahead || (stamp ^ clock) < 0) break
    const to = next[slot] as number
    offsets[to] = at
    next[slot] = to + 1
    clock = stamp
    last = at
    at += 7 + (word & 0xff)
  }
  leg.clock = clock
  leg.last = last
  return at
}
