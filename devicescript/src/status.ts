import type { CardError } from "../../shared/card/bus.js"
import type { Ring } from "../../shared/card/ring.js"

/**
 * What the logger knows of itself. `state` is `starting`, `logging`, `closed`, `low` (closed, the supply is too low) or the code of the
 * card's error (shared/card/bus.ts); the counts go into the log as its own group.
 */
export class Status {
  state: string
  /** Rows that were due and are not in the log. */
  dropped: number
  /** Longest card write since the last health row, ms. */
  slowest: number
  /** Where the log's start time is from: 0 nowhere, 1 LOGGER.CFG, 2 a clock chip, 3 the network. */
  clock: number
  /** When the samplers' next turn is due, ms of the machine's clock. */
  due: number
  /** The file is closed on purpose, or about to be: rows are not wanted. */
  paused: boolean
  /** The supply is below LOGGER.CFG's `low`. */
  low: boolean
  /** The program is to close its file and to start the board anew. */
  over: boolean
  private readonly ring: Ring
  private readonly show: (state: string) => void

  /** @param show tells the person at the board */
  constructor(ring: Ring, show: (state: string) => void) {
    this.state = ""
    this.dropped = 0
    this.slowest = 0
    this.clock = 0
    this.due = 0
    this.paused = false
    this.low = false
    this.over = false
    this.ring = ring
    this.show = show
  }

  /** Lets no more rows in; the writer brings what is there onto the card and starts the board anew. */
  end(): void {
    this.over = true
    this.paused = true
  }

  enter(state: string): void {
    if (state === this.state) return
    this.state = state
    this.show(state)
  }

  /** Shows what went wrong. */
  fail(error: Error): void {
    const code = (error as CardError).code
    this.enter(code ? code : "program")
  }

  /** The health group's values; high-water mark and slowest write start anew. */
  report(values: number[]): void {
    values[0] = this.dropped
    values[1] = this.ring.high
    values[2] = this.slowest > 65535 ? 65535 : this.slowest
    values[3] = this.clock
    this.ring.high = this.ring.waiting
    this.slowest = 0
  }
}
