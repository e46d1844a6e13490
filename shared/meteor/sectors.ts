import { emptySector, type Ring, type Sector, SLOT_DATA, SLOT_END } from "../card/ring.js"
import type { Encoder, LogInfo, Row } from "../encoder.js"
import { twoDigits } from "../time-text.js"
import { FILE_HEADER_SIZE, FRAME_HEADER_SIZE, PUT, putFileHeader, putFrameHeader, SIZES, TYPE_PAD } from "./put.js"

/** A pad frame closes a sector, so the last row leaves room for its header. */
const ROWS_END = SLOT_END - FRAME_HEADER_SIZE
const LONGEST_PAD = FRAME_HEADER_SIZE + 255

/**
 * Meteor in sectors: every sector begins with a frame and ends with one. All groups share the open sector, so the
 * file holds the rows in the order of their ticks.
 */
export class MeteorSectors implements Encoder {
  readonly extension: string
  readonly rows: Row[]
  private readonly ring: Ring
  private readonly sector: Sector
  /** Time of the latest seal's frames: pads carry it, so that the clock never goes back. */
  private last: number

  constructor(ring: Ring) {
    this.extension = "MET"
    this.ring = ring
    this.last = 0
    this.sector = emptySector(ring.first())
    this.rows = []
    for (let i = 0; i < PUT.length; i++) {
      this.rows.push({ put: PUT[i] as Row["put"], sector: this.sector, last: ROWS_END - (SIZES[i] as number) })
    }
  }

  turn(sector: Sector, now: number): boolean {
    if (sector.open) this.seal(now)
    if (!this.ring.take(sector)) return false
    sector.since = now
    sector.at = SLOT_DATA
    return true
  }

  flush(now: number, age: number): void {
    if (this.sector.open && now - this.sector.since >= age) this.seal(now)
  }

  lead(slot: Buffer, n: number, info: LogInfo): boolean {
    if (n > 0) return false
    const name = logName(info)
    putStart(slot, info.start, name.length)
    const at = SLOT_DATA + FILE_HEADER_SIZE
    slot.blitAt(at, name, 0, name.length)
    putPads(slot, at + name.length, 0)
    return true
  }

  /** Frames need nothing of their place: behind the data the card is cleared, so that no older sector follows. */
  finish(_slot: Buffer, _sum: number, _session: number, _n: number): void {}

  private seal(now: number): void {
    if (now > this.last) this.last = now
    putPads(this.sector.slot, this.sector.at, this.last)
    this.ring.push(this.sector)
  }
}

/** The file header, with zeros for a time that is not known. The month counts from 0, as the format's own program reads it. */
function putStart(slot: Buffer, start: string, nameLength: number): void {
  if (start === "") {
    putFileHeader(slot, SLOT_DATA, 0, 0, 0, 0, nameLength)
    return
  }
  const seconds = twoDigits(start, 11) * 3600 + twoDigits(start, 14) * 60 + twoDigits(start, 17)
  putFileHeader(slot, SLOT_DATA, twoDigits(start, 8), twoDigits(start, 5) - 1, twoDigits(start, 2), seconds * 1000, nameLength)
}

/** The log's name in the file: session and file number, `a1b2c3d4-00012`. */
export function logName(info: LogInfo): string {
  const id = Buffer.alloc(4)
  id[0] = info.session >> 24
  id[1] = info.session >> 16
  id[2] = info.session >> 8
  id[3] = info.session
  let digits = `${info.number}`
  while (digits.length < 5) digits = `0${digits}`
  return `${id.toString("hex")}-${digits}`
}

/** Fills a sector's rest with frames that carry nothing. */
function putPads(slot: Buffer, from: number, tick: number): void {
  let at = from
  while (at < SLOT_END) {
    const rest = SLOT_END - at
    let size = rest > LONGEST_PAD ? LONGEST_PAD : rest
    // What remains must hold a header of its own.
    if (rest > size && rest - size < FRAME_HEADER_SIZE) size = size - FRAME_HEADER_SIZE
    putFrameHeader(slot, at, tick, TYPE_PAD, 0, size - FRAME_HEADER_SIZE)
    slot.fillAt(at + FRAME_HEADER_SIZE, size - FRAME_HEADER_SIZE, 0)
    at = at + size
  }
}
