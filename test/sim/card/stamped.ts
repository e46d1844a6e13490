import { FULL, type Sector, SLOT_DATA } from "../../../shared/card/ring.js"
import { FRAME_HEADER_SIZE, putFrameHeader, putStamp, STAMP_SIZE, TYPE_STAMP } from "../../../shared/meteor/put.js"
import { MeteorSectors } from "../../../shared/meteor/sectors.js"

/**
 * Meteor in sectors that say whose they are: the first frame of each holds session and sector number, so that a log is found on a
 * card without its folder, and no sector of an older one is taken for its own. The format's own reader skips these frames
 * with a warning each. The board's program leaves them out: the card driver clears what lies behind the data.
 */
export class StampedMeteorSectors extends MeteorSectors {
  override turn(place: number, now: number): Sector {
    const sector = super.turn(place, now)
    if (sector.at === FULL) return sector
    putFrameHeader(sector.slot, SLOT_DATA, now, TYPE_STAMP, 0, STAMP_SIZE)
    sector.at = SLOT_DATA + FRAME_HEADER_SIZE + STAMP_SIZE
    return sector
  }

  override finish(sector: Sector, session: number, n: number): void {
    putStamp(sector.slot, SLOT_DATA + FRAME_HEADER_SIZE, session, n)
  }
}
