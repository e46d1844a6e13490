/**
 * Ties stamped rows to samples: rows are stored one after another, and UTC pairs say where their times leave the line
 * through the pairs around them. A range of allowed slopes is kept for the line from the last pair; when a row leaves it,
 * the row before becomes a pair. So an even log has two pairs, and an uneven one as many as its times need.
 */
export class StampLine {
  private anchor: { row: number; time: number } | null = null
  private last: { row: number; time: number } | null = null
  private low = Number.NEGATIVE_INFINITY
  private high = Number.POSITIVE_INFINITY

  /**
   * @param tolerance seconds that a time may be off: half a tick of the source
   * @param pair called with each pair: row and its time in seconds
   */
  constructor(
    private readonly tolerance: number,
    private readonly pair: (row: number, time: number) => void,
  ) {}

  /** The next row with its time; rows come in order. */
  add(row: number, time: number): void {
    if (this.anchor === null) {
      this.setAnchor(row, time)
    } else {
      const { anchor } = this
      const rows = row - anchor.row
      let low = Math.max(this.low, (time - this.tolerance - anchor.time) / rows)
      let high = Math.min(this.high, (time + this.tolerance - anchor.time) / rows)
      // The line will end at the last row's own time, so its slope must be in the range that all rows before it allow.
      const slope = (time - anchor.time) / rows
      if ((slope < this.low || slope > this.high) && this.last !== null && this.last.row > anchor.row) {
        this.setAnchor(this.last.row, this.last.time)
        low = (time - this.tolerance - this.last.time) / (row - this.last.row)
        high = (time + this.tolerance - this.last.time) / (row - this.last.row)
      }
      this.low = low
      this.high = high
    }
    this.last = { row, time }
  }

  /** Ends the last line. */
  close(): void {
    if (this.last !== null && this.last.row !== this.anchor?.row) this.pair(this.last.row, this.last.time)
  }

  private setAnchor(row: number, time: number): void {
    this.anchor = { row, time }
    this.low = Number.NEGATIVE_INFINITY
    this.high = Number.POSITIVE_INFINITY
    this.pair(row, time)
  }
}
