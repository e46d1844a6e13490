/** Local time as text, `2026-11-21 22:45:00`; empty where it is not known. */

/** The number in two digits of a text, -1 where they are none. */
export function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

/** True for a time in this century. */
export function isTimeText(text: string): boolean {
  if (text.length !== 19 || twoDigits(text, 0) !== 20 || twoDigits(text, 2) < 0) return false
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  if (month < 1 || month > 12 || day < 1 || day > monthDays(2000 + twoDigits(text, 2), month)) return false
  for (let at = 11; at < 18; at = at + 3) {
    const n = twoDigits(text, at)
    if (n < 0 || n > (at === 11 ? 23 : 59)) return false
  }
  return true
}

/** The time so many whole seconds after another. */
export function timeLater(text: string, seconds: number): string {
  const rest = twoDigits(text, 11) * 3600 + twoDigits(text, 14) * 60 + twoDigits(text, 17) + seconds
  const days = Math.floor(rest / 86400)
  const time = rest - days * 86400
  const hour = Math.floor(time / 3600)
  const minute = Math.floor(time / 60) - hour * 60
  let year = 2000 + twoDigits(text, 2)
  let month = twoDigits(text, 5)
  let day = twoDigits(text, 8) + days
  for (let length = monthDays(year, month); day > length; length = monthDays(year, month)) {
    day = day - length
    month = month + 1
    if (month > 12) {
      month = 1
      year = year + 1
    }
  }
  return `${year}-${padded(month)}-${padded(day)} ${padded(hour)}:${padded(minute)}:${padded(time - hour * 3600 - minute * 60)}`
}

/** Days of a month of this century. */
function monthDays(year: number, month: number): number {
  if (month === 2) return (year & 3) === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function padded(n: number): string {
  return n < 10 ? `0${n}` : `${n}`
}
