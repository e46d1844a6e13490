/** A text without the sequences that colour it. */
export function withoutStyles(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: styles begin with one
  return text.replace(/\u001b\[[0-9;]*m/g, "")
}

/** Cells that a text fills on a terminal: two for East Asian wide characters and emoji, none for styles and combining marks. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const character of withoutStyles(text)) {
    if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) continue
    width += /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
      character,
    )
      ? 2
      : 1
  }
  return width
}

/** A text cut to a width, with an ellipsis where something is missing. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let used = 1
  let kept = ""
  for (const character of text) {
    used += textWidth(character)
    if (used > width) break
    kept += character
  }
  return `${kept}…`
}

/** A text in lines of at most `width` cells, broken between words: `first` stands before the first line, `indent`, which is as wide, before the others. */
export function wrapped(text: string, width: number, first: string, indent: string): string[] {
  const lines: string[] = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines.map((part, index) => (index === 0 ? first : indent) + part)
}
