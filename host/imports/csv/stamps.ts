/** How the parts of a date follow one another. */
export type DateOrder = "ymd" | "dmy" | "mdy"

const NS = 1_000_000_000n
const DATE = /^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})$/
const STAMP =
  /^\s*(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})(?:(?:[Tt]|,? +)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,:](\d{1,9}))?)?\s*([AaPp][Mm])?)?\s*(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?\s*$/
const CLOCK = /^\s*(?:(\d{1,3}):)?(\d{1,2}):(\d\d)(?:[.,](\d{1,9}))?\s*$/

/** A date with a time of day. */
interface Stamp {
  /** ns since 1970: of UTC where a zone stands behind it, else on a clock without one. */
  readonly ns: bigint
  readonly hasZone: boolean
}

/**
 * Reads dates with times: RFC 3339 and what spreadsheets and pandas make of it: `2025-08-09 18:40:00.5+00:00`, `9.8.2025 18:40:00`,
 * `8/9/2025 6:40:00 PM`. A date alone is its midnight.
 */
export class StampReader {
  private lastDate = ""
  private lastDay: bigint | null = null

  constructor(private readonly order: DateOrder) {}

  /** @returns null for everything that is no such time */
  read(text: string): Stamp | null {
    const parts = STAMP.exec(text)
    if (parts === null) return null
    const [, date = "", hours = "0", minutes = "0", seconds = "0", fraction = "", half, zone] = parts
    const day = this.dayOf(date)
    const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half.toLowerCase() === "pm" ? 12 : 0)
    if (day === null || hour > 24 || Number(minutes) > 59 || Number(seconds) > 60) return null
    const clock = hour * 3600 + Number(minutes) * 60 + Number(seconds) - offsetOf(zone)
    return { ns: day + BigInt(clock) * NS + fractionNs(fraction), hasZone: zone !== undefined }
  }

  /** ns from 1970 to a day. The day of the row before is mostly that of the next. */
  private dayOf(date: string): bigint | null {
    if (date === this.lastDate) return this.lastDay
    this.lastDate = date
    this.lastDay = dayNs(date, this.order)
    return this.lastDay
  }
}

function fractionNs(digits: string): bigint {
  return digits === "" ? 0n : BigInt(Number(digits.padEnd(9, "0")))
}

/** Seconds that a zone is ahead of UTC. */
function offsetOf(zone: string | undefined): number {
  const [, sign, hours, minutes = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? "") ?? []
  return sign === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
}

function dayNs(date: string, order: DateOrder): bigint | null {
  const [, first = "", , second = "", third = ""] = DATE.exec(date) ?? []
  const isYearFirst = first.length === 4
  if (!isYearFirst && third.length !== 4) return null
  const [year, month, day] = (isYearFirst ? [first, second, third] : order === "mdy" ? [third, first, second] : [third, second, first]).map(
    Number,
  ) as [number, number, number]
  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, day)
  // `Date` rolls the 31st of April over to May.
  return at.getUTCMonth() + 1 === month && at.getUTCDate() === day ? BigInt(at.getTime()) * 1_000_000n : null
}

/**
 * How dates are written: with points the day comes first; with slashes the first part is the month, unless a date says otherwise.
 * @returns `isSure` false where every date could be read both ways
 */
export function dateOrderOf(cells: readonly string[]): { order: DateOrder; isSure: boolean } {
  const dates = cells.flatMap((cell) => {
    const [, date = ""] = STAMP.exec(cell) ?? []
    const parts = DATE.exec(date)
    return parts === null ? [] : [parts]
  })
  if (dates.every(([, first = ""]) => first.length === 4)) return { order: "ymd", isSure: true }
  if (dates.some(([, , mark]) => mark === ".")) return { order: "dmy", isSure: true }
  if (dates.some(([, first]) => Number(first) > 12)) return { order: "dmy", isSure: true }
  return { order: "mdy", isSure: dates.some(([, , , second]) => Number(second) > 12) }
}

/** ns of a time of day or of a stopwatch, `h:mm:ss` or `m:ss` with decimals; null for everything else. */
export function clockNs(text: string): bigint | null {
  const [, hours = "0", minutes, seconds, fraction = ""] = CLOCK.exec(text) ?? []
  if (minutes === undefined || Number(seconds) > 59) return null
  return BigInt(Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * NS + fractionNs(fraction)
}

/** True for a date with or without a time of day, in any order. */
export function isStamp(text: string): boolean {
  return new StampReader("dmy").read(text) !== null || new StampReader("mdy").read(text) !== null
}
