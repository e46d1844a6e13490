import { textWidth } from "../text/width.js"

/** A text in a picture; nothing for an empty one. */
export function label(x: number, y: number, text: string, style: string): string {
  return text === "" ? "" : `<text x="${px(x)}" y="${px(y)}" ${style}>${escaped(text)}</text>`
}

/** Width of a text of 11 pixels in DejaVu Sans, near enough for a legend. */
export function pixelsOf(text: string): number {
  let width = 0
  for (const c of text) {
    if (/[ijlI.,:;|'!()[\] ]/.test(c)) width += 3.8
    else if (/[mwMW@%]/.test(c)) width += 10
    else width += /[A-Z]/.test(c) ? 7.6 : ([0, 6.6, 11][textWidth(c)] ?? 11)
  }
  return width
}

/** A coordinate with two decimals, so that equal figures give equal bytes. */
export function px(value: number): string {
  return String(Math.round(Math.max(-1e5, Math.min(1e5, value)) * 100) / 100)
}

/** Text for XML; what XML cannot hold, even escaped, becomes U+FFFD. */
export function escaped(text: string): string {
  const plain = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
  return plain.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
}
