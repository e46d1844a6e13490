import { crc7 } from "./crc.js"
import type { CardOptions } from "./sd-options.js"

/** The registers that a simulated card sends, 16 bytes each. */

/** Its description, CSD: version 2 for a high-capacity card, else 1. @param disk sectors that the card has @param wrong its check sum is */
export function csdOf(options: CardOptions, disk: number, wrong = false): Uint8Array {
  const csd = new Uint8Array(16)
  const sectors = options.claims > 0 ? options.claims : disk
  if (options.kind === "sdhc") {
    const size = Math.floor(sectors / 1024) - 1
    csd.set([0x40, 0x0e, 0x00, 0x32, 0x5b, 0x59, 0x00, (size >> 16) & 63, (size >> 8) & 255, size & 255, 0x7f, 0x80, 0x0a, 0x40])
  } else {
    // C_SIZE has 12 bits: the multiplier takes the rest.
    let multiplier = 0
    while (sectors >> (multiplier + 2) > 4096) multiplier++
    const size = (sectors >> (multiplier + 2)) - 1
    csd.set([0x00, 0x2f, 0x00, 0x32, 0x5b, 0x59, 0x80 | (size >> 10), (size >> 2) & 255, (size & 3) << 6, multiplier >> 1])
    csd.set([((multiplier & 1) << 7) | 0x7f, 0x80, 0x0a, 0x40], 10)
  }
  if (options.writeProtected) csd[14] = 0x10
  csd[15] = crc7(csd.subarray(0, 15)) ^ (wrong ? 0x20 : 0)
  return csd
}

/** Its identification, CID. */
export function cidOf(serial: number): Uint8Array {
  const cid = new Uint8Array(16)
  cid.set([0x1b, 0x53, 0x4d, 0x46, 0x49, 0x45, 0x4c, 0x44, 0x10])
  new DataView(cid.buffer).setUint32(9, serial)
  cid.set([0x01, 0x9b], 13)
  cid[15] = crc7(cid.subarray(0, 15))
  return cid
}
