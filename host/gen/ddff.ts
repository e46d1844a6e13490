import { SLOT_DATA } from "../../shared/card/ring.js"
import { blockHeader, blockStamp, CHAIN_END, HEADER_SIZE } from "../../shared/ddff/layout.js"
import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import { SCALARS } from "../logger/scalars.js"
import { capital, generated, hexDigits, list, putRecord } from "./code.js"
import { crcState, crcTables } from "./crc-tables.js"
import { ownSectorRows, type RowCode, VALUES } from "./rows.js"

/** Bytes of the logger's blocks: one sector each. */
const BLOCK_SIZE = 512
/** Payload of a block: what header and stamp leave. */
const PAYLOAD = BLOCK_SIZE - HEADER_SIZE - blockStamp.size
/** Stream of the first group; 0 is the inventory, 1 the tags. */
const FIRST_STREAM = 2

/** One entry of the inventory: key, stream and the label that the format's own reader wants as JSON. */
interface InventoryEntry {
  readonly key: string
  readonly id: number
  readonly label: string
}

/** The inventory of a channel list. */
export function inventory(groups: readonly LoggedGroup[]): InventoryEntry[] {
  return groups.map((group, i) => {
    const members = group.channels.map(({ name, type }) => ({ name, class: SCALARS[type].ddff, type: "primitive" }))
    return { key: group.name, id: FIRST_STREAM + i, label: JSON.stringify({ class: capital(group.name), type: "object", members }) }
  })
}

/** Bytes of a group's record at fixed width: `[uint32 tick, 0, [members]]`. */
function recordSize(group: LoggedGroup): number {
  return 8 + group.channels.reduce((sum, channel) => sum + 1 + SCALARS[channel.type].size, 0)
}

/** `shared/ddff/put.ts`: the board's ddff encoder. */
export function ddffPut(groups: readonly LoggedGroup[]): string {
  const rows = groups.map((group, i) => rowCode(group, FIRST_STREAM + i))
  const stream = inventoryPayload(groups)
  const blocks = Math.ceil(stream.length / PAYLOAD)
  return generated([
    'import type { Sector } from "../card/ring.js"',
    'import type { PutRows, Turner } from "../logger/encoder.js"',
    'import { S0, S1, S2, S3 } from "./crc-tables.js"',
    "",
    `export const HEADER_SIZE = ${HEADER_SIZE}`,
    `export const FIRST_STREAM = ${FIRST_STREAM}`,
    "/** Bytes of header and payload; the stamp follows. */",
    `export const STAMP_AT = ${HEADER_SIZE + PAYLOAD}`,
    "",
    putRecord(blockHeader, "putBlockHeader", { nextOffset: CHAIN_END, crc: 0, blockSize: BLOCK_SIZE }),
    "",
    putRecord(blockStamp, "putStamp", {}),
    "",
    "/** The inventory stream, where in each of its blocks the first record begins (0: none does), and the CRC state of each payload. */",
    `export const INVENTORY = hex\`${hexDigits(stream)}\``,
    list("export const INVENTORY_OBJECTS: number[]", objectOffsets(groups, blocks)),
    list("export const INVENTORY_SUMS: number[]", payloadSums(stream, blocks)),
    "",
    "/** The one recording's tag: where each stream begins, ticks from 0 to an end that is not known. Time and the name's five digits are put in. */",
    `export const TAG = hex\`${hexDigits(tag(groups, blocks))}\``,
    `export const TAG_TIME = ${tag(groups, blocks).indexOf(UNKNOWN_TIME)}`,
    `export const TAG_NUMBER = ${tag(groups, blocks).indexOf(NO_NAME) + 3}`,
    "",
    "/** Streams of the groups. */",
    `export const STREAMS = ${groups.length}`,
    "",
    ...ownSectorRows(
      groups,
      rows,
      SLOT_DATA + HEADER_SIZE + PAYLOAD,
      ["let p: number", "let c: number", "let w: number", "let x: number"],
      crcRun,
    ),
  ])
}

/** `shared/ddff/crc-tables.ts`: tables of the board's CRC. */
export function ddffCrcTables(): string {
  const { slices, zeros, seed } = crcTables()
  const table = (name: string, bytes: Uint8Array): string => `export const ${name} = hex\`${hexDigits(bytes)}\``
  return generated([
    "",
    "/** CRC-16/CCITT-FALSE, byte-swapped: table n is a byte followed by n zero bytes. */",
    ...slices.map((bytes, n) => table(`S${n}`, bytes)),
    "",
    "/** The state's four half bytes, from the lowest, moved over 64 zero bytes. */",
    ...zeros.map((bytes, n) => table(`Z${n}`, bytes)),
    "",
    "/** Two zero bytes lead from here to the start value 0xFFFF. */",
    `export const CRC_SEED = ${seed}`,
  ])
}

