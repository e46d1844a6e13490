/** A row and when it was, in ns since the group's first row. */
interface Row {
  readonly row: number
  readonly ns: number
}

/** ns that a line may be off a row so that rounding to whole ns still gives the row's own time. */
const EXACT = 0.49
/** Pairs after which a line may be half a tick off: each pair takes about 100 bytes in the file. */
const EXACT_PAIRS = 65_536
/** Most pairs of a signal: readers hold no more than a million. */
const MOST_PAIRS = 900_000

/**
 * Ties stamped rows to samples: rows are stored one after another, and UTC pairs say where their times leave the line
 * through the pairs around them. A corridor of slopes is kept for the line from the last pair: the row that leaves it
 * gets its predecessor made a pair. So an even log has two pairs, and an uneven one as many as its times need.
 */
export class StampLine {
  /** The first row whose time is within half a tick only; and the first one that a line without an end gives. Null: none. */
  rounded: number | null = null
  lost: number | null = null
  /** Rows that are earlier than one before them: a pair cannot say that. */
  back = 0
  /** Rows that have no time. */
  untimed = 0
  private anchor: Row | null = null
  private last: Row | null = null
  private latest = Number.NEGATIVE_INFINITY
  private low = Number.NEGATIVE_INFINITY
  private high = Number.POSITIVE_INFINITY
  private pairs = 0

  /**
   * @param halfTick ns: half a tick of the source
   * @param pair told of each pair: row and its time in ns
   */
  constructor(
    private readonly halfTick: number,
    private readonly pair: (row: number, ns: number) => void,
  ) {}

  /** The next row with its time; rows come in order. */
  add(row: number, ns: number): void {
    if (ns < this.latest) {
      this.back++
      return
    }
    this.latest = ns
    if (this.anchor === null) {
      this.setAnchor(row, ns)
    } else {
      const { anchor, last } = this
      let [low, high] = this.corridor(anchor, row, ns)
      // The line will be drawn to the last row's own time, so its slope must be in the corridor of all before it.
      const slope = (ns - anchor.ns) / (row - anchor.row)
      if ((slope < this.low || slope > this.high) && last !== null && last.row > anchor.row) {
        this.setAnchor(last.row, last.ns)
        ;[low, high] = this.corridor(last, row, ns)
      }
      this.low = Math.max(this.low, low)
      this.high = Math.min(this.high, high)
    }
    this.last = { row, ns }
  }

  /** Ends the last line. */
  close(): void {
    if (this.last !== null && this.last.row !== this.anchor?.row) this.tell(this.last.row, this.last.ns)
  }

  private corridor(from: Row, row: number, ns: number): [low: number, high: number] {
    const isExact = this.pairs < EXACT_PAIRS
    const tolerance = isExact ? EXACT : Math.max(EXACT, this.halfTick)
    return [(ns - tolerance - from.ns) / (row - from.row), (ns + tolerance - from.ns) / (row - from.row)]
  }

  private setAnchor(row: number, ns: number): void {
    this.anchor = { row, ns }
    this.low = Number.NEGATIVE_INFINITY
    this.high = Number.POSITIVE_INFINITY
    this.tell(row, ns)
  }

  private tell(row: number, ns: number): void {
    this.pairs++
    if (this.pairs === EXACT_PAIRS && this.halfTick > EXACT) this.rounded = row
    if (this.pairs <= MOST_PAIRS) this.pair(row, ns)
    else this.lost ??= row
  }
}
