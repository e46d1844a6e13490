/** Bytes `at <= b < at + length` of a source. */
export interface ByteRange {
  readonly at: number
  readonly length: number
}

/** The places of a source that the device cannot read: in order, neighbours joined. */
export class UnreadableRanges {
  private readonly list: ByteRange[] = []

  /** The list itself: it grows while the source is read. */
  get all(): readonly ByteRange[] {
    return this.list
  }

  /** Adds a range; a range that is known already changes nothing. */
  add(at: number, length: number): void {
    let from = at
    let to = at + length
    let k = this.list.findIndex((range) => range.at + range.length >= at)
    if (k < 0) k = this.list.length
    let joined = 0
    for (; k + joined < this.list.length; joined++) {
      const next = this.list[k + joined] as ByteRange
      if (next.at > to) break
      from = Math.min(from, next.at)
      to = Math.max(to, next.at + next.length)
    }
    this.list.splice(k, joined, { at: from, length: to - from })
  }
}

/**
 * What of some ranges lies in the `length` bytes from `at`, as those bytes count it.
 * @param from place that byte `at` has in the result
 */
export function rangesWithin(ranges: readonly ByteRange[], at: number, length: number, from = 0): ByteRange[] {
  const found: ByteRange[] = []
  for (const range of ranges) {
    const begin = Math.max(at, range.at)
    const end = Math.min(at + length, range.at + range.length)
    if (begin < end) found.push({ at: from + begin - at, length: end - begin })
  }
  return found
}
