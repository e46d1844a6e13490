/**
 * The mark of a specification ties a log to it: the specification has it under `fieldlog`, the log's header as the last part of its
 * name (`0035a1ad-00001-b31259f5`). It is 8 lower-case hexadecimal digits of which the first is a letter, so that no date in a name
 * is taken for one.
 */
export const MARK_DIGITS = 8

/** A log's name as its header has it. */
export function markedName(name: string, mark: string): string {
  return `${name}-${mark}`
}

/** Where the mark begins in a name as a header has it; -1 for a name without one. */
export function markPlace(name: string): number {
  const at = name.length - MARK_DIGITS
  if (at < 1 || name[at - 1] !== "-" || !isLetter(name.charCodeAt(at))) return -1
  for (let i = at + 1; i < name.length; i++) {
    const code = name.charCodeAt(i)
    if (!isLetter(code) && (code < 48 || code > 57)) return -1
  }
  return at
}

/** The mark that a digest of a specification gives. @param hex of its digits at least 8, lower case */
export function markOf(hex: string): string {
  const first = hex.charCodeAt(0)
  // A digit becomes a letter: 0 to 9 are a to f, then a to d.
  const letter = isLetter(first) ? first : 97 + ((first - 48) % 6)
  return String.fromCharCode(letter) + hex.slice(1, MARK_DIGITS)
}

/** a to f. */
function isLetter(code: number): boolean {
  return code >= 97 && code <= 102
}
