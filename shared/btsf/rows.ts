import { FULL, NO_SECTOR, type Ring, type Sector, SLOT_DATA, SLOT_END } from "../card/ring.js"
import type { Encoder, LogInfo, PutRows } from "../logger/encoder.js"
import { PUT } from "./put.js"

/**
 * btsf in sectors: the header as the laptop made it, then the rows of one group, a whole number to a sector.
 *
 * The format has no room for a row that is none: a sector goes to the card when it is full, whatever the flush interval. Only the
 * last one of a recording is padded, with zeros, which readers take for space allocated ahead.
 */
export class BtsfRows implements Encoder {
  readonly extension: string
  private readonly ring: Ring
  private readonly sectors: Sector[]
  private readonly head: Buffer

  /** @param head whole sectors */
  constructor(ring: Ring, head: Buffer) {
    this.extension = "BTS"
    this.ring = ring
    this.head = head
    this.sectors = [NO_SECTOR]
  }

  put(which: number, given: boolean[], values: number[][], tick: number, now: number): number {
    const putRows = PUT[which] as PutRows
    return putRows(this, this.sectors, given, values, tick, now)
  }

  turn(place: number, now: number): Sector {
    const ring = this.ring
    const full = this.sectors[place] as Sector
    if (full.at < FULL) ring.push(full)
    let sector = NO_SECTOR
    if (ring.spare > 0) {
      sector = ring.take()
      sector.since = now
      sector.at = SLOT_DATA
      sector.slot.fillAt(SLOT_DATA, SLOT_END - SLOT_DATA, 0)
    }
    this.sectors[place] = sector
    return sector
  }

  flush(_now: number, age: number): void {
    const sector = this.sectors[0] as Sector
    if (age > 0 || sector.at === FULL) return
    this.ring.push(sector)
    this.sectors[0] = NO_SECTOR
  }

  lead(slot: Buffer, n: number, _info: LogInfo): boolean {
    if (n * 512 >= this.head.length) return false
    slot.blitAt(SLOT_DATA, this.head, n * 512, 512)
    return true
  }

  begin(): void {}

  finish(_sector: Sector, _session: number, _n: number): void {}
}
