import { search } from "../bytes/search.js"
import type { Ticks } from "./log.js"

/** A sample (or row, or tick) that is tied to a time. */
interface TimePair {
  readonly at: number
  /** ns, since any origin that all pairs share. */
  readonly ns: bigint
}

/** ns that a pair may be off a line that it still lies on: pairs are rounded to whole ns. */
const ROUNDING = 1

/**
 * When samples were, by pairs: between two of them along the line through both, outside along the first or last one. With one
 * pair the nominal step tells. Of pairs for the same sample the last wins; a pair before its predecessor is ignored, and one
 * that is earlier than its predecessor is counted in `back` and ignored: this clock never runs backwards.
 */
export class TimeMap {
  /** Pairs that say an earlier time for a later sample. */
  readonly back: number = 0
  private readonly at: Float64Array
  private readonly ns: readonly bigint[]
  /** ns a sample, from each pair on; the last one goes on. */
  private readonly step: Float64Array

  /** @param nominal ns a sample, where pairs do not tell @throws RangeError without any pair */
  constructor(
    pairs: readonly TimePair[],
    private readonly nominal: number,
  ) {
    const kept: TimePair[] = []
    for (const pair of pairs) {
      const last = kept.at(-1)
      if (last !== undefined && pair.at < last.at) continue
      if (last?.at === pair.at) kept.pop()
      const before = kept.at(-1)
      if (before !== undefined && pair.ns < before.ns) this.back++
      else kept.push(pair)
    }
    if (kept.length === 0) throw new RangeError("a time map needs a pair")
    this.at = Float64Array.from(kept, ({ at }) => at)
    this.ns = kept.map(({ ns }) => ns)
    this.step = new Float64Array(kept.length).fill(nominal)
    for (let i = 0; i + 1 < kept.length; i++) this.step[i] = this.between(i, i + 1)
    if (kept.length > 1) this.step[kept.length - 1] = this.step[kept.length - 2] as number
  }

  /** Pairs in use. */
  get pairs(): number {
    return this.at.length
  }

  /** ns of a sample, whole or not, rounded. */
  nsAt(sample: number): bigint {
    const i = this.segment(sample)
    return (this.ns[i] as bigint) + BigInt(Math.round((sample - (this.at[i] as number)) * (this.step[i] as number)))
  }

  /** The sample at a time, with its fraction; the first one where time stands still. */
  sampleAt(ns: bigint): number {
    const i = Math.max(0, search(0, this.ns.length, (pair) => (this.ns[pair] as bigint) >= ns) - 1)
    const step = this.step[i] as number
    return step === 0 ? (this.at[i] as number) : (this.at[i] as number) + Number(ns - (this.ns[i] as bigint)) / step
  }

  /** ns since `origin` of the samples `from` to `to`: numbers where they hold all of `within` exactly, else 64-bit integers. */
  ticks(from: number, to: number, origin: bigint, within: { readonly first: number; readonly end: number }): Ticks {
    const isSafe = [within.first, within.end].every((sample) => {
      const ns = this.nsAt(sample) - origin
      return ns > -(2n ** 53n) && ns < 2n ** 53n
    })
    const ticks = isSafe ? new Float64Array(to - from) : new BigInt64Array(to - from)
    for (let i = this.segment(from), sample = from; sample < to; i++) {
      const end = i + 1 < this.at.length ? Math.min(to, Math.ceil(this.at[i + 1] as number)) : to
      const [at, step] = [this.at[i] as number, this.step[i] as number]
      const begin = (this.ns[i] as bigint) - origin
      if (ticks instanceof Float64Array) {
        for (const base = Number(begin); sample < end; sample++) ticks[sample - from] = base + Math.round((sample - at) * step)
      } else {
        for (; sample < end; sample++) ticks[sample - from] = begin + BigInt(Math.round((sample - at) * step))
      }
    }
    return ticks
  }

  /** ns a sample when all pairs lie on one line, within their rounding; the nominal step where that fits them. Else null. */
  line(): number | null {
    const mean = this.mean()
    return this.liesOn(this.nominal) ? this.nominal : this.liesOn(mean) ? mean : null
  }

  /** How much faster than nominal samples come from the first pair to the last one, in ppm; 0 with one pair. */
  drift(): number {
    const mean = this.mean()
    return mean === 0 ? 0 : (this.nominal / mean - 1) * 1e6
  }

  /** The stretch between two pairs whose length differs most from nominal, in ns; null where none is off by 1 % and a sample. */
  worst(): { readonly from: number; readonly to: number; readonly ns: number; readonly nominal: number } | null {
    let found: ReturnType<TimeMap["worst"]> = null
    for (let i = 0; i + 1 < this.at.length; i++) {
      const [from, to] = [this.at[i] as number, this.at[i + 1] as number]
      const ns = (this.step[i] as number) * (to - from)
      const nominal = this.nominal * (to - from)
      const off = Math.abs(ns - nominal)
      if (off < nominal / 100 || off < this.nominal) continue
      if (found === null || off > Math.abs(found.ns - found.nominal)) found = { from, to, ns, nominal }
    }
    return found
  }

  private mean(): number {
    return this.at.length < 2 ? this.nominal : this.between(0, this.at.length - 1)
  }

  private liesOn(step: number): boolean {
    const [at, ns] = [this.at[0] as number, this.ns[0] as bigint]
    for (let i = 1; i < this.at.length; i++) {
      const off = Number((this.ns[i] as bigint) - ns) - ((this.at[i] as number) - at) * step
      if (!(Math.abs(off) <= ROUNDING)) return false
    }
    return true
  }

  private between(a: number, b: number): number {
    return Number((this.ns[b] as bigint) - (this.ns[a] as bigint)) / ((this.at[b] as number) - (this.at[a] as number))
  }

  /** The last pair at or before a sample, or the first one. */
  private segment(sample: number): number {
    return Math.max(0, search(0, this.at.length, (pair) => (this.at[pair] as number) > sample) - 1)
  }
}
