import { FULL, NO_SECTOR, type Ring, type Sector, SLOT_DATA } from "../card/ring.js"
import type { Encoder, LogInfo, PutRows } from "../logger/encoder.js"
import { CRC_SEED, crcRun, crcZeros } from "./crc.js"
import {
  FIRST_STREAM,
  HEADER_SIZE,
  INVENTORY,
  INVENTORY_OBJECTS,
  INVENTORY_SUMS,
  PUT,
  putBlockHeader,
  putStamp,
  STAMP_AT,
  STREAMS,
  TAG,
  TAG_NUMBER,
  TAG_TIME,
} from "./put.js"

const BLOCK = 512
const PAYLOAD = STAMP_AT - HEADER_SIZE
const PAYLOAD_AT = SLOT_DATA + HEADER_SIZE
const ROWS_END = SLOT_DATA + STAMP_AT

/**
 * ddff in blocks of one sector. Each group is a stream with its own open block; records never cross blocks, so a block
 * is complete in itself. The inventory's blocks lie one behind the other, so they are linked. Blocks are never rewritten: the other
 * streams' `next` pointers say "end of chain", for the place of a stream's next block is not known when a block goes to the card.
 * The laptop links them; the CRC does not cover them.
 */
export class DdffBlocks implements Encoder {
  readonly extension: string
  private readonly ring: Ring
  private readonly parts: PutRows[]
  private readonly sectors: Sector[]
  /** Next block number of each stream, inventory and tags included. */
  private readonly numbers: number[]
  private readonly inventoryBlocks: number

  /** @param own code for another channel list than the logger's @param streams its groups */
  constructor(ring: Ring, own: PutRows[] = PUT, streams: number = STREAMS) {
    this.extension = "DDF"
    this.ring = ring
    this.parts = own
    this.sectors = []
    this.numbers = [0, 0]
    this.inventoryBlocks = INVENTORY_OBJECTS.length
    for (let i = 0; i < streams; i++) {
      this.sectors.push(NO_SECTOR)
      this.numbers.push(0)
    }
  }

  put(which: number, given: boolean[], values: number[][], tick: number, now: number): number {
    const putRows = this.parts[which] as PutRows
    return putRows(this, this.sectors, given, values, tick, now)
  }

  turn(place: number, now: number): Sector {
    const ring = this.ring
    const full = this.sectors[place] as Sector
    if (full.at < FULL) this.seal(place, full)
    let sector = NO_SECTOR
    if (ring.spare > 0) {
      sector = ring.take()
      sector.since = now
      sector.at = PAYLOAD_AT
      sector.sum = 0
      sector.summed = PAYLOAD_AT
    }
    this.sectors[place] = sector
    return sector
  }

  flush(now: number, age: number): void {
    for (let i = 0; i < this.sectors.length; i++) {
      const sector = this.sectors[i] as Sector
      if (sector.at === FULL || now - sector.since < age) continue
      this.seal(i, sector)
      this.sectors[i] = NO_SECTOR
    }
  }

  /** Inventory, one tag, then the empty first block of each stream, so that the tag can name their places. */
  lead(slot: Buffer, n: number, info: LogInfo): boolean {
    const stream = n < this.inventoryBlocks ? 0 : n - this.inventoryBlocks + 1
    if (stream >= FIRST_STREAM + this.sectors.length) return false
    slot.fillAt(SLOT_DATA, BLOCK, 0)
    let used = 0
    let object = HEADER_SIZE
    let sum = 0
    if (stream === 0) {
      const rest = INVENTORY.length - n * PAYLOAD
      used = rest < PAYLOAD ? rest : PAYLOAD
      slot.blitAt(PAYLOAD_AT, INVENTORY, n * PAYLOAD, used)
      object = INVENTORY_OBJECTS[n] as number
      sum = INVENTORY_SUMS[n] as number
    } else if (stream === 1) {
      used = TAG.length
      slot.blitAt(PAYLOAD_AT, TAG, 0, used)
      slot.blitAt(PAYLOAD_AT + TAG_TIME, info.start, 0, info.start.length)
      let rest = info.number
      for (let i = 4; i >= 0; i--) {
        const tens = Math.floor(rest / 10)
        slot[PAYLOAD_AT + TAG_NUMBER + i] = 48 + rest - tens * 10
        rest = tens
      }
      if (info.name !== "") used = used + putName(slot, info.name)
      const end = PAYLOAD_AT + ((used + 3) & -4)
      sum = crcZeros(ROWS_END - end, crcRun(slot, PAYLOAD_AT, end, 0))
    }
    putBlockHeader(slot, SLOT_DATA, stream, HEADER_SIZE + used, object, 0)
    if (n + 1 < this.inventoryBlocks) {
      slot.fillAt(SLOT_DATA, 8, 0)
      const next = (n + 1) << 9
      slot[SLOT_DATA + 6] = next >> 8
      slot[SLOT_DATA + 7] = next
    }
    complete(slot, sum, info.session, n, stream === 0 ? n : 0)
    return true
  }

  begin(): void {
    this.numbers[0] = this.inventoryBlocks
    for (let i = 1; i < this.numbers.length; i++) this.numbers[i] = 1
  }

  finish(sector: Sector, session: number, n: number): void {
    const stream = sector.slot[SLOT_DATA + 11] as number
    const number = this.numbers[stream] as number
    this.numbers[stream] = number + 1
    complete(sector.slot, sector.sum, session, n, number)
  }

  /** Header, zero tail, and the CRC brought to the payload's end. */
  private seal(place: number, sector: Sector): void {
    const slot = sector.slot
    const at = sector.at
    slot.fillAt(at, SLOT_DATA + BLOCK - at, 0)
    putBlockHeader(slot, SLOT_DATA, FIRST_STREAM + place, at - SLOT_DATA, HEADER_SIZE, 0)
    // The last bytes of the last record, with the zeros up to the next step.
    const step = at > sector.summed ? sector.summed + 4 : sector.summed
    sector.sum = crcZeros(ROWS_END - step, crcRun(slot, sector.summed, step, sector.sum))
    this.ring.push(sector)
  }
}

/** Numbers a block in its stream, stamps it, and completes its CRC from the payload's. @param n its place in the file */
function complete(slot: Buffer, sum: number, session: number, n: number, number: number): void {
  slot[SLOT_DATA + 24] = number >> 24
  slot[SLOT_DATA + 25] = number >> 16
  slot[SLOT_DATA + 26] = number >> 8
  slot[SLOT_DATA + 27] = number
  putStamp(slot, ROWS_END, session, n)
  slot[SLOT_DATA + 8] = 0
  slot[SLOT_DATA + 9] = 0
  const header = crcZeros(BLOCK - HEADER_SIZE, crcRun(slot, SLOT_DATA + 8, PAYLOAD_AT, CRC_SEED))
  const crc = header ^ crcRun(slot, ROWS_END, SLOT_DATA + BLOCK, sum)
  slot[SLOT_DATA + 8] = crc
  slot[SLOT_DATA + 9] = crc >> 8
}

/** Lengthens the tag's label by the logger's name: `LOG00012-car-7`. @returns bytes that the tag has more */
function putName(slot: Buffer, name: string): number {
  const label = PAYLOAD_AT + TAG_NUMBER - 3
  // Behind the label stands but an empty string.
  const end = PAYLOAD_AT + TAG.length - 1
  slot[label - 1] = 0xa0 + end - label + 1 + name.length
  slot[end] = 45
  slot.blitAt(end + 1, name, 0, name.length)
  slot[end + 1 + name.length] = 0xa0
  return 1 + name.length
}
