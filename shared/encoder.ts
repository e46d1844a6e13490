import type { Sector } from "./card/ring.js"

/**
 * Stores one row into its sector.
 * @param sector has room: `sector.at` is at most the row's `last`
 * @param tick ms since the log's start with its four bytes swapped, as an int32: both formats have it big-endian
 * @param values raw values, one a channel, each within its wire type
 */
export type Put = (sector: Sector, tick: number, values: number[]) => void

/** One group's way into the log. */
export interface Row {
  readonly put: Put
  /** Groups share a sector (Meteor) or have their own (ddff). */
  readonly sector: Sector
  /** Greatest `sector.at` at which a row still fits. */
  readonly last: number
}

/** What a log file says about itself. */
export interface LogInfo {
  /** Random number that tells this file's sectors from stale ones. */
  session: number
  /** Number in the file's name. */
  number: number
  /** Local time of tick 0, `2026-11-21 22:45:00`; empty when unknown. */
  start: string
}

/**
 * A format as the logger sees it: rows in, sealed sectors out. Sectors in the ring belong to no file yet:
 * `finish` gives one its place, so rotation and another card need nothing from the samplers.
 */
export interface Encoder {
  /** `MET` or `DDF`. */
  readonly extension: string
  /** One a group, in the order of the channel list. */
  readonly rows: Row[]
  /** Queues a full sector and opens the next. @returns false when the ring has no slot: the row is lost. */
  turn(sector: Sector, now: number): boolean
  /** Queues every sector whose first row is `age` ms old or older. 0 queues all. */
  flush(now: number, age: number): void
  /** Writes the file's leading sector `n` into a slot. @returns false when there is no such sector. */
  lead(slot: Buffer, n: number, info: LogInfo): boolean
  /** Completes a sealed sector for its place in the file. @param sum the CRC from the ring @param n number of the sector in the file */
  finish(slot: Buffer, sum: number, session: number, n: number): void
}
