import { UsageError } from "../../model/errors.js"

/**
 * Seconds that a zone is ahead of UTC at a naive time of its own clock. In the hour that a clock repeats, the earlier reading counts.
 * @param tz IANA name
 * @throws UsageError if the zone is unknown
 */
export function zoneOffset(tz: string, naiveSeconds: number): number {
  const clock = clockOf(tz)
  const guess = naiveSeconds - offsetAt(clock, naiveSeconds)
  return offsetAt(clock, naiveSeconds - offsetAt(clock, guess))
}

function clockOf(tz: string): Intl.DateTimeFormat {
  const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: tz, hourCycle: "h23", ...parts })
  } catch {
    throw new UsageError(`no time zone ${JSON.stringify(tz)}`, { format: "libarray", hint: "an IANA name, as Europe/Berlin" })
  }
}

function offsetAt(clock: Intl.DateTimeFormat, utcSeconds: number): number {
  const part: Record<string, number> = {}
  for (const { type, value } of clock.formatToParts(utcSeconds * 1000)) part[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - utcSeconds
}

/** Turns ns since 1970 UTC into ns of a zone's naive time. @throws UsageError if the zone is unknown */
export function zoneShift(tz: string): (instant: bigint) => bigint {
  const clock = clockOf(tz)
  if (tz === "UTC") return (instant) => instant
  // Clocks change on the quarter hour: one look at the calendar serves all rows of it.
  let quarter = Number.NaN
  let offset = 0n
  return (instant) => {
    const here = Math.floor(Number(instant / 1_000_000_000n) / 900)
    if (here !== quarter) {
      quarter = here
      offset = BigInt(offsetAt(clock, here * 900)) * 1_000_000_000n
    }
    return instant + offset
  }
}
