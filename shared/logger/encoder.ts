import type { Sector } from "../card/ring.js"

/** Opens sectors: what the generated code needs of an encoder. */
export interface Turner {
  /** Queues the full sector of a place, if one is open there, and opens the next. @returns it, or one that is `FULL` when the ring has none to give */
  turn(place: number, now: number): Sector
}

/**
 * Stores one row of each given group of a part of the channel list: straight code, generated. Groups that have one rate in the list are a part, for
 * they are sampled together unless the card's settings say otherwise. There are two for part n: the one at 2n for when all of them have a row, the
 * one at 2n + 1 looks which are given.
 * @param sectors the open sectors by place: one for all groups (Meteor, btsf) or one a group (ddff)
 * @param given one a group: it has a row now
 * @param values raw values of each group, one a channel, each within its wire type
 * @param tick ms since the log's start with its four bytes swapped, as an int32: Meteor and ddff have it big-endian
 * @param now the same time in ms
 * @returns rows that are lost because the ring had no sector
 */
export type PutRows = (turner: Turner, sectors: Sector[], given: boolean[], values: number[][], tick: number, now: number) => number

/** What a log file says about itself. */
export interface LogInfo {
  /** Random number that tells this file's sectors from stale ones. */
  session: number
  /** Number in the file's name. */
  number: number
  /** The logger's own name; empty for none. */
  name: string
  /** Local time of tick 0, `2026-11-21 22:45:00`; empty when unknown. */
  start: string
}

/**
 * A format as the logger sees it: rows in, sealed sectors out. Sectors in the ring belong to no file yet:
 * `finish` gives one its place, so rotation and another card need nothing from the samplers.
 */
export interface Encoder extends Turner {
  /** `MET`, `DDF` or `BTS`. */
  readonly extension: string
  /** Stores one row of each given group of a part by its function at `which`, see `PutRows`. @returns rows that found no room */
  put(which: number, given: boolean[], values: number[][], tick: number, now: number): number
  /** Queues every sector whose first row is `age` ms old or older. 0 queues all. */
  flush(now: number, age: number): void
  /** Writes a file's leading sector `n` into a slot; the file before it may go on meanwhile. @returns false when there is no such sector. */
  lead(slot: Buffer, n: number, info: LogInfo): boolean
  /** Sectors that are finished from now on belong to a new file, behind its leading ones. */
  begin(): void
  /** Completes a sealed sector for its place in the file. @param n number of the sector in the file */
  finish(sector: Sector, session: number, n: number): void
}
