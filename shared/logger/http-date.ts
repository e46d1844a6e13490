/** Three letters a month, as HTTP has them. */
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"

/**
 * The time in the `Date` line of a web server's answer, as `2026-11-21 22:45:00` in UTC; empty where there is none yet.
 * Source: RFC 9110 section 5.6.7, `Date: Sat, 21 Nov 2026 22:45:00 GMT`.
 */
export function httpDateText(answer: string): string {
  let at = answer.indexOf("\nDate: ")
  if (at < 0) at = answer.indexOf("\ndate: ")
  if (at < 0 || answer.length < at + 33) return ""
  const month = MONTHS.indexOf(answer.slice(at + 15, at + 18))
  if (month < 0) return ""
  const digits = `${101 + Math.floor(month / 3)}`
  return `${answer.slice(at + 19, at + 23)}-${digits.slice(1, 3)}-${answer.slice(at + 12, at + 14)} ${answer.slice(at + 24, at + 32)}`
}
