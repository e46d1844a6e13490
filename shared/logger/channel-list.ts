/**
 * What the logger can record: the words of the channel list.
 *
 * The board imports none of this: encoders, plan and side files are generated from it (`npm run gen`).
 * A group of one channel is logged on its own (a Meteor topic), larger ones together (a composite).
 */

/** Integers of fixed width: what both formats can carry and a sensor delivers. */
export type RawType = "u8" | "i8" | "u16" | "i16" | "u32" | "i32"

/** Where a group's raw values come from on the board. docs/sensors.md shows how to add a driver. */
export interface GroupSource {
  /** A file of devicescript/src/sensors, by its name; the function in it has the same name in camel case. */
  readonly driver: string
  /** What it is called with: numbers, lists of the board's pins by name, the board's I2C `bus`, the logger's own `status`. */
  readonly with: readonly (number | readonly string[] | "bus" | "status")[]
}

/** An integer wave plus noise in raw units, for the simulator: `offset + wave * amplitude + noise`. */
export interface Simulated {
  readonly wave: "sine" | "triangle" | "saw" | "square"
  readonly periodMs: number
  readonly amplitude: number
  readonly offset: number
  /** Greatest deviation of the noise. */
  readonly noise: number
}

export interface LoggedChannel {
  /** Unique over all groups. */
  readonly name: string
  readonly unit: string
  readonly type: RawType
  /** `physical = (raw + addition) / divisor * multiplier`; null where raw is physical. */
  readonly calibration: { readonly addition: number; readonly divisor: number; readonly multiplier: number } | null
  /** Null for channels that the logger itself fills. */
  readonly simulated: Simulated | null
}

export interface LoggedGroup {
  /** 1 to 15, never reused for something else: the formats' numbers follow from it. */
  readonly id: number
  /** A group of one channel is named like its channel. */
  readonly name: string
  /** Hz, at most 1000. */
  readonly rate: number
  readonly source: GroupSource
  /** The first channel is the supply in volts, for LOGGER.CFG's `low`. At most one group has it. */
  readonly battery?: true
  /** At most 15. */
  readonly channels: readonly LoggedChannel[]
}

/** A clock that the board asks at its start: a DS3231 on its I2C, or the `Date` of the web server at a host, by WiFi and plain HTTP. */
export type ClockSource = "ds3231" | { readonly http: string }
