/** Local time as text, `2026-11-21 22:45:00`; empty where it is not known. */

/** The number in two digits of a text, -1 where they are none. */
export function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

/** True for a time in this century. Months are not asked how long they are. */
export function isTimeText(text: string): boolean {
  if (text.length !== 19 || twoDigits(text, 0) !== 20 || twoDigits(text, 2) < 0) return false
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  if (month < 1 || month > 12 || day < 1 || day > 31) return false
  for (let at = 11; at < 18; at = at + 3) {
    const n = twoDigits(text, at)
    if (n < 0 || n > (at === 11 ? 23 : 59)) return false
  }
  return true
}
