import { UsageError } from "../../model/errors.js"

/** A naive time: whole seconds since 1970-01-01 00:00:00 of the same unnamed zone, and nanoseconds. */
export interface Moment {
  readonly seconds: number
  readonly nanos: number
}

export const DAY_SECONDS = 86_400

/** Days since 1970 of a date of the Gregorian calendar. */
export function dayNumber(year: number, month: number, day: number): number {
  // Years begin in March: the leap day is the last one.
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const ofEra = y - era * 400
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

/** Days of a month; 0 if the month is not 1 to 12. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [31, 0, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
}

/** `YYYY-MM-DD` of a day since 1970. */
export function dayText(day: number): string {
  return new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10)
}

const TIME = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?)?$/

/**
 * Reads `YYYY-MM-DD HH:MM:SS[.f]`, with a blank or a `T`; a bare date is its first second.
 * @returns null for what is no time of the calendar
 */
export function parseMoment(text: string): (Moment & { readonly isDate: boolean }) | null {
  const match = TIME.exec(text)
  if (match === null) return null
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (day < 1 || day > daysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return null
  const seconds = dayNumber(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second
  return { seconds, nanos: Number((match[7] ?? "").padEnd(9, "0")), isDate: match[4] === undefined }
}

/** As `parseMoment`, for what a user typed. @throws UsageError */
export function momentFrom(text: string, what = "time"): Moment & { readonly isDate: boolean } {
  const moment = parseMoment(text)
  if (moment !== null) return moment
  throw new UsageError(`${what} ${JSON.stringify(text)} is none, expected YYYY-MM-DD or YYYY-MM-DD HH:MM:SS`, { format: "libarray" })
}

/** `YYYY-MM-DD HH:MM:SS`, with `digits` digits of the second (0: no fraction; the rest is cut). */
export function momentText({ seconds, nanos }: Moment, digits = 0): string {
  const text = new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")
  return digits === 0 ? text : `${text}.${String(nanos).padStart(9, "0").slice(0, digits)}`
}

/** Digits of a second that show all of `nanos`. */
export function digitsOf(nanos: number): number {
  return nanos === 0 ? 0 : String(nanos).padStart(9, "0").replace(/0+$/, "").length
}

/** The moment of a tick: ns since 1970 of the naive time. */
export function tickMoment(tick: bigint): Moment {
  const nanos = ((tick % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  return { seconds: Number((tick - nanos) / 1_000_000_000n), nanos: Number(nanos) }
}

/** Negative, 0 or positive as `a` is before, at or after `b`. */
export function compareMoments(a: Moment, b: Moment): number {
  return a.seconds - b.seconds || a.nanos - b.nanos
}
