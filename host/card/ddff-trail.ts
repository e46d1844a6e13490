import { blockHeader, blockStamp, CRC_FROM, STREAM_INVENTORY, STREAM_TAGS } from "../../shared/ddff/layout.js"
import { crc16 } from "../bytes/crc16.js"
import { readRecord } from "../bytes/layout.js"
import type { Trail } from "./trail.js"

const SECTOR = 512
/** Larger blocks are not looked for. */
const MAX_BLOCK = 65_536
/** Damaged blocks in a row after which the log is given up. */
const PATIENCE = 16

/** Follows a ddff log from block to block. Each block has a CRC; if the blocks have session stamps, the session must be this log's. */
export class DdffTrail implements Trail {
  readonly format = "ddff"
  readonly extension = "DDF"
  readonly certain = true
  session: number | null = null
  number: number | null = null
  sectors = 0
  damaged = 0

  private readonly block: Uint8Array
  private readonly view: DataView
  private filled = 0
  private seen = 0
  private sequence = -1
  private bad = 0

  private constructor(size: number) {
    this.block = new Uint8Array(size)
    this.view = new DataView(this.block.buffer)
  }

  get inside(): boolean {
    return this.filled > 0
  }

  /** The log that begins in a sector, or null: its first block is the inventory's. */
  static begin(sector: Uint8Array): DdffTrail | null {
    if (!mayBegin(sector)) return null
    const header = readRecord(blockHeader, new DataView(sector.buffer, sector.byteOffset, sector.length), 0)
    if (header.streamId !== STREAM_INVENTORY || header.blockNumber !== 0) return null
    const size = header.blockSize
    if (size < SECTOR || size > MAX_BLOCK || size % SECTOR !== 0) return null
    if (header.fill <= blockHeader.size || header.fill > size || header.objectOffset !== blockHeader.size) return null
    const trail = new DdffTrail(size)
    // One sector is the whole block of the logger; a larger one proves itself when it is complete.
    return trail.take(sector) ? trail : null
  }

  take(sector: Uint8Array): boolean {
    this.block.set(sector, this.filled)
    this.filled += SECTOR
    this.seen++
    if (this.filled < this.block.length) return true
    this.filled = 0
    if (this.accept()) {
      this.damaged += this.bad
      this.bad = 0
      this.sectors = this.seen
      return true
    }
    this.bad += this.block.length / SECTOR
    return this.sectors > 0 && this.bad <= (PATIENCE * this.block.length) / SECTOR
  }

  /** Takes the current block as this log's next. */
  private accept(): boolean {
    const header = readRecord(blockHeader, this.view, 0)
    const size = this.block.length
    if (header.blockSize !== size || header.fill < blockHeader.size || header.fill > size) return false
    if (crc16(this.block, CRC_FROM, size) !== header.crc) return false
    const stamp = readRecord(blockStamp, this.view, size - blockStamp.size)
    const room = header.fill <= size - blockStamp.size
    if (this.sectors === 0) {
      // The first block's stamp counts from 0; zeros alone are padding.
      if (room && stamp.session !== 0 && stamp.sequence === 0) {
        this.session = stamp.session
        this.sequence = 0
      }
    } else if (this.session !== null) {
      if (!room || stamp.session !== this.session || stamp.sequence <= this.sequence) return false
      this.sequence = stamp.sequence
    }
    if (header.streamId === STREAM_TAGS && header.blockNumber === 0) this.readNumber(header.fill)
    return true
  }

  /** The logger's tag names its file: `LOG12`. */
  private readNumber(fill: number): void {
    const text = Buffer.from(this.block.subarray(blockHeader.size, fill)).toString("latin1")
    const name = /LOG(\d{1,5})(?!\d)/.exec(text)
    if (name !== null) this.number = Number(name[1])
  }
}

/** A quick look at stream (u16 at 10) and block size (u32 at 12): most sectors of a card end here. */
function mayBegin(b: Uint8Array): boolean {
  return b[10] === 0 && b[11] === 0 && b[12] === 0 && b[15] === 0 && ((b[13] as number) | (b[14] as number)) !== 0
}
