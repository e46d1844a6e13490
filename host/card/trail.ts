import type { FormatName } from "../model/log.js"

/** The sectors of one log, one after the other. */
export interface Trail {
  readonly format: FormatName
  /** Extension of the file's name, without the dot. */
  readonly extension: string
  /** True if it can tell its own sectors from others; if not, it goes on to the next log. */
  readonly certain: boolean
  readonly session: number | null
  /** The number in its name, or null. */
  readonly number: number | null
  /** Sectors up to the last one that surely belongs to it. */
  readonly sectors: number
  /** Damaged sectors among them. */
  readonly damaged: number
  /** True in the middle of a block, where a sector of a single byte value is padding. */
  readonly inside: boolean
  /** Looks at the next sector. @returns false if the log ended before it */
  take(sector: Uint8Array): boolean
}
