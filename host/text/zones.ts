import { UsageError } from "../model/errors.js"
import { meantText } from "./asked.js"

const NS = 1_000_000_000n
/** Zones change their clocks on the quarter hour: one look at the calendar serves all times of it. */
const QUARTER = 900
const DAY = 86_400

/** The instants (seconds since 1970 UTC) at which a zone's clock showed a time: the same twice, but for the hour that it repeated. */
interface Reading {
  readonly first: number
  readonly second: number
  /** The clock never showed this time: it was set forward over it. */
  readonly isSkipped: boolean
}

/** The wall clock of a time zone. Costs the calendar only where the quarter hour changes. */
export class ZoneClock {
  private readonly calendar: Intl.DateTimeFormat
  private readonly isUtc: boolean
  private shownQuarter = Number.NaN
  private shownOffset = 0n
  private meantQuarter = Number.NaN
  private meant = { first: 0, second: 0, isSkipped: false }

  /** @param name IANA name @throws UsageError if there is no such zone */
  constructor(readonly name: string) {
    this.calendar = calendarOf(name)
    this.isUtc = name === "UTC"
  }

  /** What the clock shows at an instant, both in ns since 1970. */
  shown(instant: bigint): bigint {
    if (this.isUtc) return instant
    const here = Math.floor(Number(instant / NS) / QUARTER)
    if (here !== this.shownQuarter) {
      this.shownQuarter = here
      this.shownOffset = BigInt(this.offsetAt(here * QUARTER)) * NS
    }
    return instant + this.shownOffset
  }

  /** When the clock showed a time, in seconds since 1970. A time that it skipped is read as if it had not been set forward yet. */
  read(shown: number): Reading {
    if (this.isUtc) return { first: shown, second: shown, isSkipped: false }
    const here = Math.floor(shown / QUARTER)
    if (here !== this.meantQuarter) {
      this.meantQuarter = here
      this.meant = this.offsetsOf(here * QUARTER)
    }
    const { first, second, isSkipped } = this.meant
    return { first: shown - first, second: shown - second, isSkipped }
  }

  private offsetsOf(shown: number): Reading {
    const around = [this.offsetAt(shown - DAY), this.offsetAt(shown + DAY)] as const
    const [first, second = first] = around.filter((offset) => this.offsetAt(shown - offset) === offset)
    return first === undefined || second === undefined
      ? { first: around[0], second: around[0], isSkipped: true }
      : { first, second, isSkipped: false }
  }

  /** Seconds that the zone is ahead of UTC. */
  private offsetAt(utc: number): number {
    const part: Record<string, number> = {}
    for (const { type, value } of this.calendar.formatToParts(utc * 1000)) part[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - utc
  }
}

/** The instants of a row of times that a clock showed one after the other: in the hour that it repeats, a step back begins the second one. */
export class ZoneReader {
  private previous = Number.NEGATIVE_INFINITY
  private readonly clock: ZoneClock
  /** Of the last time read: the clock never showed it, or showed it twice. */
  isSkipped = false
  isRepeated = false

  /** @throws UsageError if there is no such zone */
  constructor(name: string) {
    this.clock = new ZoneClock(name)
  }

  get name(): string {
    return this.clock.name
  }

  /** Seconds since 1970 UTC of the next time. */
  next(shown: number): number {
    const { first, second, isSkipped } = this.clock.read(shown)
    this.isSkipped = isSkipped
    this.isRepeated = first !== second
    this.previous = first < this.previous && second >= this.previous ? second : first
    return this.previous
  }
}

const clocks = new Map<string, ZoneClock>()

/** The clock of a zone that was named before. @throws UsageError if there is no such zone */
export function zoneClock(name: string): ZoneClock {
  const clock = clocks.get(name) ?? new ZoneClock(name)
  clocks.set(name, clock)
  return clock
}

function calendarOf(name: string): Intl.DateTimeFormat {
  const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name, hourCycle: "h23", ...parts })
  } catch {
    throw new UsageError(`no time zone ${JSON.stringify(name)}${meantText(name, Intl.supportedValuesOf("timeZone"))}`, {
      format: "libarray",
      hint: "an IANA name, as Europe/Berlin",
    })
  }
}
