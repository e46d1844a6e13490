import { isOwnLog } from "../logger/own-log.js"
import { type CardError, isLocal } from "./bus.js"
import type { Fat32 } from "./fat32.js"
import type { DirEntry } from "./root-folder.js"
import type { SdCard } from "./sd.js"
import { isFill } from "./sector.js"
import { stripSectors } from "./strip.js"

/** The end of a log that was not closed: where the sectors of one byte alone begin that stand behind the data. */

/** True for a log of ours at `base`. @param sector its bytes are lost */
type IsOwn = (card: SdCard, base: number, entry: DirEntry, sector: Buffer) => Promise<boolean>

/** Closed logs of ours after which none is expected that was left open: two may be open at a time. */
const CLOSED_BEFORE_END = 3

/**
 * After a power cut: ends the logs that were open at their last written sector, and removes those that were never written.
 * Only what the logger made itself is touched: a file in one piece, of whole space units, with the logger's mark. What cannot be read or
 * written stays as it is. Interrupted at any point, it does the rest at the next start.
 * @returns sectors of the newest log that was cut, 0 when there was none to end
 * @throws CardError
 */
export async function recoverLogs(card: SdCard, volume: Fat32, sector: Buffer, isOwn: IsOwn = isOwnLog): Promise<number> {
  let below = 100000
  let ended = 0
  for (let closed = 0; closed < CLOSED_BEFORE_END; ) {
    const entry = await volume.root.nextLog(1, below)
    if (entry === null) return ended
    below = entry.number
    try {
      if (!(await volume.isLogsSpace(entry)) || !(await isOwn(card, volume.lba(entry.firstCluster), entry, sector))) continue
      const sectors = entry.size / 512
      const end = isWhole(volume, entry) ? await findEnd(card, volume.lba(entry.firstCluster), sectors, sector) : sectors
      if (end === sectors) closed++
      else if (end === 0) await volume.remove(entry)
      else await volume.trim(entry, end * 512)
      if (ended === 0 && end < sectors) ended = end
    } catch (error) {
      if (!isLocal(error as CardError)) throw error
    }
  }
  return ended
}

/** True for a file of whole space units, as logs are born. */
function isWhole(volume: Fat32, entry: DirEntry): boolean {
  const units = entry.size / volume.unitBytes()
  return units === Math.floor(units)
}

/** Number of the first sector that holds one byte only. */
async function findEnd(card: SdCard, base: number, sectors: number, sector: Buffer): Promise<number> {
  await card.pause()
  const step = stripSectors(sectors)
  let low = 0
  let high = sectors
  // The strip behind the data is longer than a step, so one of these hits it; beyond it there may be anything.
  for (let k = 0; k < sectors; k += step) {
    if (await isBlank(card, base + k, sector)) {
      high = k
      break
    }
    low = k + 1
  }
  while (low < high) {
    const middle = (low + high) >> 1
    if (await isBlank(card, base + middle, sector)) high = middle
    else low = middle + 1
  }
  return high
}

/** What cannot be read may be data. */
async function isBlank(card: SdCard, lba: number, sector: Buffer): Promise<boolean> {
  try {
    await card.read(lba, sector)
  } catch (error) {
    if (!isLocal(error as CardError)) throw error
    return false
  }
  return await isFill(card, sector)
}
