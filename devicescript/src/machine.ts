import type { Clock, SpiBus } from "../../shared/card/bus.js"
import type { Settings } from "../../shared/logger/settings.js"
import type { Source } from "./source.js"
import type { Status } from "./status.js"

/** Knows the time of day, or may. */
export interface WallClock {
  /** What the log says of the time: 2 a clock chip, 3 the network. */
  kind: number
  /** The time, `2026-11-21 22:45:00`; empty when it is not known. */
  read: () => Promise<string>
  /** Is told the time that others know, when it does not know it. */
  set: (time: string) => Promise<void>
}

/** What differs between a board and the simulator. */
export interface Machine {
  /** What holds where the card has no `LOGGER.CFG` that says otherwise. */
  settings: Settings
  /** The board's own settings, as one line of `LOGGER.CFG`'s with `;` between; empty for none. The card's go before them. */
  flash: () => Promise<string>
  /** Sectors between the samplers and the card, 528 bytes each. */
  slots: number
  /** Fastest SPI clock, Hz. */
  hz: number
  bus: SpiBus
  clock: Clock
  /** Where the time can be learnt, in the order in which they are asked. */
  wallClocks: WallClock[]
  /** Sources in the order of the channel list. */
  sources: (status: Status) => Source[]
  /** Tells the person at the board how it goes. */
  show: (state: string) => void
  /** True while the log shall be closed. */
  stopped: () => boolean
  /** Starts the board anew, its clock from 0. A machine that cannot do it by itself returns. */
  restart: () => void
  /** 32 random bits, as an int32. */
  random: () => number
  /** Bytes to set aside at boot so that calls find a small heap: see memory.ts. */
  ballast: number
}
