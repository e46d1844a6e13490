import { SECTION_MASTER, SIGNATURE_SIZE, SIGNATURE_TEXT } from "../../../../shared/btsf/layout.js"
import type { Source } from "../../../bytes/source.js"
import { FormatError, LimitError, UnsupportedError } from "../../../model/errors.js"
import type { Issue } from "../../../model/log.js"
import { type Master, parseMaster } from "./master.js"
import { cut, place, type Section, type Walk, walkSections, walkShortSections } from "./sections.js"

export type { Section } from "./sections.js"

/** The layouts that share one signature. */
type Variant = "sections" | "sections of 8-byte heads" | "padded JSON" | "unpadded JSON"

/** Everything before the rows. */
export interface Header {
  readonly variant: Variant
  /** The master section first; the end section is not listed. Empty for the JSON layouts. */
  readonly sections: readonly Section[]
  readonly master: Master
  /** The master's text, unchanged. */
  readonly masterText: string
  /** Byte offset of the first row. */
  readonly dataOffset: number
  readonly issues: readonly Issue[]
}

/** Longest text of a master section. */
const MAX_MASTER = 16 * 1024 * 1024

const SIGNATURE = new Uint8Array(SIGNATURE_SIZE)
SIGNATURE.set(new TextEncoder().encode(SIGNATURE_TEXT))

/** True if the bytes begin with the signature. */
export function hasSignature(head: Uint8Array): boolean {
  return head.length >= SIGNATURE_SIZE && SIGNATURE.every((byte, i) => head[i] === byte)
}

/** Reads the header of any of the four layouts. @throws FormatError, UnsupportedError or LimitError if it does not say where the rows are. */
export async function readHeader(source: Source): Promise<Header> {
  const head = await source.read(0, SIGNATURE_SIZE + 24)
  checkSignature(head, source)
  const variant = detectVariant(head)
  switch (variant) {
    case "sections":
      return readSections(source, variant, await walkSections(source))
    case "sections of 8-byte heads":
      return readSections(source, variant, await walkShortSections(source))
    default:
      return readBareJson(source, head)
  }
}

function checkSignature(head: Uint8Array, source: Source): void {
  if (hasSignature(head)) return
  const text = latin1(head.subarray(0, SIGNATURE_SIZE))
  if (text.startsWith("BinaryTimeSeriesFile_v") && head.length >= SIGNATURE_SIZE) {
    const found = text.slice(0, 25)
    throw new UnsupportedError(`signature "${found}", expected "${SIGNATURE_TEXT}" and seven zero bytes`, place(source, 0))
  }
  throw new FormatError(`no btsf signature in the first ${SIGNATURE_SIZE} bytes`, place(source, 0))
}

/** A 16-byte head begins with type 1 and seven zeros; else the JSON text begins at 40, behind an 8-byte head or a 64-bit size. */
function detectVariant(head: Uint8Array): Variant {
  const isMasterHead = head[SIGNATURE_SIZE] === SECTION_MASTER && head.subarray(33, 40).every((byte) => byte === 0)
  const brace = 0x7b
  if (isMasterHead || head[40] !== brace) return "sections"
  // A 64-bit size below 4 GiB has four zero bytes, in front or behind; an 8-byte head has an id in front and a size behind.
  const view = viewOf(head)
  return view.getUint32(32, true) !== 0 && view.getUint32(36, true) !== 0 ? "sections of 8-byte heads" : "padded JSON"
}

/** Behind the sections that a walk found. */
async function readSections(source: Source, variant: Variant, walk: Walk): Promise<Header> {
  const { sections, dataOffset } = walk
  const issues = [...walk.issues]
  const master = sections[0] as Section
  return { variant, sections, ...parsed(await readText(source, master), source, master, issues), dataOffset, issues }
}

/** The size is little-endian, except in the very first revision, which has it in the rows' order: the zero half shows which. */
async function readBareJson(source: Source, head: Uint8Array): Promise<Header> {
  const view = viewOf(head)
  const little = view.getUint32(36, true) === 0
  const size = little ? view.getUint32(32, true) : view.getUint32(36, false)
  const payloadAt = SIGNATURE_SIZE + 8
  if (payloadAt + size > source.size) throw cut(source, SIGNATURE_SIZE, `JSON text of ${size} bytes`)
  const section = { at: SIGNATURE_SIZE, type: SECTION_MASTER, payloadAt, payloadSize: size, followupSize: 0 }
  const text = await readText(source, section)
  const issues: Issue[] = []
  const head2 = parsed(text, source, section, issues)
  // Only the first revision has no byte_order key, and only it does not pad.
  const variant = head2.master.namesByteOrder ? "padded JSON" : "unpadded JSON"
  const followup = variant === "padded JSON" ? -size & 7 : 0
  const dataOffset = payloadAt + size + followup
  if (dataOffset > source.size) throw cut(source, payloadAt + size, "padding")
  return { variant, sections: [], ...head2, dataOffset, issues }
}

function parsed(text: string, source: Source, section: Section, issues: Issue[]): { master: Master; masterText: string } {
  return { master: parseMaster(text, place(source, section.payloadAt), issues), masterText: text }
}

async function readText(source: Source, section: Section): Promise<string> {
  if (section.payloadSize > MAX_MASTER) {
    throw new LimitError(`master section of ${section.payloadSize} bytes, more than ${MAX_MASTER}`, place(source, section.at))
  }
  const bytes = await source.read(section.payloadAt, section.payloadSize)
  if (bytes.length < section.payloadSize) throw cut(source, section.at, "master section")
  return new TextDecoder().decode(bytes)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")
}
