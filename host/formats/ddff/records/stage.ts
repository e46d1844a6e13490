/**
 * Holds rows before they become columns: every value of every column in one array of one type, column by column. This keeps the
 * decoding loop monomorphic and the cutting of columns a copy.
 */
export class Stage {
  /**
   * Entry `slot * stride + row`; slot 0 is the tick, then the values in the order of the record. For texts, bytes, 64-bit
   * integers and mixed values the entry is the value's position in the payload's bytes.
   */
  readonly values: Float64Array
  /** 1 where the record has nil, or a value that does not fit. */
  readonly absent: Uint8Array
  /** Position in the payload's bytes where each row's record begins. */
  readonly from: Float64Array
  /** Entries from one slot to the next: not a power of two, or the columns would compete for the same cache lines. */
  readonly stride: number
  rows = 0
  /** True if some entry of `absent` is 1. */
  anyAbsent = false

  constructor(
    readonly slots: number,
    readonly capacity: number,
  ) {
    this.stride = capacity + 8
    this.values = new Float64Array(slots * this.stride)
    this.absent = new Uint8Array(slots * this.stride)
    this.from = new Float64Array(capacity)
  }

  clear(): void {
    if (this.anyAbsent) this.absent.fill(0)
    this.anyAbsent = false
    this.rows = 0
  }

  /** Clears the absent marks of a row that is decoded again. */
  clearRow(row: number): void {
    for (let at = row; at < this.absent.length; at += this.stride) this.absent[at] = 0
  }

  /** The rows of one slot. */
  column(slot: number): Float64Array {
    return this.values.subarray(slot * this.stride, slot * this.stride + this.rows)
  }
}
