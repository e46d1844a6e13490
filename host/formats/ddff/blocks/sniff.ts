import { CRC_FROM, HEADER_SIZE } from "../../../../shared/ddff/layout.js"
import { crc16 } from "../../../bytes/crc16.js"
import { headerAt, headerFault } from "./scan.js"

/** The largest block number that the first block of a plausible file has. */
const MAX_FIRST_NUMBER = 1_000_000

/** ddff has no signature: a plausible first header is 1, with a CRC that holds 2. */
export function sniff(head: Uint8Array, size: number): 0 | 1 | 2 {
  if (head.length < HEADER_SIZE) return 0
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const header = headerAt(view, 0)
  if (headerFault(header) !== null || header.number > MAX_FIRST_NUMBER) return 0
  if (header.size > head.length) return header.size <= size ? 1 : 0
  return crc16(head, CRC_FROM, header.size) === header.crc ? 2 : 1
}
