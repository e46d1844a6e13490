/**
 * Count, mean, spread and extremes of numbers that come in runs, in `n` slots. Each run is summed on its own and
 * merged by the pairwise rule (Chan, Golub, LeVeque 1983), so a billion rows lose no more digits than a thousand.
 */
export class Moments {
  readonly count: Float64Array
  readonly mean: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
  /** Sum of squared distances from the mean. */
  private readonly spread: Float64Array

  constructor(readonly slots: number) {
    this.count = new Float64Array(slots)
    this.mean = new Float64Array(slots)
    this.spread = new Float64Array(slots)
    this.min = new Float64Array(slots).fill(Number.POSITIVE_INFINITY)
    this.max = new Float64Array(slots).fill(Number.NEGATIVE_INFINITY)
  }

  /** Adds `values[from..to)` to a slot; NaN is no value. */
  add(slot: number, values: Float64Array, from: number, to: number): void {
    let n = 0
    let sum = 0
    let min = this.min[slot] as number
    let max = this.max[slot] as number
    for (let i = from; i < to; i++) {
      const x = values[i] as number
      if (Number.isNaN(x)) continue
      n++
      sum += x
      if (x < min) min = x
      if (x > max) max = x
    }
    if (n === 0) return
    const mean = sum / n
    let spread = 0
    for (let i = from; i < to; i++) {
      const away = (values[i] as number) - mean
      if (!Number.isNaN(away)) spread += away * away
    }
    this.min[slot] = min
    this.max[slot] = max
    this.merge(slot, n, mean, spread)
  }

  private merge(slot: number, n: number, mean: number, spread: number): void {
    const before = this.count[slot] as number
    const all = before + n
    const apart = mean - (this.mean[slot] as number)
    this.count[slot] = all
    this.mean[slot] = before === 0 ? mean : (this.mean[slot] as number) + (apart * n) / all
    this.spread[slot] = (this.spread[slot] as number) + spread + (before === 0 ? 0 : apart * apart * ((before * n) / all))
  }

  /** Population standard deviation of a slot, NaN when empty. */
  std(slot: number): number {
    return Math.sqrt((this.spread[slot] as number) / (this.count[slot] as number))
  }
}
