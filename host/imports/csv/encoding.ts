import type { Source } from "../../bytes/source.js"

const BLOCK = 1024 * 1024
/** Bytes in which UTF-16 without a mark shows itself. */
const LOOKED_AT = 4096

/** How the bytes of a text file are to be read. */
export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252"

/**
 * By a byte order mark; else UTF-16 where every other byte is 0, as in Latin text; UTF-8 where the bytes are valid as such; else Windows-1252,
 * in which older programs of Windows write `°C`.
 * @param head the beginning of the file
 */
export function encodingOf(head: Uint8Array): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le"
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be"
  const zeros = [0, 0]
  const looked = Math.min(head.length, LOOKED_AT)
  for (let i = 0; i < looked; i++) if (head[i] === 0) zeros[i % 2] = (zeros[i % 2] as number) + 1
  const [even = 0, odd = 0] = zeros
  if (odd > looked / 4 && even === 0) return "utf-16le"
  if (even > looked / 4 && odd === 0) return "utf-16be"
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true })
    return "utf-8"
  } catch {
    return "windows-1252"
  }
}

/** The text of a file, piece by piece; a piece may end anywhere. A byte order mark is no text. @param progress is told the bytes that are done */
export async function* textOf(source: Source, encoding: Encoding, progress?: (bytes: number) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  for (let at = 0; at < source.size; at += BLOCK) {
    yield decoder.decode(await source.read(at, BLOCK), { stream: at + BLOCK < source.size })
    progress?.(Math.min(source.size, at + BLOCK))
  }
}
