import { FULL, NO_SECTOR, type Ring, type Sector, SLOT_DATA, SLOT_END } from "../card/ring.js"
import type { Encoder, LogInfo, PutRows } from "../logger/encoder.js"
import { twoDigits } from "../logger/time-text.js"
import { FILE_HEADER_SIZE, FRAME_HEADER_SIZE, PUT, putFileHeader, putFrameHeader, TYPE_PAD } from "./put.js"

const LONGEST_PAD = FRAME_HEADER_SIZE + 255

/**
 * Meteor in sectors: every sector begins with a frame and ends with one. All groups share the open sector, so the
 * file holds the rows in the order of their ticks.
 */
export class MeteorSectors implements Encoder {
  readonly extension: string
  private readonly ring: Ring
  private readonly parts: PutRows[]
  private readonly sectors: Sector[]

  /** @param own code for another channel list than the logger's */
  constructor(ring: Ring, own: PutRows[] = PUT) {
    this.extension = "MET"
    this.ring = ring
    this.parts = own
    this.sectors = [NO_SECTOR]
  }

  put(which: number, given: boolean[], values: number[][], tick: number, now: number): number {
    const putRows = this.parts[which] as PutRows
    return putRows(this, this.sectors, given, values, tick, now)
  }

  turn(place: number, now: number): Sector {
    const ring = this.ring
    const full = this.sectors[place] as Sector
    if (full.at < FULL) this.seal(full, now)
    let sector = NO_SECTOR
    if (ring.spare > 0) {
      sector = ring.take()
      sector.since = now
      sector.at = SLOT_DATA
    }
    this.sectors[place] = sector
    return sector
  }

  flush(now: number, age: number): void {
    const sector = this.sectors[0] as Sector
    if (sector.at === FULL || now - sector.since < age) return
    this.seal(sector, now)
    this.sectors[0] = NO_SECTOR
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

  begin(): void {}

  /** Frames need nothing of their place: behind the data the card is cleared, so that no older sector follows. */
  finish(_sector: Sector, _session: number, _n: number): void {}

  private seal(sector: Sector, now: number): void {
    putPads(sector.slot, sector.at, now)
    this.ring.push(sector)
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

/** The log's name in the file: session and file number, `a1b2c3d4-00012`, and the logger's name behind them. */
function logName(info: LogInfo): string {
  const id = Buffer.alloc(4)
  id[0] = info.session >> 24
  id[1] = info.session >> 16
  id[2] = info.session >> 8
  id[3] = info.session
  let digits = `${info.number}`
  while (digits.length < 5) digits = `0${digits}`
  const name = `${id.toString("hex")}-${digits}`
  return info.name === "" ? name : `${name}-${info.name}`
}

/** Fills a sector's rest with frames that carry nothing. */
function putPads(slot: Buffer, from: number, tick: number): void {
  slot.fillAt(from, SLOT_END - from, 0)
  let at = from
  while (at < SLOT_END) {
    const rest = SLOT_END - at
    let size = rest > LONGEST_PAD ? LONGEST_PAD : rest
    // What remains must hold a header of its own.
    if (rest > size && rest - size < FRAME_HEADER_SIZE) size = size - FRAME_HEADER_SIZE
    putFrameHeader(slot, at, tick, TYPE_PAD, 0, size - FRAME_HEADER_SIZE)
    at = at + size
  }
}
