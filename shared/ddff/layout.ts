/** ddff's records as tables. Source: DUECA's ddff writer and pyddff, both run; the README's 20-byte header is wrong. */

/** Next offset of the last block of a stream, as the C++ writer has it. */
export const CHAIN_END = 0x7fffffffffffffffn
/** Same, as the Python writer has it. */
export const CHAIN_END_PY = -1n
/** First byte under the CRC. */
export const CRC_FROM = 10
export const HEADER_SIZE = 28
export const STREAM_INVENTORY = 0
export const STREAM_TAGS = 1

export const blockHeader = {
  name: "ddff block header",
  source: "DUECA ddff/ControlBlock and pyddff as run; all integers big-endian",
  endian: "be",
  size: 28,
  fields: {
    nextOffset: {
      at: 0,
      type: "i64",
      unit: "byte",
      doc: "File offset of this stream's next block; INT64_MAX or -1 at the end of the chain",
    },
    crc: { at: 8, type: "u16", unit: "", doc: "CRC-16/CCITT-FALSE of byte 10 to the end of the block, unused tail included" },
    streamId: { at: 10, type: "u16", unit: "", doc: "0 the inventory, 1 the tags (in files that have them)" },
    blockSize: { at: 12, type: "u32", unit: "byte", doc: "Header included" },
    fill: { at: 16, type: "u32", unit: "byte", doc: "Bytes in use, header included" },
    objectOffset: { at: 20, type: "u32", unit: "byte", doc: "Offset in the block of the first record begun in it; 0 none" },
    blockNumber: { at: 24, type: "u32", unit: "", doc: "Number within the stream, from 0" },
  },
  tail: "payload, then zero bytes up to blockSize; records run on from block to block of a stream",
} as const

export const blockStamp = {
  name: "fieldlog block stamp, last 8 bytes of a block whose fill leaves them free",
  source: "fieldlog; readers ignore bytes past fill, the CRC covers them",
  endian: "be",
  size: 8,
  fields: {
    session: { at: 0, type: "u32", unit: "", doc: "Random number of the log file; a stale block has another" },
    sequence: { at: 4, type: "u32", unit: "", doc: "Number of the block in the file, over all streams" },
  },
} as const
