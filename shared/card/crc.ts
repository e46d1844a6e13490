import { SLOT_DATA, SLOT_END } from "./ring.js"

/** The check sums of commands and data blocks. */

/** CRC-7 of an SD command, polynomial x^7 + x^3 + 1, kept shifted left by one as the command carries it. */
const TABLE = hex`
  00122436485a6c7e9082b4a6d8cafcee322016047a685e4ca2b08694eaf8cedc
  647640522c3e081af4e6d0c2bcae988a564472601e0c3a28c6d4e2f08e9caab8
  c8daecfe8092a4b6584a7c6e10023426fae8deccb2a096846a784e5c22300614
  acbe889ae4f6c0d23c2e180a746650429e8cbaa8d6c4f2e00e1c2a3846546270
  8290a6b4cad8eefc120036245a487e6cb0a29486f8eadcce20320416687a4c5e
  e6f4c2d0aebc8a98766452403e2c1a08d4c6f0e29c8eb8aa445660720c1e283a
  4a586e7c02102634dac8feec9280b6a4786a5c4e30221406e8faccdea0b28496
  2e3c0a1866744250beac9a88f6e4d2c01c0e382a544670628c9ea8bac4d6e0f2
`

/** The CRC of five more bytes: a command, or a part of a register. The last byte of either is the CRC with the stop bit, 1. */
export function crc7(before: number, b: Buffer, at: number): number {
  let crc = TABLE[before ^ (b[at] as number)] as number
  crc = TABLE[crc ^ (b[at + 1] as number)] as number
  crc = TABLE[crc ^ (b[at + 2] as number)] as number
  crc = TABLE[crc ^ (b[at + 3] as number)] as number
  return TABLE[crc ^ (b[at + 4] as number)] as number
}

/** Puts the sector's CRC-16 (polynomial 0x1021, start 0) behind its data. */
export function sign(slot: Buffer): void {
  let crc = 0
  for (let i = SLOT_DATA; i < SLOT_END; i++) {
    // Eight steps of the shift register at once.
    let x = (crc >> 8) ^ (slot[i] as number)
    x ^= x >> 4
    crc = ((crc << 8) ^ (x << 12) ^ (x << 5) ^ x) & 0xffff
  }
  slot[SLOT_END] = crc >> 8
  slot[SLOT_END + 1] = crc
}
