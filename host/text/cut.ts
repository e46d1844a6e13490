/** Cuts a text to so many bytes of UTF-8, at a character's end. */
export function cutToBytes(text: string, most: number): string {
  // A UTF-16 unit takes three bytes at most, and most texts are short.
  if (text.length * 3 <= most) return text
  let bytes = 0
  let end = 0
  for (const character of text) {
    bytes += utf8Size(character.codePointAt(0) as number)
    if (bytes > most) return text.slice(0, end)
    end += character.length
  }
  return text
}

function utf8Size(codePoint: number): number {
  if (codePoint < 0x80) return 1
  if (codePoint < 0x800) return 2
  return codePoint < 0x10000 ? 3 : 4
}

/** Bytes of a text in UTF-8; half of a surrogate pair counts as the mark that stands in its place. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (const character of text) bytes += utf8Size(character.codePointAt(0) as number)
  return bytes
}
