import type { Reduced } from "./log.js"

/**
 * Count, mean, spread and extremes of numbers that come in runs, in `n` slots. Each run is summed on its own and
 * merged by the pairwise rule (Chan, Golub, LeVeque 1983), so a billion rows lose no more digits than a thousand.
 * It lies in the model because views, summaries and formats all count this way.
 */
export class Moments {
  readonly count: Float64Array
  readonly mean: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
  /** Sum of squared distances from the mean. */
  private readonly spread: Float64Array

  /** @param skipped what is no value: NaN alone, or infinities too */
  constructor(
    readonly slots: number,
    private readonly skipped: "nan" | "non-finite" = "nan",
  ) {
    this.count = new Float64Array(slots)
    this.mean = new Float64Array(slots)
    this.spread = new Float64Array(slots)
    this.min = new Float64Array(slots).fill(Number.POSITIVE_INFINITY)
    this.max = new Float64Array(slots).fill(Number.NEGATIVE_INFINITY)
  }

  /** Adds `values[from..to)` to a slot. One pass: squares are taken of the distances from the run's first value. */
  add(slot: number, values: Float64Array, from: number, to: number): void {
    let begin = from
    while (begin < to && Number.isNaN(values[begin])) begin++
    if (begin === to) return
    const first = values[begin] as number
    const base = Number.isFinite(first) ? first : 0
    let n = 0
    let sum = 0
    let away = 0
    let squares = 0
    let min = Number.POSITIVE_INFINITY
    let max = Number.NEGATIVE_INFINITY
    for (let i = begin; i < to; i++) {
      const x = values[i] as number
      if (Number.isNaN(x)) continue
      n++
      sum += x
      away += x - base
      squares += (x - base) * (x - base)
      if (x < min) min = x
      if (x > max) max = x
    }
    // An infinity shows in the sum, so the loop above need not look for it.
    if (this.skipped === "non-finite" && !Number.isFinite(sum)) {
      const finite = values.subarray(from, to).filter(Number.isFinite)
      if (finite.length < to - from) {
        this.add(slot, finite, 0, finite.length)
        return
      }
    }
    // Rounding may take a spread of nothing below zero.
    this.merge(slot, n, sum / n, Math.max(0, squares - (away * away) / n), min, max)
  }

  /**
   * Adds `n` values of which only these are known, `n` above 0.
   * @param spread sum of their squared distances from their mean
   */
  merge(slot: number, n: number, mean: number, spread: number, min: number, max: number): void {
    const before = this.count[slot] as number
    const all = before + n
    this.count[slot] = all
    if (before === 0) {
      this.mean[slot] = mean
      this.spread[slot] = spread
      this.min[slot] = min
      this.max[slot] = max
      return
    }
    const apart = mean - (this.mean[slot] as number)
    this.mean[slot] = (this.mean[slot] as number) + (apart * n) / all
    this.spread[slot] = (this.spread[slot] as number) + spread + apart * apart * ((before * n) / all)
    if (min < (this.min[slot] as number)) this.min[slot] = min
    if (max > (this.max[slot] as number)) this.max[slot] = max
  }

  /** Population standard deviation of a slot, NaN when empty. */
  std(slot: number): number {
    return Math.sqrt((this.spread[slot] as number) / (this.count[slot] as number))
  }

  /** All slots, NaN where one is empty. The arrays are given away: nothing may be added any more. */
  reduced(): Reduced {
    const { count, mean, min, max, spread: std } = this
    for (let slot = 0; slot < this.slots; slot++) {
      const n = count[slot] as number
      std[slot] = Math.sqrt((std[slot] as number) / n)
      if (n === 0) mean[slot] = min[slot] = max[slot] = Number.NaN
    }
    return { count, mean, std, min, max }
  }
}
