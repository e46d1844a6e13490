import { isNumberMarker, numberAt, WIDTH } from "./msgpack.js"

/**
 * The tick of the record at `at`, read without the rest of the record. NaN if the record is not an array of 2 or 3 that begins with a
 * number, or if that number reaches beyond `end`.
 */
export function peekTick(bytes: Uint8Array, view: DataView, at: number, end: number): number {
  const b = bytes[at] as number
  if (at >= end || b < 0x92 || b > 0x93) return Number.NaN
  const marker = bytes[at + 1] as number
  if (at + 1 >= end || !isNumberMarker(marker) || at + 1 + (WIDTH[marker] as number) > end) return Number.NaN
  return numberAt(view, at + 1)
}
