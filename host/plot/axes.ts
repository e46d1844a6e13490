/** A mark on an axis. */
interface Tick {
  readonly at: number
  readonly label: string
}

/** Steps that people count time in, seconds: below a second and beyond a day by powers of ten. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400]
/** Seconds beyond which a time is read as seconds since 1970. */
const CALENDAR = 1e8
/** A date holds no more seconds. */
const LAST_DATE = 8.64e12
/** Decimals of a label; a smaller step is written with a power of ten. */
const MOST_DECIMALS = 12
const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

/**
 * Marks on a time axis, about `wanted` of them, on round times: seconds, `m:ss`, `h:mm:ss`, days, or dates (UTC) for
 * times since 1970.
 */
export function timeTicks(from: number, to: number, wanted: number): Tick[] {
  const raw = (to - from) / Math.max(1, wanted)
  const step =
    raw < 1
      ? decimalStep(raw)
      : raw > DAY
        ? DAY * Math.ceil(decimalStep(raw / DAY))
        : (TIME_STEPS.find((each) => each >= raw * 0.999) as number)
  return marks(from, to, step).map((at) => ({ at, label: timeLabel(at, step, from, to) }))
}

/** Times since 1970 that a calendar has. */
function isDates(from: number, to: number): boolean {
  return from > CALENDAR && to < LAST_DATE
}

function timeLabel(at: number, step: number, from: number, to: number): string {
  if (isDates(from, to)) return dateLabel(at, step)
  const size = Math.abs(at)
  const sign = at < 0 ? "−" : ""
  const digits = step < 1 ? Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) : 0
  if (Math.max(Math.abs(from), Math.abs(to)) <= 2 * MINUTE || step < 1)
    return sign + (digits > MOST_DECIMALS ? size.toExponential(2) : size.toFixed(digits))
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0")
  if (Math.max(Math.abs(from), Math.abs(to)) < HOUR) return `${sign}${Math.floor(size / MINUTE)}:${two(size % MINUTE)}`
  if (Math.max(Math.abs(from), Math.abs(to)) < 2 * DAY) {
    const seconds = step < MINUTE ? `:${two(size % MINUTE)}` : ""
    return `${sign}${Math.floor(size / HOUR)}:${two((size % HOUR) / MINUTE)}${seconds}`
  }
  if (step >= DAY) return `${sign}${Math.round(size / DAY)} d`
  const seconds = step < MINUTE ? `:${two(size % MINUTE)}` : ""
  return `${sign}${Math.floor(size / DAY)} d ${two((size % DAY) / HOUR)}:${two((size % HOUR) / MINUTE)}${seconds}`
}

function dateLabel(at: number, step: number): string {
  const text = new Date(at * 1000).toISOString()
  if (step >= DAY) return text.slice(0, 10)
  if (step >= MINUTE) return at % DAY === 0 ? text.slice(5, 10) : text.slice(11, 16)
  return step >= 1 ? text.slice(11, 19) : text.slice(11, 23)
}

/** What stands under a time axis. */
export function timeAxisTitle(from: number, to: number): string {
  if (isDates(from, to)) return `UTC, from ${new Date(from * 1000).toISOString().slice(0, 10)}`
  const most = Math.max(Math.abs(from), Math.abs(to))
  if (most <= 2 * MINUTE) return "time in s"
  if (most < HOUR) return "time in min:s"
  return most < 2 * DAY ? "time in h:min" : "time in days"
}

/** A value axis: its marks, and the number that all labels count from where the values lie far from 0 and close together. */
interface ValueAxis {
  readonly ticks: Tick[]
  /** `from 1754764800`; empty where labels are the values themselves. */
  readonly offset: string
}

/** Most digits of a label; values that need more to be told apart are counted from an offset. */
const MOST_DIGITS = 6

/** Marks on a value axis, about `wanted` of them, on 1, 2 or 5 times a power of ten. Their labels differ. */
export function valueAxis(from: number, to: number, wanted: number): ValueAxis {
  // Rather some more marks than only two.
  const step = decimalStep((0.75 * (to - from)) / Math.max(1, wanted))
  const places = marks(from, to, step).filter((at, i, all) => i === 0 || at > (all[i - 1] as number))
  const most = Math.max(Math.abs(from), Math.abs(to))
  const base = Math.log10(most / step) > MOST_DIGITS ? offsetOf(from, to) : 0
  const power = powerOf(base === 0 ? most : to - base)
  const digits = Math.max(0, -Math.floor(Math.log10(step) - power + 1e-9))
  const ticks = places.map((at) => ({ at, label: `${base === 0 ? "" : "+"}${valueLabel(at - base, power, digits)}` }))
  return { ticks, offset: base === 0 ? "" : `from ${String(base).replace("-", "−")}` }
}

/** The round number below a range: its digits are those that all values share. */
function offsetOf(from: number, to: number): number {
  const unit = 10 ** Math.ceil(Math.log10(to - from))
  return Number((Math.floor(from / unit) * unit).toPrecision(15))
}

function powerOf(most: number): number {
  return most >= 1e6 || most < 1e-3 ? Math.floor(Math.log10(most || 1)) : 0
}

/** The marks of `valueAxis` where an offset has no place, as for numbers of rows. */
export function valueTicks(from: number, to: number, wanted: number): Tick[] {
  return valueAxis(from, to, wanted).ticks
}

function valueLabel(at: number, power: number, digits: number): string {
  const size = Math.abs(at / 10 ** power)
  const text = size.toFixed(Math.min(digits, MOST_DECIMALS))
  const isZero = Number(text) === 0
  return `${at < 0 && !isZero ? "−" : ""}${text}${power === 0 || isZero ? "" : `e${power}`}`
}

/** A range that gives values room, on marks of its own where it is flat. */
export function paddedRange(low: number, high: number): { from: number; to: number } {
  if (!(low <= high)) return { from: 0, to: 1 }
  const room = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.06
  return { from: low - room, to: high + room }
}

/** 1, 2 or 5 times a power of ten, at least `raw`. */
function decimalStep(raw: number): number {
  if (!(raw > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(raw))
  const digit = [1, 2, 5, 10].find((each) => each * power >= raw * 0.999) ?? 10
  return digit * power
}

function marks(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step - 1e-9)
  const last = Math.floor(to / step + 1e-9)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(15)))
}
