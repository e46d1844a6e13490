import { CRC_FROM, HEADER_SIZE } from "../../../shared/ddff/layout.js"
import { crc16 } from "../../bytes/crc16.js"
import type { Format } from "../../model/format.js"
import { headerAt, headerFault } from "./blocks/scan.js"

/** The largest block number that the first block of a plausible file has. */
const MAX_FIRST_NUMBER = 1_000_000

/**
 * DelftDataFileFormat: blocks with CRC, streams of msgpack records. Every part is loaded when it is needed.
 *
 * To read it: read.ts, blocks/ (bytes to streams), inventory/ (names and tags), windows.ts, records/ (records to columns).
 * To write it: write.ts, records/encode.ts, blocks/block-writer.ts. docs/architecture.md has every file in order.
 */
export const ddff: Format = {
  name: "ddff",
  title: "DelftDataFileFormat (DUECA)",
  extensions: [".ddff", ".ddf"],
  sideFile: true,
  options: ["spec", "tick", "recording"],
  calibrated: true,
  writeOptions: ["variant", "block", "label"],
  sniff,
  open: async (source, options) => (await import("./read.js")).openDdff(source, options),
  write: async (log, output, options) => (await import("./write.js")).writeDdff(log, output, options),
  append: async (...args) => (await import("./append.js")).appendDdff(...args),
  async *check(source, options) {
    yield* (await import("./check.js")).checkDdff(source, options)
  },
  recover: async (source, output, options) => (await import("./recover.js")).recoverDdff(source, output, options),
  complete: async (source) => (await import("./link.js")).linkDdff(source),
  repair: async (source, output, options) => (await import("./repair.js")).repairDdff(source, output, options),
}

/** ddff has no signature: a plausible first header gives 1, one whose CRC matches gives 2. */
function sniff(head: Uint8Array, size: number): 0 | 1 | 2 {
  if (head.length < HEADER_SIZE) return 0
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const header = headerAt(view, 0)
  if (headerFault(header) !== null || header.number > MAX_FIRST_NUMBER) return 0
  if (header.size > head.length) return header.size <= size ? 1 : 0
  return crc16(head, CRC_FROM, header.size) === header.crc ? 2 : 1
}
