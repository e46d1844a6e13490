import { SECTION_END, SECTION_MASTER, SIGNATURE_SIZE, sectionHead, sectionHead8 } from "../../../../shared/btsf/layout.js"
import { readRecord } from "../../../bytes/layout.js"
import type { Source } from "../../../bytes/source.js"
import { type ErrorPlace, FormatError, LimitError, type LogError } from "../../../model/errors.js"
import { issue } from "../../../model/issues.js"
import type { Issue } from "../../../model/log.js"

/** One section of the header. */
export interface Section {
  /** Byte offset of its head. */
  readonly at: number
  readonly type: number
  readonly payloadAt: number
  readonly payloadSize: number
  /** Bytes behind the payload that belong to the section: padding and room for edits. */
  readonly followupSize: number
}

/** The sections of a header, one behind the other. */
export interface Walk {
  /** The master section first; the end section is not listed. */
  readonly sections: readonly Section[]
  /** Byte offset of the first row. */
  readonly dataOffset: number
  /** Bytes that should be zero and are not: a head or a size may be damaged. */
  readonly issues: readonly Issue[]
}

const MAX_SECTIONS = 4096
/** Spare bytes of a section that are looked at: a header has as many only where room for edits was reserved. */
const MAX_SPARE = 1024 * 1024

/** Follows the section heads of the present layout. @throws FormatError or LimitError if they do not lead to the rows */
export async function walkSections(source: Source): Promise<Walk> {
  const sections: Section[] = []
  const issues: Issue[] = []
  for (let at = SIGNATURE_SIZE; ; ) {
    const { section, reserved } = await headAt(source, at)
    const isEnd = section.type === SECTION_END
    if (sections.length === 0 && section.type !== SECTION_MASTER) {
      throw new FormatError(`first section is of type ${section.type}, expected ${SECTION_MASTER} (master)`, place(source, at))
    }
    if (!reserved) {
      const text = `section head at ${at}: reserved bytes are not zero`
      issues.push(issue("reserved-bytes", "warning", text, { at, length: sectionHead.size }))
    }
    // The end section's payload size is not honoured.
    const spareAt = section.payloadAt + (isEnd ? 0 : section.payloadSize)
    at = spareAt + section.followupSize
    if (at > source.size) {
      const what = isEnd ? "bytes behind the end section" : `section of type ${section.type} with ${at - section.payloadAt} bytes`
      throw cut(source, section.at, what)
    }
    const used = await spareIssue(source, section.type, spareAt, at)
    if (used !== null) issues.push(used)
    if (isEnd) return { sections, dataOffset: at, issues }
    if (sections.push(section) > MAX_SECTIONS) throw new LimitError(`more than ${MAX_SECTIONS} sections`, place(source, at))
  }
}

/** The same for the heads of 8 bytes that one revision wrote. */
export async function walkShortSections(source: Source): Promise<Walk> {
  const sections: Section[] = []
  for (let at = SIGNATURE_SIZE; ; ) {
    const bytes = await source.read(at, sectionHead8.size)
    if (bytes.length < sectionHead8.size) throw cut(source, at, "section head")
    const record = readRecord(sectionHead8, viewOf(bytes), 0)
    if (record.id === SECTION_END) {
      if (sections.length === 0) throw new FormatError("no master section", place(source, at))
      return { sections, dataOffset: at + sectionHead8.size, issues: [] }
    }
    const payloadAt = at + sectionHead8.size
    const section = { at, type: record.id, payloadAt, payloadSize: record.size, followupSize: -record.size & 7 }
    at = payloadAt + record.size + section.followupSize
    if (at > source.size) throw cut(source, section.at, `section ${record.id} with ${record.size} bytes`)
    if (sections.push(section) > MAX_SECTIONS) throw new LimitError(`more than ${MAX_SECTIONS} sections`, place(source, at))
  }
}

/** The sections of a damaged header, up to the first head that is not one; none of them reaches beyond `end`. */
export async function soundSections(source: Source, end: number): Promise<Section[]> {
  const sections: Section[] = []
  for (let at = SIGNATURE_SIZE; at + sectionHead.size <= end && sections.length < MAX_SECTIONS; ) {
    const { section, reserved } = await headAt(source, at)
    const spareAt = section.payloadAt + section.payloadSize
    if (!reserved || section.type === SECTION_END || spareAt > end) break
    sections.push(section)
    at = spareAt + section.followupSize
  }
  return sections
}

async function headAt(source: Source, at: number): Promise<{ section: Section; reserved: boolean }> {
  const bytes = await source.read(at, sectionHead.size)
  if (bytes.length < sectionHead.size) throw cut(source, at, "section head")
  const { type, payloadSize, followupSize, reserved } = readRecord(sectionHead, viewOf(bytes), 0)
  const section = { at, type, payloadAt: at + sectionHead.size, payloadSize, followupSize }
  return { section, reserved: reserved.every((byte) => byte === 0) }
}

/** Spare bytes that are in use: an old text that was not cleared harms nobody, anything else may be rows behind a wrong size. */
async function spareIssue(source: Source, type: number, from: number, to: number): Promise<Issue | null> {
  const bytes = await source.read(from, Math.min(to - from, MAX_SPARE))
  const used = bytes.findIndex((byte) => byte !== 0)
  if (used < 0) return null
  const isText = bytes.subarray(used).every((byte) => byte === 0 || (byte >= 0x20 && byte < 0x7f))
  const at = from + used
  const which = `bytes ${at} to ${to} behind the section of type ${type} are skipped`
  const [severity, text] = isText
    ? (["note", `${which} and hold some text`] as const)
    : (["error", `${which}, and should be zero and are not: rows may stand there, and recover looks for them`] as const)
  return issue("spare-bytes", severity, text, { at, length: to - at, ...(isText ? { rowsKept: true } : {}) })
}

/** An error for a header that goes on where the file does not. */
export function cut(source: Source, at: number, what: string): LogError {
  return new FormatError(`the file ends within the header: ${what} at ${at}, the file has ${source.size} bytes`, place(source, at))
}

/** A byte of the file, for errors. */
export function place(source: Source, at: number): ErrorPlace {
  return { format: "btsf", path: source.name, at }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
