import { CardError, type Clock } from "./bus.js"
import type { Fat32 } from "./fat32.js"
import type { DirEntry } from "./root-folder.js"
import type { SdCard } from "./sd.js"

/**
 * One log file: contiguous, its space taken at birth, written from its first sector on and never twice.
 *
 * Behind the written sectors there are always some that hold one and the same byte. They mark the end for whoever reads the
 * card after a power cut, so that what an older file has left there is never taken for data. An erase gives the whole tail
 * at once; on a card that cannot erase, a strip is written ahead of the data.
 */

/** Appends that come closer than this go into a stream; rarer ones are written and confirmed one by one. */
const STREAM_BELOW_MS = 50
const FILL = 0xff
const MARKS = 4
/** FAT32 has 32 bits for a size. */
const LARGEST_FILE = 0xffffffff

export class Segment {
  /** Sectors written: the number of the next one. */
  position = 0
  /** Sectors that the card has confirmed: they survive a power cut. */
  acked = 0
  /** Sectors that the card took and then reported as not written. */
  lost = 0
  /** Sectors that the file has room for; 0 while there is no file. */
  capacity = 0
  /** Longest time that one sector took, ms; set it back when it has been logged. */
  slowest = 0
  /** The file in the folder; null while there is none. */
  entry: DirEntry | null = null
  /** Space units that are ready for a file; 0 none. */
  units = 0

  private first = 0
  /** The file that the laptop made ahead, if `reserve` found one. */
  private ahead: DirEntry | null = null
  private base = 0
  /** Sectors before this one are written or filled. */
  private guarded = 0
  private strip = 0
  private last = -1000

  constructor(
    private readonly card: SdCard,
    private readonly volume: Fat32,
    private readonly clock: Clock,
  ) {}

  /**
   * Finds space for a file, tries the wire there and clears the tail; no log refers to the space yet. May run while another
   * segment is open: that one's stream is closed. A file that the laptop made ahead comes first, whatever its size.
   * @param bytes wanted size; rounded up to whole space units
   * @throws CardError
   */
  async reserve(bytes: number): Promise<void> {
    this.units = 0
    if (this.card.readOnly) throw new CardError("protected", -1, -1)
    const volume = this.volume
    const unit = volume.unitBytes()
    const wanted = bytes < LARGEST_FILE ? Math.ceil(bytes / unit) : Math.floor(LARGEST_FILE / unit)
    let units = wanted < 1 ? 1 : wanted
    const ahead = await volume.findAhead()
    this.ahead = ahead
    if (ahead === null) this.first = await volume.findRun(units)
    else {
      this.first = ahead.firstCluster
      units = ahead.size / unit
    }
    const sectors = (units * unit) / 512
    this.base = volume.lba(this.first)
    this.strip = stripSectors(sectors)
    this.guarded = 0
    if (await this.erases(sectors)) this.guarded = sectors
    else await this.guard(sectors, 2 * this.strip)
    this.units = units
  }

  /**
   * Enters the file that `reserve` found space for into FAT and folder.
   * @param name eleven characters, padded: `LOG00012MET`
   * @throws CardError
   */
  async enter(name: string): Promise<void> {
    const ahead = this.ahead
    const entry =
      ahead === null ? await this.volume.createContiguous(name, this.first, this.units) : await this.volume.root.rename(ahead, name)
    this.entry = entry
    this.units = 0
    this.position = 0
    this.acked = 0
    this.lost = 0
    this.slowest = 0
    this.capacity = entry.size / 512
  }

  /** Sectors that still fit. */
  room(): number {
    return this.capacity - this.position
  }

  /**
   * Writes the next sector, a framed slot that is sent in place. Check `room` first.
   * @throws CardError; the file then ends at `acked`, what came later is in doubt
   */
  async append(slot: Buffer): Promise<void> {
    if (this.position >= this.capacity) throw new CardError("full", this.base + this.capacity, -1)
    const start = this.clock.now()
    const card = this.card
    if (this.guarded < this.capacity && this.guarded - this.position <= this.strip) await this.guard(this.capacity, this.strip)
    const dense = start - this.last < STREAM_BELOW_MS
    this.last = start
    const lba = this.base + this.position
    // Another file's stream may be open; asking for a sector out of its order ends it.
    let streaming = card.streamNext() === lba
    if (!streaming && dense) {
      // No count is announced: what a card clears in advance for sectors that then do not come is undefined.
      await card.streamOpen(lba, 0)
      streaming = true
    }
    if (streaming) {
      const place = (await card.streamSend(slot)) - this.base
      // The card gave back sectors that it had accepted: the file closes up.
      this.lost += this.position - place
      this.position = place + 1
    } else {
      await card.writeFrame(lba, slot)
      this.position++
      this.acked = this.position
    }
    const took = this.clock.now() - start
    if (took > this.slowest) this.slowest = took
  }

