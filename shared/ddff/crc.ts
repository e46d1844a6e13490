import { S0, S1, S2, S3, Z0, Z1, Z2, Z3 } from "./crc-tables.js"

/**
 * CRC-16/CCITT-FALSE as the board computes it: four bytes a step, tables in flash, no heap.
 *
 * The state is kept byte-swapped, so that it lies over the first two bytes of a little-endian load. The CRC of a
 * sum of two messages of one length is the sum of their CRCs: payload (from state 0) and header are summed apart,
 * the payload while records arrive, the header when its block number is known.
 */

/** Runs the state over `b` from `from` to `to`, a multiple of four bytes. */
export function crcRun(b: Buffer, from: number, to: number, state: number): number {
  let c = state
  for (let p = from; p < to; p = p + 4) {
    const x = c ^ b.getAt(p, "i32")
    c =
      S3.getAt((x & 255) << 1, "u16") ^
      S2.getAt((x >> 7) & 510, "u16") ^
      S1.getAt((x >> 15) & 510, "u16") ^
      S0.getAt((x >>> 23) & 510, "u16")
  }
  return c
}

/** Runs the state over `length` zero bytes, a multiple of four. 64 bytes a step where it can. */
export function crcZeros(length: number, state: number): number {
  let c = state
  let rest = length
  while (rest >= 64) {
    c = Z0.getAt((c & 15) << 1, "u16") ^ Z1.getAt((c >> 3) & 30, "u16") ^ Z2.getAt((c >> 7) & 30, "u16") ^ Z3.getAt((c >> 11) & 30, "u16")
    rest = rest - 64
  }
  while (rest > 0) {
    c = S3.getAt((c & 255) << 1, "u16") ^ S2.getAt((c >> 7) & 510, "u16")
    rest = rest - 4
  }
  return c
}

/** State before byte 8 of a block, chosen so that two zero bytes (the CRC's own place) lead to the CRC's start value. */
export { CRC_SEED } from "./crc-tables.js"
