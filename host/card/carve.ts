import { stat } from "node:fs/promises"
import type { Input } from "../input.js"
import { bySignature, HEAD } from "../open.js"
import { fileSource, type Source } from "../source.js"

const SECTOR = 512
const PIECE = 4 * 1024 * 1024

/** A place where a log begins, by its signature. */
export interface Found {
  readonly at: number
  /** Up to the next log or the end. */
  readonly length: number
  /** With dot: `.met`. */
  readonly extension: string
}

/**
 * Logs on a card or image whose file system is gone. The logger writes each log into one contiguous segment, so a log
 * goes from its signature at the start of a sector to the next one; what follows its end is for the format's recovery to tell.
 */
export async function carve(source: Source): Promise<Found[]> {
  const starts: { at: number; extension: string }[] = []
  const buffer = new Uint8Array(PIECE + HEAD)
  for (let from = 0; from < source.size; from += PIECE) {
    const bytes = await source.read(from, buffer.length, buffer)
    for (let at = 0; at < Math.min(PIECE, bytes.length); at += SECTOR) {
      // Erased and zeroed sectors are most of a card.
      if (bytes[at] === 0x00 || bytes[at] === 0xff) continue
      const head = bytes.subarray(at, at + HEAD)
      const format = bySignature(head, source.size - from - at)
      if (format !== null && format.openTree === undefined && format.sniff(head, source.size - from - at) === 2)
        starts.push({ at: from + at, extension: format.extensions[0] ?? "" })
    }
    if (bytes.length < buffer.length) break
  }
  return starts.map(({ at, extension }, i) => ({ at, length: (starts[i + 1]?.at ?? source.size) - at, extension }))
}

/** The logs that `carve` finds in a file or card reader, as inputs. None in a file that cannot be opened. */
export async function carveInputs(path: string): Promise<Input[]> {
  const there = await stat(path).catch(() => null)
  if (there === null || !(there.isFile() || there.isBlockDevice())) return []
  const source = await fileSource(path)
  const found = await carve(source).finally(() => source.close())
  return found.map((log) => ({
    label: `${path}:/found-${String(log.at / SECTOR).padStart(8, "0")}${log.extension}`,
    path,
    kind: "bytes",
    source: async () => part(await fileSource(path), log),
    folders: async () => [],
    issues: [],
  }))
}

function part(source: Source, { at, length, extension }: Found): Source {
  return {
    name: `found${extension}`,
    size: Math.min(length, source.size - at),
    read: (from, n, into) => source.read(at + from, Math.max(0, Math.min(n, length - from)), into),
    refresh: async () => Math.min(length, source.size - at),
    close: () => source.close(),
  }
}