function rowCode(group: LoggedGroup, stream: number): RowCode {
  const bytes = new Uint8Array(recordSize(group))
  bytes.set([0x93, 0xce, 0, 0, 0, 0, 0, 0x90 + group.channels.length])
  let at = 8
  for (const { type } of group.channels) {
    bytes[at] = SCALARS[type].msgpack
    at += 1 + SCALARS[type].size
  }
  const channels = group.channels.map(({ name, type }) => `${name} ${type}`).join(", ")
  return { what: `Stream ${stream} \`${group.name}\`: [tick, 0, [${channels}]]`, bytes, stores: (t) => recordStores(group, t) }
}

function recordStores(group: LoggedGroup, t: string): string[] {
  const lines = [`${t}.setAt(2, "i32", tick)`]
  let at = 8
  group.channels.forEach(({ type }, i) => {
    const width = SCALARS[type].size
    if (width === 1) lines.push(`${t}[${at + 1}] = ${VALUES}[${i}] as number`)
    else {
      lines.push(`x = ${VALUES}[${i}] as number`)
      for (let k = 0; k < width; k++) {
        const shift = 8 * (width - 1 - k)
        lines.push(`${t}[${at + 1 + k}] = ${shift === 0 ? "x" : `x >> ${shift}`}`)
      }
    }
    at += 1 + width
  })
  return lines
}

/** The CRC follows the records in steps of four bytes, up to the last whole one. */
function crcRun(size: number): string[] {
  return [
    `at = at + ${size - 3}`,
    "p = sector.summed",
    "c = sector.sum",
    "while (p < at) {",
    '  w = c ^ slot.getAt(p, "i32")',
    "  c =",
    '    S3.getAt((w & 255) << 1, "u16") ^',
    '    S2.getAt((w >> 7) & 510, "u16") ^',
    '    S1.getAt((w >> 15) & 510, "u16") ^',
    '    S0.getAt((w >>> 23) & 510, "u16")',
    "  p = p + 4",
    "}",
    "sector.sum = c",
    "sector.summed = p",
  ]
}

function inventoryRecords(groups: readonly LoggedGroup[]): Uint8Array[] {
  return inventory(groups).map(({ key, id, label }) => Buffer.concat([Buffer.from([0x93]), text(key), Buffer.from([id]), text(label)]))
}

function inventoryPayload(groups: readonly LoggedGroup[]): Uint8Array {
  return Buffer.concat(inventoryRecords(groups))
}

function payloadSums(stream: Uint8Array, blocks: number): number[] {
  return Array.from({ length: blocks }, (_, n) => crcState(stream.subarray(n * PAYLOAD, (n + 1) * PAYLOAD), PAYLOAD))
}

function objectOffsets(groups: readonly LoggedGroup[], blocks: number): number[] {
  const offsets = new Array<number>(blocks).fill(0)
  let at = 0
  for (const record of inventoryRecords(groups)) {
    const block = Math.floor(at / PAYLOAD)
    if (offsets[block] === 0) offsets[block] = HEADER_SIZE + (at % PAYLOAD)
    at += record.length
  }
  return offsets
}

/** The format has no way to say that the time is not known. */
const UNKNOWN_TIME = "1970-01-01 00:00:00"
const NO_NAME = "LOG00000"

/** `[[offsets], [offsets in the blocks], cycle, index0, index1, time, label, remark]`: the streams begin behind inventory and tag. */
function tag(groups: readonly LoggedGroup[], inventoryBlocks: number): Buffer {
  const offsets = groups.flatMap((_, i) => {
    const offset = (inventoryBlocks + 1 + i) * BLOCK_SIZE
    return [0xcd, offset >> 8, offset & 255]
  })
  const list = 0x90 + groups.length
  const head = [0x98, list, ...offsets, list, ...groups.map(() => HEADER_SIZE), 0, 0, 0xce, 0xff, 0xff, 0xff, 0xff]
  return Buffer.concat([Buffer.from(head), text(UNKNOWN_TIME), text(NO_NAME), text("")])
}

/** msgpack str in its shortest form, as the format's own writer has it. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  const n = bytes.length
  const head = n < 32 ? [0xa0 + n] : n < 256 ? [0xd9, n] : [0xda, n >> 8, n & 255]
  return Buffer.concat([Buffer.from(head), bytes])
}