  /** Confirms everything written so far. @throws CardError */
  async sync(): Promise<void> {
    if (this.capacity === 0) return
    await this.card.streamSync()
    this.acked = this.position
  }

  /** Ends the file at its last sector and gives the rest of its space back. @throws CardError */
  async close(): Promise<void> {
    if (this.entry === null || this.capacity === 0) return
    await this.sync()
    this.capacity = 0
    const entry = this.entry
    this.entry = null
    if (this.position === 0) await this.volume.remove(entry)
    else await this.volume.trim(entry, this.position * 512)
  }

  /** Lets go of the file without touching the card. The next mount's `recoverLogs` ends it. */
  abandon(): void {
    this.units = 0
    this.capacity = 0
    this.entry = null
  }

  /**
   * Erases the tail and proves it: marks at both ends and in between must be gone. A card that says "done" and does nothing is
   * common. The marks are also the wire's test: before anything else on the card is touched, they must come back as written,
   * at a lower clock if need be.
   */
  private async erases(sectors: number): Promise<boolean> {
    while (!(await this.keepsMarks(sectors))) {
      if (!this.card.slower()) throw new CardError("verify", this.base, -1)
    }
    if (!(await this.card.erase(this.base, this.base + sectors - 1))) return false
    for (let k = 0; k < MARKS; k++) {
      await this.card.read(this.base + markPlace(k, sectors), this.volume.fat.sector)
      if (!isFill(this.volume.fat.sector)) return false
    }
    return true
  }

  private async keepsMarks(sectors: number): Promise<boolean> {
    const b = this.volume.fat.sector
    for (let i = 0; i < 512; i += 4) b.setAt(i, "i32", markWord(i))
    for (let k = 0; k < MARKS; k++) await this.card.write(this.base + markPlace(k, sectors), b)
    for (let k = 0; k < MARKS; k++) {
      await this.card.read(this.base + markPlace(k, sectors), b)
      for (let i = 0; i < 512; i += 4) if (b.getAt(i, "i32") !== markWord(i)) return false
    }
    return true
  }

  /** Fills up to `count` more sectors ahead of the data. */
  private async guard(end: number, count: number): Promise<void> {
    const n = Math.min(count, end - this.guarded)
    // Data that the stream still holds is confirmed on the way.
    await this.card.streamSync()
    this.acked = this.position
    await this.card.fill(this.base + this.guarded, n, FILL)
    this.guarded += n
  }
}

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
  const step = stripSectors(sectors)
  let low = 0
  let high = sectors
  // The strip behind the data is longer than a step, so one of these hits it; beyond it there may be anything.
  for (let k = 0; k < sectors; k += step) {
    await card.read(base + k, sector)
    if (isFill(sector)) {
      high = k
      break
    }
    low = k + 1
  }
  while (low < high) {
    const middle = (low + high) >> 1
    await card.read(base + middle, sector)
    if (isFill(sector)) high = middle
    else low = middle + 1
  }
  return high
}

/** Sectors filled at a time ahead of the data, in a file with room for so many: at least as many of one byte alone mark its end. */
export function stripSectors(sectors: number): number {
  return Math.max(16, sectors >> 7)
}

/** Sector of a mark within the file: both ends and two between. */
function markPlace(k: number, sectors: number): number {
  return k === MARKS - 1 ? sectors - 1 : Math.floor((k * sectors) / (MARKS - 1))
}

/** A word of a mark: both levels of every bit, and neighbours that differ. */
function markWord(at: number): number {
  return Math.imul(at + 1, -1640531527)
}

/** True for a sector of 00 or of FF alone. */
function isFill(b: Buffer): boolean {
  const first = b.getAt(0, "i32")
  if (first !== 0 && first !== -1) return false
  for (let i = 4; i < 512; i += 4) if (b.getAt(i, "i32") !== first) return false
  return true
}
