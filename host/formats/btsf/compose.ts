import { METRIC_CODES, SECTION_END, SECTION_MASTER, SIGNATURE_SIZE, SIGNATURE_TEXT, sectionHead } from "../../../shared/btsf/layout.js"
import { writeRecord } from "../../bytes/layout.js"
import { LimitError, UsageError } from "../../model/errors.js"
import { MAX_METRICS, MAX_ROW, type Metric } from "./head/master.js"
import { type ByteOrder, isByteOrder, isCode, type RowLayout, rowLayout } from "./head/row-layout.js"
import { pythonJson } from "./python-json.js"

/** A metric to be written; absent members are written empty. */
export type NewMetric = Pick<Metric, "identifier" | "code"> & Partial<Metric>

/** A section beside the master. */
export interface NewSection {
  readonly type: number
  readonly payload: Uint8Array
  /** Zero bytes behind the payload: padding and room for edits. Payload and followup are a multiple of `padTo`. Default: as few as possible. */
  readonly followupSize?: number
}

/** How a file is laid out. */
export interface NewFile {
  readonly metrics: readonly NewMetric[]
  /** Default `<`. */
  readonly byteOrder?: ByteOrder
  /** Rows are padded to a multiple of it; default 8. */
  readonly padTo?: number
  readonly sections?: readonly NewSection[]
  /** Zero bytes behind the master section's text; default: up to a multiple of 8, as in the reference. */
  readonly masterFollowup?: number
}

/** A header's bytes and the layout of the rows that follow it. */
interface Composed {
  readonly bytes: Uint8Array
  readonly row: RowLayout
  readonly structSize: number
}

/**
 * The header of a new file, byte for byte as the reference writes it.
 * @throws UsageError if there are no metrics, a type is unknown, `padTo` is not a positive integer, or a section breaks the padding
 */
export function composeHeader({ metrics, byteOrder = "<", padTo = 8, sections = [], masterFollowup }: NewFile): Composed {
  check(metrics, byteOrder, padTo)
  const codes = metrics.map(({ code }) => code)
  const row = rowLayout(codes, byteOrder, -1, 0)
  const structPadding = (padTo - (row.used % padTo)) % padTo
  const structSize = row.used + structPadding
  if (structSize > MAX_ROW) throw new LimitError(`rows of ${structSize} bytes, more than ${MAX_ROW}`, { format: "btsf" })
  const text = pythonJson({
    metrics: metrics.map(({ identifier, code, name = "", unit = "", description = "", isTime = false }) => {
      return { identifier, type: code, name, unit, description, is_time: isTime }
    }),
    struct_format: `${byteOrder}${codes.join("")}${structPadding}x`,
    struct_size: structSize,
    byte_order: byteOrder,
    pad_to: padTo,
    struct_padding: structPadding,
    file_version: 0.1,
  })
  const master = new TextEncoder().encode(text)
  const parts = [signatureBytes(), section(SECTION_MASTER, master, masterFollowup ?? -master.length & 7)]
  for (const { type, payload, followupSize = (padTo - (payload.length % padTo)) % padTo } of sections) {
    if ((payload.length + followupSize) % padTo !== 0) {
      throw new UsageError(`section of ${payload.length} + ${followupSize} bytes, expected a multiple of ${padTo}`, { format: "btsf" })
    }
    parts.push(section(type, payload, followupSize))
  }
  parts.push(section(SECTION_END, new Uint8Array(0), 0))
  return { bytes: joined(parts), row, structSize }
}

function check(metrics: readonly NewMetric[], byteOrder: string, padTo: number): void {
  const fail = (message: string) => {
    throw new UsageError(message, { format: "btsf" })
  }
  if (metrics.length === 0) fail("no metrics: a row must hold something")
  if (metrics.length > MAX_METRICS) fail(`${metrics.length} metrics, more than ${MAX_METRICS}`)
  if (!Number.isInteger(padTo) || padTo < 1) fail(`pad_to ${padTo}, expected a positive integer`)
  if (!isByteOrder(byteOrder)) fail(`byte order "${byteOrder}", expected one of < > = ! @`)
  const unknown = metrics.find(({ code }) => !isCode(code))
  if (unknown !== undefined) fail(`metric type "${unknown.code}", expected one of ${Object.keys(METRIC_CODES).join(" ")}`)
}

function signatureBytes(): Uint8Array {
  const bytes = new Uint8Array(SIGNATURE_SIZE)
  bytes.set(new TextEncoder().encode(SIGNATURE_TEXT))
  return bytes
}

/** Head, payload and followup of one section. */
export function section(type: number, payload: Uint8Array, followupSize: number): Uint8Array {
  const bytes = new Uint8Array(sectionHead.size + payload.length + followupSize)
  writeRecord(sectionHead, new DataView(bytes.buffer), 0, { type, payloadSize: payload.length, followupSize })
  bytes.set(payload, sectionHead.size)
  return bytes
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
