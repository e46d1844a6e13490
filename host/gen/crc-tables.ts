/**
 * Tables for CRC-16/CCITT-FALSE (polynomial 0x1021, MSB first) at four bytes a step, for the board.
 * States are byte-swapped; every table has 256 16-bit entries, little-endian.
 */
export function crcTables(): { slices: Uint8Array[]; zeros: Uint8Array[]; seed: number } {
  const slices = [0, 1, 2, 3].map((n) => table((byte) => zeros(byte << 8, n + 1)))
  const jump = [table((byte) => zeros(byte << 8, 64)), table((byte) => zeros(byte, 64))]
  let seed = 0
  while (zeros(seed, 2) !== 0xffff) seed++
  return { slices, zeros: jump, seed: swap(seed) }
}

/** The state moved over `n` zero bytes. */
function zeros(state: number, n: number): number {
  let c = state
  for (let bit = 0; bit < 8 * n; bit++) c = (c & 0x8000) === 0 ? (c << 1) & 0xffff : ((c << 1) ^ 0x1021) & 0xffff
  return c
}

function table(entry: (byte: number) => number): Uint8Array {
  const bytes = Buffer.alloc(512)
  for (let i = 0; i < 256; i++) bytes.writeUInt16LE(swap(entry(i)), 2 * i)
  return bytes
}

function swap(c: number): number {
  return (c >> 8) | ((c & 255) << 8)
}
