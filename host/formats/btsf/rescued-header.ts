import type { Source } from "../../bytes/source.js"
import { FormatError, LogError } from "../../model/errors.js"
import { issue } from "../../model/issues.js"
import { type Header, readHeader } from "./head/header.js"
import type { Master } from "./head/master.js"
import { masterPieces } from "./head/pieces.js"
import { soundSections, walkSections } from "./head/sections.js"
import { PROOF, RowLooks } from "./looks.js"
import { findRowsAgain, learnSomewhere } from "./resync.js"

/** Bytes of a file in which the pieces of its header are looked for. */
const LONGEST_HEADER = 64 * 1024
/** Kinds of a header's issues that leave in doubt where the rows begin. */
const PLACE_KINDS = ["spare-bytes", "reserved-bytes"]

/**
 * The header of a file, damaged or not. What a damaged one still says is compared with the rows themselves: the layout in which padding
 * is zero and time goes on evenly is the right one, and shows where the rows begin where the sections' sizes do not say it any more.
 * @throws FormatError if nothing says how the rows are laid out
 */
export async function rescuedHeader(source: Source): Promise<Header> {
  const read = await orError(readHeader(source))
  if (read instanceof LogError) return fromPieces(source, read)
  if (read.issues.length === 0) return read
  if (read.issues.some(({ kind, severity }) => PLACE_KINDS.includes(kind) && severity !== "note")) return earlierRows(source, read)
  if ((await fitOf(source, read.master, read.dataOffset)) !== null) return read
  const { masters } = masterPieces(latin1(await source.read(0, LONGEST_HEADER)))
  const best = await bestFit(masters, (master) => fitOf(source, master, read.dataOffset))
  if (best === null) return read
  return rescued({ ...read, master: best.master, dataOffset: best.at }, "contradicts itself")
}

/** A header of which the master section cannot be read. */
async function fromPieces(source: Source, error: LogError): Promise<Header> {
  const text = latin1(await source.read(0, LONGEST_HEADER))
  const { masters, end } = masterPieces(text)
  const walk = await orError(walkSections(source))
  const start = walk instanceof LogError || walk.issues.length > 0 ? null : walk.dataOffset
  const best = await bestFit(masters, (master) => fitAround(source, master, text, end))
  const master = best?.master ?? masters[0]
  if (master === undefined)
    throw new FormatError(`${error.message}, and no piece of the header says how rows are laid out`, { format: "btsf", path: source.name })
  // Zeros lead past rows as well as an end section does: the rows that are there decide, or the file's end where they show no order.
  const known = best?.at ?? (await lastRows(source, master, end))
  const isStart = start !== null && start <= known && (known - start) % master.structSize === 0
  const dataOffset = isStart ? start : known
  const sections = await soundSections(source, dataOffset)
  return rescued({ variant: "sections", sections, master, masterText: "", dataOffset, issues: [] }, `is damaged (${error.message})`)
}

/** Where whole rows up to the file's end begin. */
function lastRows(source: Source, master: Master, end: number): Promise<number> {
  const at = Math.max(end, 40)
  const rest = (((source.size - at) % master.structSize) + master.structSize) % master.structSize
  return behindZeros(source, master, new RowLooks(master), at + rest)
}

/** A header whose sections' sizes may lead past rows. */
async function earlierRows(source: Source, read: Header): Promise<Header> {
  const [master] = read.sections
  const end = master === undefined ? 0 : master.payloadAt + master.payloadSize
  const found = await fitOf(source, read.master, end)
  if (found === null || found.at >= read.dataOffset) return read
  const header = { ...read, dataOffset: found.at, sections: await soundSections(source, found.at) }
  return rescued(header, "leads past rows")
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

async function bestFit(masters: readonly Master[], measure: (master: Master) => Promise<Found | null>): Promise<Found | null> {
  let best: Found | null = null
  for (const master of masters) {
    const found = await measure(master)
    if (best === null || (found !== null && found.score > best.score)) best = found
  }
  return best
}

/** How well the rows from `from` on fit a master; null if they do not. */
async function fitOf(source: Source, master: Master, from: number): Promise<Found | null> {
  const looks = new RowLooks(master)
  const score = await learnSomewhere(source, master, looks, from, source.size)
  if (score === 0) return null
  const anyTime = { last: Number.NaN, lastButOne: Number.NaN, later: from }
  const at = await findRowsAgain(source, master, looks, { from, to: source.size, ...anyTime })
  return at === null ? null : { master, at: await behindZeros(source, master, looks, at), score }
}

/** As `fitOf`, behind the header's pieces, or in front of them where a sector of rows was swapped with the header's. */
async function fitAround(source: Source, master: Master, text: string, end: number): Promise<Found | null> {
  const front = await fitOf(source, master, 0)
  if (front === null || front.at + PROOF * master.structSize <= text.search(/"(?:metrics|identifier|type|struct_format)"/)) return front
  return (await fitOf(source, master, end)) ?? front
}

/** The first row from `at` on that is not all zeros: those are the header's spare bytes. A row of zeros one step in front of it is one. */
async function behindZeros(source: Source, master: Master, looks: RowLooks, at: number): Promise<number> {
  const size = master.structSize
  const bytes = await source.read(at, LONGEST_HEADER)
  const used = bytes.findIndex((byte) => byte !== 0)
  if (used < size) return at
  const first = Math.floor(used / size) * size
  if (first + size > bytes.length) return at
  const time = looks.timeAt(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), first)
  const isStep = looks.usual > 0 && Math.abs(time - looks.usual) <= looks.usual / 100
  return at + first - (isStep ? size : 0)
}

async function orError<T>(result: Promise<T>): Promise<T | LogError> {
  return result.catch((error: unknown) => {
    if (error instanceof LogError) return error
    throw error
  })
}

function latin1(bytes: Uint8Array): string {
  let text = ""
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
