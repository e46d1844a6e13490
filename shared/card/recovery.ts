import type { Fat32 } from "./fat32.js"
import type { DirEntry } from "./root-folder.js"
import type { SdCard } from "./sd.js"
import { isFill } from "./sector.js"
import { stripSectors } from "./strip.js"

/** The end of a log that was not closed: where the sectors of one byte alone begin that stand behind the data. */

/**
 * After a power cut: ends the logs that were open at their last written sector, and removes those made ahead and never written.
 * Interrupted at any point, it does the rest at the next start.
 * @returns sectors of the newest log that was cut, 0 when there was none to end
 * @throws CardError
 */
export async function recoverLogs(card: SdCard, volume: Fat32, sector: Buffer): Promise<number> {
  let below = 100000
  let ended = 0
  for (;;) {
    const entry = await volume.root.outermostLog(1, below)
    if (entry === null || !isWhole(volume, entry)) return ended
    const sectors = entry.size / 512
    const end = await findEnd(card, volume.lba(entry.firstCluster), sectors, sector)
    if (end === sectors) return ended
    below = entry.number
    if (end === 0) await volume.remove(entry)
    else await volume.trim(entry, end * 512)
    if (ended === 0) ended = end
  }
}

/** True for a file as `Segment.enter` leaves it: whole space units. */
function isWhole(volume: Fat32, entry: DirEntry): boolean {
  const units = entry.size / volume.unitBytes()
  return units >= 1 && units === Math.floor(units) && (entry.firstCluster & 127) === 0 && entry.firstCluster > 0
}

/** Number of the first sector that holds one byte only. */
async function findEnd(card: SdCard, base: number, sectors: number, sector: Buffer): Promise<number> {
  await card.pause()
  const step = stripSectors(sectors)
  let low = 0
  let high = sectors
  // The strip behind the data is longer than a step, so one of these hits it; beyond it there may be anything.
  for (let k = 0; k < sectors; k += step) {
    await card.read(base + k, sector)
    if (await isFill(card, sector)) {
      high = k
      break
    }
    low = k + 1
  }
  while (low < high) {
    const middle = (low + high) >> 1
    await card.read(base + middle, sector)
    if (await isFill(card, sector)) high = middle
    else low = middle + 1
  }
  return high
}
