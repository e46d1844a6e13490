import type { Values } from "../../../model/log.js"
import { isBig } from "../../../model/values.js"

/** A row that has a value. */
export interface Known {
  readonly row: number
  readonly value: number
}

/** Fills missing rows of one channel along the line between the values beside them, chunk by chunk in order. */
export class Interpolator {
  private before: Known | null = null
  private after: Known | null = null

  /** @param next finds the first row at or behind `row` that has a value; null if no such row exists */
  constructor(private readonly next: (row: number) => Promise<Known | null>) {}

  /**
   * Fills `values` in place; integers are rounded, 64-bit ones stay missing.
   * @param first row of the chunk's first value
   * @returns flags of the rows that are still missing, before the first and behind the last value
   */
  async fill(values: Values, missing: Uint8Array | null, first: number): Promise<Uint8Array | null> {
    if (isBig(values)) return missing
    const numbers = values as Float64Array
    const endsKnown = missing === null || missing.at(-1) === 0
    let open = 0
    for (let i = missing?.indexOf(1) ?? -1; missing !== null && i >= 0; i = missing.indexOf(1, i)) {
      const known = missing.indexOf(0, i)
      const end = known < 0 ? missing.length : known
      if (i > 0) this.before = { row: first + i - 1, value: numbers[i - 1] as number }
      if (known >= 0) this.after = { row: first + known, value: numbers[known] as number }
      else if (this.after === null || this.after.row < first + end) this.after = await this.next(first + end)
      if (this.before === null || this.after === null) open += end - i
      else this.line(numbers, missing, i, end, first)
      if (end === missing.length) break
      i = end
    }
    if (endsKnown) this.before = { row: first + numbers.length - 1, value: numbers.at(-1) as number }
    return open === 0 ? null : missing
  }

  private line(numbers: Float64Array, missing: Uint8Array, from: number, to: number, first: number): void {
    const [a, b] = [this.before as Known, this.after as Known]
    const slope = (b.value - a.value) / (b.row - a.row)
    const isFloat = numbers instanceof Float64Array || (numbers as unknown) instanceof Float32Array
    missing.fill(0, from, to)
    for (let i = from; i < to; i++) {
      const value = a.value + slope * (first + i - a.row)
      numbers[i] = isFloat ? value : Math.round(value)
    }
  }
}
