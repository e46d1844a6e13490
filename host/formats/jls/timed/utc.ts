import { EPOCH_2018, TIME_BITS } from "../../../../shared/jls/layout.js"
import type { JlsUtc } from "./timed.js"

const EPOCH_NS = BigInt(EPOCH_2018) * 1_000_000_000n
const HALF = 1n << BigInt(TIME_BITS - 1)

/** ns since 1970 UTC of a JLS time, rounded: a JLS tick is 0.93 ns. */
export function jlsToNs(time: bigint): bigint {
  return ((time * 1_000_000_000n + HALF) >> BigInt(TIME_BITS)) + EPOCH_NS
}

/** JLS time of ns since 1970 UTC, rounded. */
export function nsToJls(ns: bigint): bigint {
  const scaled = (ns - EPOCH_NS) << BigInt(TIME_BITS)
  return (scaled + (scaled < 0n ? -500_000_000n : 500_000_000n)) / 1_000_000_000n
}

/**
 * JLS time of sample ids: between two pairs along the line through them, outside along the first or last one; with one
 * pair, or none (sample 0 at time 0), by the sample rate. Of pairs for the same sample the last wins; going back is ignored.
 */
export class UtcMap {
  private readonly pairs: JlsUtc[] = []

  constructor(
    pairs: readonly JlsUtc[],
    private readonly rate: number,
  ) {
    for (const pair of pairs) {
      const last = this.pairs.at(-1)
      if (last !== undefined && pair.sample < last.sample) continue
      if (last?.sample === pair.sample) this.pairs.pop()
      this.pairs.push(pair)
    }
  }

  /** JLS time of a sample. */
  timeOf(sample: number): bigint {
    const [first] = this.pairs
    if (first === undefined) return BigInt(Math.round(sample * (2 ** TIME_BITS / this.rate)))
    if (this.pairs.length === 1) return first.utc + BigInt(Math.round((sample - first.sample) * (2 ** TIME_BITS / this.rate)))
    const i = this.segment((pair) => pair.sample <= sample)
    const [a, b] = [this.pairs[i] as JlsUtc, this.pairs[i + 1] as JlsUtc]
    return a.utc + BigInt(Math.round((sample - a.sample) * (Number(b.utc - a.utc) / (b.sample - a.sample))))
  }

  /** Sample id at a JLS time, with its fraction. */
  sampleAt(time: bigint): number {
    const [first] = this.pairs
    if (first === undefined) return (Number(time) * this.rate) / 2 ** TIME_BITS
    if (this.pairs.length === 1) return first.sample + (Number(time - first.utc) * this.rate) / 2 ** TIME_BITS
    const i = this.segment((pair) => pair.utc <= time)
    const [a, b] = [this.pairs[i] as JlsUtc, this.pairs[i + 1] as JlsUtc]
    return a.sample + Number(time - a.utc) * ((b.sample - a.sample) / Number(b.utc - a.utc))
  }

  /** Index of the pair that starts the segment: the last one that is not behind, at least the first, at most the last but one. */
  private segment(before: (pair: JlsUtc) => boolean): number {
    let low = 0
    let high = this.pairs.length - 1
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (before(this.pairs[middle] as JlsUtc)) low = middle
      else high = middle
    }
    return low
  }
}
