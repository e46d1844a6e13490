import type { Clock, SpiBus } from "../../shared/card/bus.js"
import type { Settings } from "../../shared/settings.js"
import type { Source } from "./source.js"
import type { Status } from "./status.js"

/** What differs between a board and the simulator. */
export interface Machine {
  /** What holds where the card has no `LOGGER.CFG` that says otherwise. */
  settings: Settings
  /** Sectors between the samplers and the card, 528 bytes each. */
  slots: number
  /** Fastest SPI clock, Hz. */
  hz: number
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
