import type { Settings } from "../../shared/logger/settings.js"
import { sectorRate } from "./sector-rate.js"

const SECTOR = 512
const DAY = 86_400
const YEAR = 365.25

/** Above this many sectors a second the board writes a stream that it confirms every flush interval; below, each sector by itself. */
const STREAM_ABOVE = 20
/** A confirmed write makes a card program a whole flash page, however few sectors it brings: pages of today's cards. */
const PAGE = 16 * 1024
/** Rewrites that a plain card's flash (TLC) is good for. */
const REWRITES = 500

/** What a card has before it with some settings. */
export interface Outlook {
  readonly sectorsPerSecond: number
  readonly bytesPerDay: number
  /** Days until the free space is used; infinite when nothing is logged. */
  readonly daysUntilFull: number
  /**
   * Years until the flash is worn out, estimated: each confirmed write costs a page of 16 KiB beside the data, and the card bears
   * 500 rewrites. Cards differ much, and hold more when they are sold for endurance.
   */
  readonly yearsOfLife: number
}

/** @param capacity bytes that the card spreads its writes over @param free bytes for logs */
export function outlook(settings: Settings, capacity: number, free: number): Outlook {
  const sectorsPerSecond = sectorRate(settings)
  const bytesPerDay = sectorsPerSecond * SECTOR * DAY
  const confirmedPerSecond = sectorsPerSecond > STREAM_ABOVE ? 1000 / settings.flushMs : sectorsPerSecond
  const wornPerDay = bytesPerDay + confirmedPerSecond * PAGE * DAY
  return {
    sectorsPerSecond,
    bytesPerDay,
    daysUntilFull: free / bytesPerDay,
    yearsOfLife: (capacity * REWRITES) / wornPerDay / YEAR,
  }
}
