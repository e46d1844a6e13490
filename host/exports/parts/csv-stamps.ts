import { UsageError } from "../../model/errors.js"
import type { Chunk, Group, Log } from "../../model/log.js"
import { instantsOf, NO_INSTANT } from "../../model/time.js"
import { instantText } from "../../text/times.js"
import { zoneClock } from "../../text/zones.js"

/**
 * How rows say when they were: `seconds` from the log's start; a date with its time in `utc` or on this machine's clock (`local`), as
 * spreadsheets read it; `iso`, RFC 3339 in UTC.
 */
export const TIME_LOOKS = ["seconds", "utc", "local", "iso"] as const
type TimeLook = (typeof TIME_LOOKS)[number]

/** Times of rows as dates. */
export interface Stamps {
  /** What the times count in or by: the unit of their column. */
  readonly unit: string
  /** The texts of a chunk's rows; empty for a row without a time. */
  of(group: Group, chunk: Chunk): (row: number) => string
}

/** @returns null for `seconds` @throws UsageError if the log does not say when it started */
export function stampsOf(log: Log, look: TimeLook): Stamps | null {
  if (look === "seconds") return null
  if (log.start === null) {
    throw new UsageError("the log does not say when it started, so its rows have no dates", { hint: "use seconds from the start" })
  }
  const zone = look === "local" ? new Intl.DateTimeFormat().resolvedOptions().timeZone : "UTC"
  const clock = zoneClock(zone)
  const text = (ns: bigint) => (look === "iso" ? instantText(ns) : instantText(clock.shown(ns)).replace("T", " ").replace("Z", ""))
  return {
    unit: look === "iso" ? "" : zone,
    of: (group, chunk) => {
      const column = instantsOf(log, group, chunk)
      return (row) => (column[row] === NO_INSTANT ? "" : text(column[row] as bigint))
    },
  }
}
