import type { FormatName } from "../model/log.js"

/** The sectors of one log, one after the other. */
export interface Trail {
  readonly format: FormatName
  /** Of its file's name, without dot. */
  readonly extension: string
  /** True when it tells its own sectors from others; else it goes on to the next log. */
  readonly certain: boolean
  readonly session: number | null
  /** The number in its name, or null. */
  readonly number: number | null
  /** Sectors up to the last one that surely belongs to it. */
  readonly sectors: number
  /** Sectors before that which are damaged. */
  readonly damaged: number
  /** True in the middle of a block: a sector of one byte alone is its padding. */
  readonly inside: boolean
  /** Looks at the next sector. @returns false when the log has ended before it */
  take(sector: Uint8Array): boolean
}
