import { UsageError } from "../model/errors.js"

/** A point in time as a user writes it: seconds from the log's start, seconds before its end, or ns since 1970 UTC. */
export type TimePoint =
  | { readonly from: "start"; readonly seconds: number }
  | { readonly from: "end"; readonly seconds: number }
  | { readonly from: "1970"; readonly ns: bigint }

const UNIT_SECONDS: Readonly<Record<string, number>> = { d: 86400, h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 }
const DURATION = /^(?:\d+(?:\.\d+)?(?:d|h|ms|us|ns|m|s))+$/
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|z|[+-]\d\d:\d\d)?)?$/

/**
 * Reads `12.5` (seconds from the start), `1m30s`, `6:00` (m:ss), `1:02:03` (h:mm:ss), `-10s` (before the end), `@1700000000` (Unix seconds) or
 * RFC 3339; a date without an offset is UTC.
 * @throws UsageError
 */
export function parseTimePoint(text: string): TimePoint {
  if (text.startsWith("@")) return { from: "1970", ns: unixNs(text) }
  const instant = INSTANT.exec(text)
  if (instant !== null) return { from: "1970", ns: instantNs(text, instant) }
  const before = text.startsWith("-")
  const seconds = parseDuration(before ? text.slice(1) : text)
  if (seconds === null) throw notATime(text)
  return { from: before ? "end" : "start", seconds }
}

/** As a stopwatch and the axis of a plot show it: `m:ss` or `h:mm:ss`. */
const CLOCK = /^(?:(\d+):(?=\d\d:))?(\d+):(\d\d(?:\.\d+)?)$/

function clockSeconds(text: string): number | null {
  const [, hours, minutes, seconds] = CLOCK.exec(text) ?? []
  if (minutes === undefined || Number(seconds) >= 60 || (hours !== undefined && Number(minutes) >= 60)) return null
  return Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds)
}

/** Seconds of `12.5`, `1m30s`, `250ms`, `6:00`, `1:02:03`; null if it is no duration. */
export function parseDuration(text: string): number | null {
  if (/^\d+(?:\.\d*)?$|^\.\d+$/.test(text)) return Number(text)
  if (!DURATION.test(text)) return clockSeconds(text)
  let sum = 0
  for (const [, digits, unit] of text.matchAll(/(\d+(?:\.\d+)?)(d|h|ms|us|ns|m|s)/g)) {
    sum += Number(digits) * (UNIT_SECONDS[unit as string] as number)
  }
  return sum
}

function instantNs(text: string, parts: RegExpExecArray): bigint {
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = parts
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  const real = new Date(ms)
  // Date.UTC rolls the 31st of April over to May; a day that does not exist is a typing error.
  const rolled = real.getUTCMonth() + 1 !== Number(month) || real.getUTCDate() !== Number(day)
  if (rolled || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    throw new UsageError(`"${text}" is not a date that exists`)
  }
  const offset = /^[+-]/.test(zone) ? Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)) : 0
  const sign = zone.startsWith("-") ? -1 : 1
  return BigInt(ms - sign * offset * 60_000) * 1_000_000n + BigInt(fraction.padEnd(9, "0"))
}

function unixNs(text: string): bigint {
  const parts = /^@(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(text)
  if (parts === null) throw notATime(text)
  const ns = BigInt(parts[2] as string) * 1_000_000_000n + BigInt((parts[3] ?? "").padEnd(9, "0"))
  return parts[1] === "-" ? -ns : ns
}

function notATime(text: string): UsageError {
  return new UsageError(`"${text}" is not a time`, {
    hint: "12.5, 1m30s, 6:00 (min:s), 1:02:03, -10s (from the end), @1700000000 or 2026-11-21T12:00:00Z",
  })
}

/** The date of ns since 1970 UTC; null beyond the years that a `Date` has. */
export function dateOf(ns: bigint): Date | null {
  const date = new Date(Number(ns / 1_000_000n))
  return Number.isNaN(date.getTime()) ? null : date
}

/** RFC 3339 in UTC: `2026-11-21T12:34:56.789Z`, with 3, 6 or 9 decimals as the value needs. */
export function instantText(ns: bigint): string {
  const fraction = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  const date = new Date(Number((ns - fraction) / 1_000_000n))
  if (Number.isNaN(date.getTime())) return `${ns} ns since 1970`
  const digits = String(fraction).padStart(9, "0")
  const kept = digits.endsWith("000000") ? 3 : digits.endsWith("000") ? 6 : 9
  return `${date.toISOString().slice(0, 19)}.${digits.slice(0, kept)}Z`
}

/** `1 h 02 min 03 s`, `2 min 05.5 s`, `12.345 s`, `350 us`. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return String(seconds)
  if (seconds < 0) return `-${durationText(-seconds)}`
  if (seconds === 0) return "0 s"
  if (seconds < 1e-3) return `${short(seconds * 1e6)} us`
  if (seconds < 1) return `${short(seconds * 1e3)} ms`
  if (seconds < 60) return `${short(seconds)} s`
  const whole = Math.round(seconds * 1000) / 1000
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${two(whole - minutes * 60)} s`
  const rounded = Math.round(seconds)
  const hours = Math.floor(rounded / 3600)
  const clock = `${two(Math.floor((rounded % 3600) / 60))} min ${two(rounded % 60)} s`
  if (hours < 48) return `${hours} h ${clock}`
  return `${Math.floor(hours / 24)} d ${two(hours % 24)} h ${two(Math.floor((rounded % 3600) / 60))} min`
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)))
}

function two(value: number): string {
  const text = String(Number(value.toFixed(3)))
  return value < 10 ? `0${text}` : text
}
