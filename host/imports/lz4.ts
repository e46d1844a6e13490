import { FormatError } from "../model/errors.js"

/** A match is four bytes at least. */
const SHORTEST_MATCH = 4
/** A length of four bits that is full goes on in the next bytes. */
const FULL = 15

/**
 * Unpacks one LZ4 block, as Parquet stores it under LZ4_RAW: no frame, no checksum.
 * Source: lz4_Block_format.md of the LZ4 project.
 * @param length bytes that it unpacks to
 * @throws FormatError if it is cut off, points before its beginning, or has another length
 */
export function unpackLz4(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length)
  let from = 0
  let to = 0
  const lengthFrom = (bits: number) => {
    let value = bits
    for (let more = bits === FULL ? 255 : 0; more === 255; value += more) {
      if (from >= packed.length) throw broken("is cut off")
      more = packed[from++] as number
    }
    return value
  }
  while (from < packed.length) {
    const token = packed[from++] as number
    const literals = lengthFrom(token >> 4)
    if (from + literals > packed.length || to + literals > length) throw broken("is cut off")
    out.set(packed.subarray(from, from + literals), to)
    from += literals
    to += literals
    // The last sequence has no match.
    if (from === packed.length) break
    if (from + 2 > packed.length) throw broken("is cut off")
    const back = (packed[from] as number) | ((packed[from + 1] as number) << 8)
    from += 2
    const match = lengthFrom(token & FULL) + SHORTEST_MATCH
    if (back === 0 || back > to || to + match > length) throw broken("points outside itself")
    // A match may reach into what it writes: byte by byte then.
    if (back >= match) out.copyWithin(to, to - back, to - back + match)
    else for (let i = 0; i < match; i++) out[to + i] = out[to + i - back] as number
    to += match
  }
  if (to !== length) throw broken(`has ${to} bytes, ${length} were promised`)
  return out
}

function broken(how: string): FormatError {
  return new FormatError(`an LZ4 block ${how}`, { format: "parquet" })
}
