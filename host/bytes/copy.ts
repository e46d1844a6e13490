import type { Sink } from "./sink.js"
import type { Source } from "./source.js"

/** Bytes read at once. */
const PIECE = 1024 * 1024

/**
 * Copies the bytes `from <= at < to` of a source, or up to its end if that comes first.
 * @param each is given each piece before it is written, and may change it; `at`: the place of its first byte in the source
 * @returns bytes copied
 */
export async function copyBytes(
  source: Source,
  from: number,
  to: number,
  sink: Pick<Sink, "write">,
  each: (piece: Uint8Array, at: number) => void = () => {},
): Promise<number> {
  const buffer = new Uint8Array(Math.max(0, Math.min(PIECE, to - from)))
  let at = from
  while (at < to) {
    const piece = await source.read(at, Math.min(PIECE, to - at), buffer)
    if (piece.length === 0) break
    each(piece, at)
    sink.write(piece)
    at += piece.length
  }
  return at - from
}
