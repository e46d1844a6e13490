/**
 * Tables for CRC-16/CCITT-FALSE (polynomial 0x1021, MSB first) at four bytes a step, for the board.
 * States are byte-swapped; a table's entries have 16 bits, little-endian.
 */
export function crcTables(): { slices: Uint8Array[]; zeros: Uint8Array[]; seed: number } {
  const slices = [0, 1, 2, 3].map((n) => table((byte) => zeros(byte << 8, n + 1)))
  const jump = [0, 4, 8, 12].map((shift) => table((half) => zeros(swap(half << shift), 64), 16))
  let seed = 0
  while (zeros(seed, 2) !== 0xffff) seed++
  return { slices, zeros: jump, seed: swap(seed) }
}

/** The state, byte-swapped, after these bytes and so many zeros that there are `length`, from state 0. */
export function crcState(bytes: Uint8Array, length: number): number {
  let c = 0
  for (const byte of bytes) c = zeros(c ^ (byte << 8), 1)
  return swap(zeros(c, length - bytes.length))
}

/** The state moved over `n` zero bytes. */
function zeros(state: number, n: number): number {
  let c = state
  for (let bit = 0; bit < 8 * n; bit++) c = (c & 0x8000) === 0 ? (c << 1) & 0xffff : ((c << 1) ^ 0x1021) & 0xffff
  return c
}

function table(entry: (index: number) => number, entries = 256): Uint8Array {
  const bytes = Buffer.alloc(2 * entries)
  for (let i = 0; i < entries; i++) bytes.writeUInt16LE(swap(entry(i)), 2 * i)
  return bytes
}

function swap(c: number): number {
  return (c >> 8) | ((c & 255) << 8)
}
