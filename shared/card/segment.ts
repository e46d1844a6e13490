import { CardError, type Clock, isLocal } from "./bus.js"
import type { Run } from "./fat-table.js"
import type { Fat32 } from "./fat32.js"
import type { DirEntry } from "./root-folder.js"
import type { SdCard } from "./sd.js"
import { isFill, isSame } from "./sector.js"
import { stripSectors } from "./strip.js"

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
/** Places that are tried for a file. */
const PLACES = 8
/** What a mark repeats: both levels of every bit, and neighbours that differ. */
const MARK = hex`
  b979379e9d6015178147f38f652ed1084915af812dfc8cfa11e36a73f5c948ec
  d9b02665bd9704dea17ee2568565c0cf694c9e484d337cc1311a5a3a150138b3
`
/** FAT32 has 32 bits for a size. */
const LARGEST_FILE = 0xffffffff

export class Segment {
  /** Sectors written: the number of the next one. */
  position = 0
  /** Sectors that the card has confirmed: they survive a power cut. */
  acked = 0
  /** Sectors that the card took and then reported as not written. */
  lost = 0
  /** Sectors that there is room for; 0 while there is no space. */
  capacity = 0
  /** Longest time that one sector took, ms; set it back when it has been logged. */
  slowest = 0
  /** The file in the folder; null while there is none. */
  entry: DirEntry | null = null
  /** Space units that are ready for a file; 0 none. */
  units = 0

  private run: Run = { first: 0, units: 0 }
  /** The file that the laptop made ahead, if `reserve` found one. */
  private ahead: DirEntry | null = null
  private base = 0
  /** Sectors before this one are written or filled. */
  private guarded = 0
  /** Sectors before this one may be written as things stand. */
  private clear = 0
  private strip = 0
  private last = -1000

  constructor(
    private readonly card: SdCard,
    private readonly volume: Fat32,
    private readonly clock: Clock,
  ) {}

  /**
   * Finds space for a file, tries the wire there and clears the tail; no log refers to the space yet, but sectors may be appended. May run
   * while another segment is open: that one's stream is closed. A file that the laptop made ahead comes first, whatever its size; a card that has
   * no room for the wanted size in one piece gives the largest that it has. Space that is found at fault is left alone until the next start.
   * @param bytes wanted size; rounded up to whole space units
   * @throws CardError
   */
  async reserve(bytes: number): Promise<void> {
    await this.card.pause()
    this.abandon()
    if (this.card.readOnly) throw new CardError("protected", -1, -1)
    const unit = this.volume.unitBytes()
    const wanted = bytes < LARGEST_FILE ? Math.ceil(bytes / unit) : Math.floor(LARGEST_FILE / unit)
    const hz = this.card.hz
    for (let tries = 1; ; tries++) {
      try {
        await this.find(wanted < 1 ? 1 : wanted, unit)
        return
      } catch (error) {
        const fault = error as CardError
        if (tries === PLACES || !isLocal(fault) || !this.volume.fat.spoil(fault.lba)) throw error
        if (this.card.hz < hz) this.card.setClock(hz)
      }
    }
  }

  private async find(wanted: number, unit: number): Promise<void> {
    const volume = this.volume
    const ahead = await volume.findAhead()
    this.ahead = ahead
    if (ahead === null) this.run = await volume.findRun(wanted, 1)
    else this.run = { first: ahead.firstCluster, units: ahead.size / unit }
    await this.card.pause()
    const sectors = (this.run.units * unit) / 512
    this.base = volume.lba(this.run.first)
    this.strip = stripSectors(sectors)
    this.guarded = 0
    this.position = 0
    this.acked = 0
    this.lost = 0
    this.slowest = 0
    this.clear = 0
    if (await this.erases(sectors)) this.guarded = sectors
    else await this.guard(sectors, 2 * this.strip)
    this.capacity = sectors
    this.units = this.run.units
  }

  /**
   * Enters what `reserve` found space for into FAT and folder as a file. What the log says of itself has been appended and confirmed before:
   * so whatever has a log's name can be told to be one of ours.
   * @param name eleven characters, padded: `LOG00012MET`
   * @throws CardError
   */
  async enter(name: string): Promise<void> {
    const ahead = this.ahead
    this.entry = ahead === null ? await this.volume.createContiguous(name, this.run) : await this.volume.root.rename(ahead, name)
    this.units = 0
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
    const start = this.clock.now()
    if (this.position >= this.clear) await this.makeRoom()
    const card = this.card
    const base = this.base
    const lba = base + this.position
    const dense = start - this.last < STREAM_BELOW_MS
    this.last = start
    // Another file's stream may be open; asking for a sector out of its order ends it. No count is announced: what a card clears in
    // advance for sectors that then do not come is undefined.
    let streaming = card.stream === lba
    if (!streaming) {
      if (dense) {
        await card.streamOpen(lba, 0)
        streaming = true
      }
    }
    if (streaming) {
      const place = await card.streamSend(slot)
      // The card gave back sectors that it had accepted: the file closes up.
      if (place !== lba) this.lost += lba - place
      this.position = place - base + 1
    } else {
      await card.writeFrame(lba, slot)
      this.position++
      this.acked = this.position
    }
    const took = this.clock.now() - start
    if (took > this.slowest) this.slowest = took
  }

  /** True for a sector of the card that is in this file. */
  holds(lba: number): boolean {
    return this.capacity > 0 && lba >= this.base && lba < this.base + this.capacity
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
    for (let fault = await this.lostMark(sectors); fault >= 0; fault = await this.lostMark(sectors)) {
      if (!this.card.slower()) throw new CardError("verify", fault, -1)
    }
    if (!(await this.card.erase(this.base, this.base + sectors - 1))) return false
    for (let k = 0; k < MARKS; k++) {
      await this.card.read(this.base + markPlace(k, sectors), this.volume.fat.sector)
      if (!(await isFill(this.card, this.volume.fat.sector))) return false
    }
    return true
  }

  /** @returns the sector of a mark that is not read as it was written, -1 when all are */
  private async lostMark(sectors: number): Promise<number> {
    const { sector, check } = this.volume.fat
    sector.blitAt(0, MARK, 0, 64)
    for (let n = 64; n < 512; n += n) sector.blitAt(n, sector, 0, n)
    for (let k = 0; k < MARKS; k++) await this.card.write(this.base + markPlace(k, sectors), sector)
    for (let k = 0; k < MARKS; k++) {
      await this.card.read(this.base + markPlace(k, sectors), check)
      if (!(await isSame(this.card, sector, check))) return this.base + markPlace(k, sectors)
    }
    return -1
  }

  /** Sees to it that the next sector may be written: more of the tail is filled. @throws CardError when the file is full */
  private async makeRoom(): Promise<void> {
    const capacity = this.capacity
    if (this.position >= capacity) throw new CardError("full", this.base + capacity, -1)
    while (this.guarded < capacity && this.guarded - this.position <= this.strip) await this.guard(capacity, this.strip)
    this.clear = this.guarded < capacity ? this.guarded - this.strip : capacity
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

/** Sector of a mark within the file: both ends and two between. */
function markPlace(k: number, sectors: number): number {
  return k === MARKS - 1 ? sectors - 1 : Math.floor((k * sectors) / (MARKS - 1))
}
