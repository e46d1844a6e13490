import { emptySector, type Ring, type Sector, SLOT_DATA, SLOT_END } from "../card/ring.js"
import type { Encoder, LogInfo, Row } from "../encoder.js"
import { PUT, SIZES } from "./put.js"

/**
 * btsf in sectors: the header as the laptop made it, then the rows of one group, a whole number to a sector.
 *
 * The format has no room for a row that is none: a sector goes to the card when it is full, whatever the flush interval. Only the
 * last one of a recording is padded, with zeros, which readers take for space allocated ahead.
 */
export class BtsfRows implements Encoder {
  readonly extension: string
  readonly rows: Row[]
  private readonly ring: Ring
  private readonly sector: Sector
  private readonly head: Buffer

  /** @param head whole sectors */
  constructor(ring: Ring, head: Buffer) {
    this.extension = "BTS"
    this.ring = ring
    this.head = head
    this.sector = emptySector(ring.first())
    this.rows = []
    for (let i = 0; i < PUT.length; i++) {
      this.rows.push({ put: PUT[i] as Row["put"], sector: this.sector, last: SLOT_END - (SIZES[i] as number) })
    }
  }

  turn(sector: Sector, now: number): boolean {
    if (sector.open) this.ring.push(sector)
    if (!this.ring.take(sector)) return false
    sector.since = now
    sector.at = SLOT_DATA
    sector.slot.fillAt(SLOT_DATA, SLOT_END - SLOT_DATA, 0)
    return true
  }

  flush(_now: number, age: number): void {
    if (age === 0 && this.sector.open) this.ring.push(this.sector)
  }

  lead(slot: Buffer, n: number, _info: LogInfo): boolean {
    if (n * 512 >= this.head.length) return false
    slot.blitAt(SLOT_DATA, this.head, n * 512, 512)
    return true
  }

  finish(_slot: Buffer, _sum: number, _session: number, _n: number): void {}
}
