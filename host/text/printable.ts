// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
/** The same, but for tabs and the ends of lines. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const UNSAFE_IN_LINES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\r(?!\n)/g

/**
 * Text from a file made safe to print: characters that could drive a terminal (C0, C1) or turn the order of what is read round
 * (the bidi controls of Unicode's UAX 9) become escapes.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, escapeOf)
}

/** JSON that is safe to print and means the same: those characters stand in its strings only, and get JSON's own escapes. */
export function printableJson(json: string): string {
  return json.replace(UNSAFE_IN_LINES, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

/** The same for text of many lines: tabs and the ends of lines stay. */
export function printableLines(text: string): string {
  return text.replace(UNSAFE_IN_LINES, escapeOf)
}

function escapeOf(character: string): string {
  if (character === "\n") return "\\n"
  if (character === "\t") return "\\t"
  const code = character.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`
}
