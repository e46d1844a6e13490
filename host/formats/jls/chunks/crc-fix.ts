import { CRC32C_TABLE, crc32c } from "../../../bytes/crc32c.js"

/**
 * Finds the one flipped bit that explains a wrong CRC32C, in the bytes or in the CRC itself, and sets it right in place.
 * A CRC is linear: the sum of the damage is that of one bit followed by zeros, different for every bit. Any worse damage
 * passes for a single flipped bit with a chance of 8 * length / 2^32: fit for headers and definitions, not for samples.
 * @returns false, and bytes as they were, when no single bit explains it
 */
export function fixOneBit(bytes: Uint8Array, stored: number): boolean {
  const wrong = (crc32c(bytes) ^ stored) >>> 0
  if ((wrong & (wrong - 1)) === 0) return true
  const sums = new Uint32Array(8)
  for (let bit = 0; bit < 8; bit++) sums[bit] = CRC32C_TABLE[1 << bit] as number
  for (let i = bytes.length - 1; i >= 0; i--) {
    for (let bit = 0; bit < 8; bit++) {
      const sum = sums[bit] as number
      if (sum === wrong) {
        bytes[i] = (bytes[i] as number) ^ (1 << bit)
        return true
      }
      sums[bit] = (CRC32C_TABLE[sum & 255] as number) ^ (sum >>> 8)
    }
  }
  return false
}
