/** `1,234,567`. */
export function countText(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ",")
}

/** `1 row`, `1,234 rows`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${countText(n)} ${n === 1 ? one : many}`
}

/** `512 bytes`, `1.5 kB`, `2.0 GB`, in powers of ten as disks are sold. */
export function bytesText(n: number): string {
  if (n < 1000) return counted(n, "byte")
  const units = ["kB", "MB", "GB", "TB"]
  let value = n / 1000
  let unit = 0
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value.toFixed(value < 100 ? 1 : 0)} ${units[unit]}`
}

/** A measured number with `digits` significant digits. Integers are written in full if they are short enough. */
export function numberText(value: number, digits = 6): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value < 0 ? "-inf" : "inf"
  const size = Math.abs(value)
  const most = 10 ** (digits + 2)
  if (Number.isInteger(value) && size < most) return String(value)
  if (size >= most || (size !== 0 && size < 1e-4)) return exponential(value, digits)
  return String(Number(value.toPrecision(digits)))
}

function exponential(value: number, digits: number): string {
  const text = value.toExponential(Math.max(0, digits - 2))
  return text.replace(/\.?0+e/, "e").replace("e+", "e")
}

/** `100 Hz`, `2.5 Hz`, `1.2 kHz`, `1 per 60 s`. */
export function rateText(perSecond: number): string {
  if (!Number.isFinite(perSecond) || perSecond <= 0) return ""
  if (perSecond < 0.1) return `1 per ${Number((1 / perSecond).toPrecision(3))} s`
  if (perSecond < 1e4) return `${Number(perSecond.toPrecision(4))} Hz`
  if (perSecond < 1e6) return `${Number((perSecond / 1e3).toPrecision(4))} kHz`
  return `${Number((perSecond / 1e6).toPrecision(4))} MHz`
}
