import { SECTION_ANNOTATIONS, sectionHead } from "../../../shared/btsf/layout.js"
import { UsageError } from "../../model/errors.js"
import { composeHeader, type NewMetric } from "./compose.js"
import type { RowField } from "./head/row-layout.js"

/** Bytes that a card writes at once. */
const SECTOR = 512

/** A header for a logger, and where it puts its values. */
export interface DeviceHeader {
  /** A multiple of 512 bytes; the rows begin behind it. */
  readonly bytes: Uint8Array
  /** Divides 512: no row straddles a sector, and a torn write costs rows of one sector only. */
  readonly structSize: number
  /** Little-endian places of the metrics in a row. */
  readonly fields: readonly RowField[]
  /** Bytes of a row from here on stay zero. */
  readonly used: number
}

/**
 * The header of a btsf file that a microcontroller fills with rows: byte order `<`, row size a power of two, rows at a sector boundary.
 * The room up to the boundary is the spare space of an empty annotation section, so the file can be annotated in place.
 * @param reserve least room for annotations, in bytes
 * @param least least bytes of a row, a power of two
 * @throws UsageError for rows longer than a sector, and for 64-bit integers, which the board lacks
 */
export function btsfDeviceHeader(metrics: readonly NewMetric[], { reserve = 256, least = 1 } = {}): DeviceHeader {
  const wide = metrics.find(({ code }) => code === "q" || code === "Q")
  if (wide !== undefined) {
    const hint = "use two UInt32 metrics, or a Double up to 2^53"
    throw new UsageError(`metric "${wide.identifier}" is a 64-bit integer, which the board cannot write`, { format: "btsf", hint })
  }
  const { row } = composeHeader({ metrics, padTo: 1 })
  if (row.used > SECTOR) throw new UsageError(`rows of ${row.used} bytes, more than a sector of ${SECTOR}`, { format: "btsf" })
  const structSize = Math.max(least, 2 ** Math.ceil(Math.log2(row.used)))
  const payload = new TextEncoder().encode('{"annotations": []}')
  const headerWith = (masterFollowup: number, room: number) => {
    const sections = [{ type: SECTION_ANNOTATIONS, payload, followupSize: room - payload.length }]
    return composeHeader({ metrics, padTo: structSize, masterFollowup, sections }).bytes
  }
  // Two heads, of the annotations and of the end, and a room of whole paddings lie between the master's end and the sector boundary.
  const heads = 2 * sectionHead.size
  const leastRoom = Math.ceil(Math.max(reserve, payload.length) / structSize) * structSize
  const masterEnd = headerWith(0, leastRoom).length - heads - leastRoom
  const unit = Math.max(8, structSize)
  const masterFollowup = Math.ceil((masterEnd + heads) / unit) * unit - heads - masterEnd
  const fixed = masterEnd + masterFollowup + heads
  const room = Math.ceil((fixed + leastRoom) / SECTOR) * SECTOR - fixed
  return { bytes: headerWith(masterFollowup, room), structSize, fields: row.fields, used: row.used }
}
