import type { Source } from "../../bytes/source.js"
import { FormatError, LogError } from "../../model/errors.js"
import { issue } from "../../model/issues.js"
import { type Header, readHeader } from "./head/header.js"
import type { Master } from "./head/master.js"
import { masterPieces } from "./head/pieces.js"
import { PROOF, RowLooks } from "./looks.js"
import { findRowsAgain, learnSomewhere } from "./resync.js"

/** Bytes of a file in which the pieces of its header are looked for. */
const LONGEST_HEADER = 64 * 1024

/**
 * The header of a file, damaged or not. What a damaged one still says is compared with the rows themselves: the layout in which padding
 * is zero and time goes on evenly is the right one, and shows where the rows begin.
 * @throws FormatError if nothing says how the rows are laid out
 */
export async function rescuedHeader(source: Source): Promise<Header> {
  const read = await readHeader(source).catch((error: unknown) => {
    if (error instanceof LogError) return error
    throw error
  })
  if (!(read instanceof LogError) && read.issues.length === 0) return read
  const text = latin1(await source.read(0, LONGEST_HEADER))
  const { masters, end } = masterPieces(text)
  let best: Found | null = read instanceof LogError ? null : await fitOf(source, read.master, read.dataOffset)
  if (best === null) for (const master of masters) best = better(best, await fitAround(source, master, text, end))
  if (!(read instanceof LogError)) {
    const isSame = best === null || best.master === read.master
    return isSame ? read : rescued({ ...read, master: best?.master as Master, dataOffset: best?.at as number }, "contradicts itself")
  }
  const [first] = masters
  if (best === null && first !== undefined) {
    const at = Math.max(end, 40)
    best = { master: first, at: at + ((((source.size - at) % first.structSize) + first.structSize) % first.structSize), score: 0 }
  }
  if (best === null)
    throw new FormatError(`${read.message}, and no piece of the header says how rows are laid out`, { format: "btsf", path: source.name })
  const { master, at } = best
  const header = { variant: "sections", sections: [], master, masterText: "", dataOffset: at, issues: [] } as const
  return rescued(header, `is damaged (${read.message})`)
}

/** A header that was put together from pieces, and says so. */
function rescued(header: Header, why: string): Header {
  const text = `the header ${why}: the rows' layout is taken from the pieces that fit the rows, names and units may be missing`
  return { ...header, issues: [...header.issues, issue("header", "error", text, { at: 0, length: header.dataOffset })] }
}

interface Found {
  readonly master: Master
  /** Byte of the first row. */
  readonly at: number
  readonly score: number
}

/** How well the rows from `from` on fit a master; null if they do not. */
async function fitOf(source: Source, master: Master, from: number): Promise<Found | null> {
  const looks = new RowLooks(master)
  const score = await learnSomewhere(source, master, looks, from, source.size)
  if (score === 0) return null
  const anyTime = { last: Number.NaN, lastButOne: Number.NaN, later: from }
  const at = await findRowsAgain(source, master, looks, { from, to: source.size, ...anyTime })
  return at === null ? null : { master, at, score }
}

/** As `fitOf`, behind the header's pieces, or in front of them where a sector of rows was swapped with the header's. */
async function fitAround(source: Source, master: Master, text: string, end: number): Promise<Found | null> {
  const size = master.structSize
  const front = await fitOf(source, master, 0)
  if (front === null || front.at + PROOF * size <= text.search(/"(?:metrics|identifier|type|struct_format)"/)) return front
  const found = await fitOf(source, master, end)
  if (found === null) return front
  // The end of the header is zeros, which may look like a row.
  const [first, second] = [await source.read(found.at, size).then(isZero), await source.read(found.at + size, size).then(isZero)]
  return first && !second ? { ...found, at: found.at + size } : found
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

function better(a: Found | null, b: Found | null): Found | null {
  return a === null || (b !== null && b.score > a.score) ? b : a
}

function latin1(bytes: Uint8Array): string {
  let text = ""
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
