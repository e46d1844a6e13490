/** Bytes as text and back by what every machine has: browsers have no `Buffer`. */

/** Each byte as the character of that number. (A browser's "latin1" is another encoding.) */
export function latin1(bytes: Uint8Array, from = 0, to = bytes.length): string {
  let text = ""
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number)
  return text
}

/** The low byte of each character's number: `latin1` back. */
export function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
}

/** Base64 with its padding. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(latin1(bytes))
}

/** Two lower-case digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = ""
  for (const byte of bytes) text += (byte < 16 ? "0" : "") + byte.toString(16)
  return text
}

/** The bytes of pairs of hex digits, up to what is none. */
export function fromHex(text: string): Uint8Array {
  const digits = /^(?:[0-9a-f]{2})*/i.exec(text)?.[0] ?? ""
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
}

/** The parts one behind the other. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
