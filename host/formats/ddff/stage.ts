/**
 * Rows on their way into columns: numbers row by row, as they come from the records. One array of one type for all
 * values keeps the decoding loop monomorphic; the columns are cut out of it by one loop each.
 */
export class Stage {
  /**
   * `rows * slots` entries: the tick, then the values in the order of the record. For texts, bytes, 64-bit integers and
   * mixed values the entry is the value's position in the payload's bytes.
   */
  values: Float64Array
  /** 1 where the record has nil, or a value that does not fit. */
  absent: Uint8Array
  /** Position in the payload's bytes where each row's record begins. */
  from: Float64Array
  rows = 0
  /** Some entry of `absent` is 1. */
  anyAbsent = false

  constructor(
    readonly slots: number,
    readonly capacity: number,
  ) {
    this.values = new Float64Array(slots * capacity)
    this.absent = new Uint8Array(slots * capacity)
    this.from = new Float64Array(capacity)
  }

  clear(): void {
    if (this.anyAbsent) this.absent.fill(0)
    this.anyAbsent = false
    this.rows = 0
  }
}
