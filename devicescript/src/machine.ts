import type { Clock, SpiBus } from "../../shared/card/bus.js"
import type { Source } from "./source.js"
import type { Status } from "./status.js"

/** What the logger may be told. */
export interface Config {
  /** `meteor` or `ddff`. */
  format: string
  /** No row waits longer than this for the card, ms. */
  flushMs: number
  /** Size of a log file; the next one begins when it is full. */
  fileBytes: number
  /** Sectors between the samplers and the card, 528 bytes each. */
  slots: number
  /** Fastest SPI clock. */
  hz: number
}

/** What differs between a board and the simulator. */
export interface Machine {
  config: Config
  bus: SpiBus
  clock: Clock
  /** Sources in the order of the channel list. */
  sources: (status: Status) => Source[]
  /** Tells the person at the board how it goes. */
  show: (state: string) => void
  /** True when the log shall be closed. */
  stopped: () => boolean
  /** 32 random bits, as an int32. */
  random: () => number
  /** Bytes to set aside at boot so that calls find a small heap: see memory.ts. */
  ballast: number
}
