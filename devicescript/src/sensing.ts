import type { Clock } from "../../shared/card/bus.js"
import { NAMES, WIDTHS } from "./generated/plan.js"
import { nothing, type Source } from "./source.js"

/** Between two looks at sensors that do not answer, ms. */
const TEND_MS = 1000
/** Missed rows after which a sensor is set up again: it may have lost power, and its settings with it. */
const MISSES = 3

/** Stands for a sensor that is not set up: what that one gave would be no sample. */
const SILENT: Source = { start: nothing, read: () => false }

/** The sensors of all groups, in the order of the channel list, and what they gave last. */
export class Sensing {
  /** ms between two rows of each group; 0 for a group that is off. */
  readonly periods: number[]
  /** The latest sample of each group, raw, one number a channel. */
  readonly values: number[][]
  /** Whom to ask for a group's next row. */
  readonly asked: Source[]
  /** Rows that a sensor did not give since it was set up. */
  readonly misses: number[]
  private readonly sources: Source[]

  constructor(sources: Source[], periods: number[]) {
    this.sources = sources
    this.periods = periods
    this.values = []
    this.asked = []
    this.misses = []
    for (let i = 0; i < sources.length; i++) {
      const values: number[] = []
      for (let n = 0; n < (WIDTHS[i] as number); n++) values.push(0)
      this.values.push(values)
      this.asked.push(SILENT)
      this.misses.push(0)
    }
  }

  /** Sets the sensors up. @returns one line for each that fails: its rows are counted as dropped until it answers */
  async start(): Promise<string> {
    let faults = ""
    for (let i = 0; i < this.sources.length; i++) {
      if (this.periods[i] === 0) continue
      const fault = await this.setUp(i)
      if (fault !== "") faults = `${faults}${NAMES[i]}: ${fault}\r\n`
    }
    return faults
  }

  /** Sets a sensor up. @returns what went wrong, nothing when it is ready */
  async setUp(i: number): Promise<string> {
    const source = this.sources[i] as Source
    this.asked[i] = SILENT
    try {
      await source.start()
      this.misses[i] = 0
      this.asked[i] = source
      return ""
    } catch (error) {
      this.misses[i] = MISSES
      return (error as Error).message
    }
  }
}

/** Sets sensors up again that do not answer, for ever. */
export async function tend(sensing: Sensing, clock: Clock): Promise<void> {
  for (;;) {
    await clock.sleep(TEND_MS)
    for (let i = 0; i < sensing.misses.length; i++) if ((sensing.misses[i] as number) >= MISSES) await sensing.setUp(i)
  }
}
