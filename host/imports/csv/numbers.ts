const POWERS = Array.from({ length: 23 }, (_, n) => 10 ** n)
const EXACT = 2 ** 53
const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/
const WHOLE = /^[-+]?\d+$/
/** What programs write where a number is missing. */
const NONE = /^(?:-|n\/a|#n\/a|na|null|none|<na>)$/i

/** What a cell is that is no plain decimal number. */
type Word = "nan" | "none" | "rounded" | "text"

/**
 * A decimal number in a text, in f64 as `Number` reads it.
 * @param mark the decimal mark's code
 * @returns NaN for everything else, also for what `wordOf` takes for a number
 */
export function decimalOf(text: string, from: number, to: number, mark: number): number {
  let i = from
  const sign = text.charCodeAt(i)
  if (sign === 0x2d || sign === 0x2b) i++
  let whole = 0
  let point = -1
  const begin = i
  for (; i < to; i++) {
    const code = text.charCodeAt(i)
    const digit = code - 0x30
    if (digit >= 0 && digit <= 9) {
      whole = whole * 10 + digit
      continue
    }
    if (code !== mark || point >= 0) return slowDecimal(text.slice(from, to), mark)
    point = i
  }
  const decimals = point < 0 ? 0 : to - point - 1
  // A whole number below 2^53 over a power of ten up to 10^22 is rounded once: it is the nearest f64.
  if (whole >= EXACT || decimals > 22 || to - begin <= (point < 0 ? 0 : 1)) return slowDecimal(text.slice(from, to), mark)
  const size = decimals === 0 ? whole : whole / (POWERS[decimals] as number)
  return sign === 0x2d ? -size : size
}

function slowDecimal(text: string, mark: number): number {
  const plain = pointed(text, mark)
  if (!DECIMAL.test(plain)) return Number.NaN
  const value = Number(plain)
  return WHOLE.test(plain) && !keeps(value, plain) ? Number.NaN : value
}

function pointed(text: string, mark: number): string {
  const trimmed = text.trim()
  return mark === 0x2e ? trimmed : trimmed.replace(String.fromCharCode(mark), ".")
}

/** True if the f64 shows the digits of a whole number: below 2^53, and where the number itself is the short form of an f64. */
function keeps(value: number, text: string): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && String(value) === text.replace("+", ""))
}

/** The infinity that a cell names, else NaN. */
export function infinityOf(text: string): number {
  const [, sign] = /^\s*([-+]?)inf(?:inity)?\s*$/i.exec(text) ?? []
  return sign === undefined ? Number.NaN : sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

/** What a cell is for which `decimalOf` gives NaN: a missing number, the value NaN, an integer that f64 would round, or words. */
export function wordOf(text: string): Word {
  const trimmed = text.trim()
  if (/^[-+]?nan$/i.test(trimmed)) return "nan"
  if (trimmed === "" || NONE.test(trimmed)) return "none"
  return WHOLE.test(trimmed) ? "rounded" : "text"
}

/** A 64-bit integer; null for everything else. */
export function bigOf(text: string, isSigned: boolean): bigint | null {
  const trimmed = text.trim()
  if (!WHOLE.test(trimmed)) return null
  const value = BigInt(trimmed.replace("+", ""))
  return (isSigned ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value ? value : null
}

/** ns of a decimal number of seconds, exact; null for everything else. @param tick seconds per unit, a power of ten from 1 to 1e-9 */
export function decimalNs(text: string, tick: number, mark: number): bigint | null {
  const [, sign, whole = "", fraction = ""] = /^([-+]?)(\d*)(?:\.(\d*))?$/.exec(pointed(text, mark)) ?? []
  if (sign === undefined || whole + fraction === "") return null
  const digits = 9 - Math.round(-Math.log10(tick))
  const size = BigInt(whole + fraction.slice(0, digits).padEnd(digits, "0"))
  return sign === "-" ? -size : size
}
