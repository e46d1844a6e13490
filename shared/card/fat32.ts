import { type BlockDevice, CardError } from "./bus.js"

/**
 * As much FAT32 as a logger needs: contiguous log files that get their whole space at birth, and small files.
 *
 * Every write is one sector, confirmed before the next, in an order that leaves the worst power cut with space that is
 * marked as used but belongs to no file. See README.md for the orders and what fsck says to each.
 */

/** Clusters that one FAT sector describes: the unit in which log files get space, so that no two share a FAT sector. */
export const UNIT = 128

const ENTRY = 32
const END_OF_CHAIN = 0x0fffffff
const ATTRIBUTE_VOLUME = 8
const ATTRIBUTE_FOLDER = 16
const DELETED = 0xe5
/** Free directory entries below which the root folder grows before a file is made. */
const FEW_ENTRIES = 16

/** A file in the root folder. */
export interface DirEntry {
  /** Eleven characters, padded with spaces: `LOG00012MET`. */
  name: string
  /** The number in a name `LOGnnnnn`, or 0. */
  number: number
  /** Sector and offset of the 32-byte entry. */
  lba: number
  at: number
  firstCluster: number
  /** Bytes. */
  size: number
}

export class Fat32 {
  sectorsPerCluster = 0
  /** Clusters of the data area; they are numbered from 2. */
  clusters = 0
  /** Date and time that new and closed files get, as FAT packs them; 2025-01-01 00:00 until the program knows better. */
  date = fatDate(2025, 1, 1)
  time = 0
  /** Highest number in a name `LOGnnnnn` at mount or created since; 0 none. */
  highest = 0

  private fatStart = 0
  /** Sectors of one FAT. */
  private fatSize = 0
  private fats = 0
  private dataStart = 0
  private root = 0
  private info = 0
  /** FAT sector at which the search for space begins. */
  private hint = 1
  private infoUnknown = false
  /** Free entries seen at mount. */
  private freeEntries = 0

  // The walk through the root folder.
  private walkCluster = 0
  private walkSector = 0
  private walkAt = 0

  private readonly sector = Buffer.alloc(512)
  private readonly check = Buffer.alloc(512)

  constructor(private readonly device: BlockDevice) {}

  /** Finds the volume and reads its root folder once; writes nothing. @throws CardError which says what is there instead */
  async mount(): Promise<void> {
    this.clusters = 0
    await this.device.read(0, this.sector)
    if (this.sector.getAt(510, "u16") !== 0xaa55) throw new CardError("no-partition", 0, -1)
    const base = this.isBootSector() ? 0 : this.partition()
    if (base > 0) {
      await this.device.read(base, this.sector)
      if (this.sector.getAt(510, "u16") !== 0xaa55 || !this.isBootSector()) throw new CardError("not-fat32", base, -1)
    }
    this.readParameters(base)
    await this.readHint()
    await this.surveyRoot()
  }

  /** First sector of a cluster. */
  lba(cluster: number): number {
    return this.dataStart + (cluster - 2) * this.sectorsPerCluster
  }

  /** Bytes of one space unit: 128 clusters. */
  unitBytes(): number {
    return UNIT * this.sectorsPerCluster * 512
  }

  /** The file of that name (eleven characters, padded), or null. @throws CardError */
  async find(name: string): Promise<DirEntry | null> {
    this.rewind()
    for (;;) {
      const at = await this.next()
      if (at < 0) return null
      if (this.isFile(at) && this.nameAt(at) === name) return this.entryAt(at)
    }
  }

  /**
   * The file `LOGnnnnn` with the highest number below `below`, or null. @throws CardError
   * Any extension counts.
   */
  async newestLog(below: number): Promise<DirEntry | null> {
    let best: DirEntry | null = null
    let number = 0
    this.rewind()
    for (;;) {
      const at = await this.next()
      if (at < 0) return best
      const n = this.isFile(at) ? logNumber(this.sector, at) : 0
      if (n > number && n < below) {
        number = n
        best = this.entryAt(at)
      }
    }
  }

  /** A run of `units` wholly free FAT sectors. @returns its first cluster. @throws CardError `full` */
  async findRun(units: number): Promise<number> {
    const whole = (this.clusters + 2) >> 7
    let run = 0
    let at = this.hint >= 1 && this.hint < whole ? this.hint : 1
    // Once from the hint to the end, then from the start to where a run could still begin before the hint.
    for (let seen = 0; seen < whole + units; seen++) {
      if (at >= whole) {
        at = 1
        run = 0
      }
      await this.device.read(this.fatStart + at, this.sector)
      run = isZero(this.sector) ? run + 1 : 0
      at++
      if (run === units) return (at - units) * UNIT
    }
    throw new CardError("full", -1, -1)
  }

  /**
   * Makes a file of `units` space units at a run that `findRun` gave; its size is its whole space from the start.
   * @param name eleven characters, padded with spaces
   * @throws CardError
   */
  async createContiguous(name: string, firstCluster: number, units: number): Promise<DirEntry> {
    await this.forgetFreeCount()
    if (this.freeEntries < FEW_ENTRIES) await this.growRoot()
    const fatSector = firstCluster >> 7
    // From the end, so that the chain never runs into free space.
    for (let i = units - 1; i >= 0; i--) {
      this.chain(fatSector + i, i === units - 1 ? UNIT : UNIT + 1)
      await this.storeFat(fatSector + i)
    }
    this.hint = fatSector + units
    return await this.addEntry(name, firstCluster, units * this.unitBytes())
  }

  /**
   * Ends a contiguous file of whole units at `size` bytes and gives the rest back. A file of size 0 keeps no cluster.
   * @throws CardError
   */
  async trim(entry: DirEntry, size: number): Promise<void> {
    const units = entry.size / this.unitBytes()
    const bytes = this.sectorsPerCluster * 512
    const kept = Math.ceil(size / bytes)
    await this.device.read(entry.lba, this.sector)
    if (kept === 0) this.putCluster(entry.at, 0)
    this.sector.setAt(entry.at + 28, "u32", size)
    this.sector.setAt(entry.at + 22, "u16", this.time)
    this.sector.setAt(entry.at + 24, "u16", this.date)
    await this.store(entry.lba)
    const fatSector = entry.firstCluster >> 7
    // `kept` entries stay: the units before the last kept one are untouched.
    for (let i = kept === 0 ? 0 : (kept - 1) >> 7; i < units; i++) {
      const here = kept - i * UNIT
      if (here === UNIT && i === units - 1) break
      this.chain(fatSector + i, here > 0 ? here : 0)
      await this.storeFat(fatSector + i)
    }
    entry.size = size
    if (kept === 0) entry.firstCluster = 0
    await this.storeHint()
  }

  /** Deletes a file: first its entry, then its clusters. @throws CardError */
  async remove(entry: DirEntry): Promise<void> {
    await this.device.read(entry.lba, this.sector)
    this.sector[entry.at] = DELETED
    await this.store(entry.lba)
    await this.freeChain(entry.firstCluster)
    this.freeEntries++
  }

  // ---- the volume ----

  /** A boot sector is in `sector`: FAT32's, or it throws for its relatives. */
  private isBootSector(): boolean {
    const first = this.sector[0]
    if (first !== 0xeb && first !== 0xe9) return false
    if (hasText(this.sector, 3, "EXFAT")) throw new CardError("exfat", 0, -1)
    if (hasText(this.sector, 0x36, "FAT1")) throw new CardError("fat16", 0, -1)
    return hasText(this.sector, 0x52, "FAT32")
  }

  /** First sector of the first FAT32 partition in the table in `sector`. */
  private partition(): number {
    let other = "no-partition"
    for (let at = 446; at < 510; at += 16) {
      const type = this.sector[at + 4] as number
      if (type === 0x0b || type === 0x0c) return this.sector.getAt(at + 8, "u32")
      if (type === 0x07) other = "exfat"
      if (type === 0x01 || type === 0x04 || type === 0x06 || type === 0x0e) other = "fat16"
      if (type === 0xee) other = "gpt"
    }
    throw new CardError(other, 0, -1)
  }

  /** The parameter block in `sector`. */
  private readParameters(base: number): void {
    const b = this.sector
    const perCluster = b[13] as number
    const reserved = b.getAt(14, "u16")
    const copies = b[16] as number
    const total = b.getAt(32, "u32")
    const flags = b.getAt(40, "u16")
    this.fatSize = b.getAt(36, "u32")
    this.root = b.getAt(44, "u32")
    const sound =
      b.getAt(11, "u16") === 512 &&
      perCluster > 0 &&
      (perCluster & (perCluster - 1)) === 0 &&
      reserved > 0 &&
      (copies === 1 || copies === 2) &&
      b.getAt(22, "u16") === 0 &&
      this.fatSize > 0 &&
      this.root >= 2
    if (!sound) throw new CardError("damaged", base, -1)
    if (base + total > this.device.sectors) throw new CardError("damaged", base, -1)
    this.fatStart = base + reserved
    this.fats = copies
    if ((flags & 0x80) !== 0) {
      // Mirroring is off: one FAT alone counts.
      this.fatStart += (flags & 15) * this.fatSize
      this.fats = 1
    }
    this.dataStart = base + reserved + copies * this.fatSize
    this.sectorsPerCluster = perCluster
    const described = this.fatSize * UNIT - 2
    const present = Math.floor((base + total - this.dataStart) / perCluster)
    this.clusters = present < described ? present : described
    if (this.root >= this.clusters + 2) throw new CardError("damaged", base, -1)
    const info = b.getAt(48, "u16")
    this.info = info > 0 && info < reserved ? base + info : 0
    this.infoUnknown = false
  }

  /** Where the last writer thought free space begins. */
  private async readHint(): Promise<void> {
    this.hint = 1
    if (this.info === 0) return
    await this.device.read(this.info, this.sector)
    if (!this.isInfo()) this.info = 0
    else this.hint = Math.floor(this.sector.getAt(492, "u32") / UNIT)
  }

  private isInfo(): boolean {
    return this.sector.getAt(0, "u32") === 0x41615252 && this.sector.getAt(484, "u32") === 0x61417272
  }

  /** Before the first change: the count of free clusters is unknown from now on, which no checker holds against us. */
  private async forgetFreeCount(): Promise<void> {
    if (this.infoUnknown) return
    await this.storeHint()
    this.infoUnknown = true
  }

  private async storeHint(): Promise<void> {
    if (this.info === 0) return
    await this.device.read(this.info, this.sector)
    this.sector.setAt(488, "u32", 0xffffffff)
    const cluster = this.hint * UNIT
    this.sector.setAt(492, "u32", cluster < this.clusters + 2 ? cluster : 2)
    await this.store(this.info)
  }

  // ---- the root folder ----

  private rewind(): void {
    this.walkCluster = this.root
    this.walkSector = 0
    this.walkAt = 512
  }

  /** Brings the next entry into `sector`. @returns its offset, or -1 at the folder's end */
  private async next(): Promise<number> {
    if (this.walkAt >= 512) {
      if (this.walkSector === this.sectorsPerCluster) {
        this.walkCluster = await this.follow(this.walkCluster)
        this.walkSector = 0
      }
      if (this.walkCluster === 0) return -1
      await this.device.read(this.lba(this.walkCluster) + this.walkSector, this.sector)
      this.walkSector++
      this.walkAt = 0
    }
    const at = this.walkAt
    this.walkAt += ENTRY
    return this.sector[at] === 0 ? -1 : at
  }

  /** Sector of the entry that `next` gave last. */
  private walkLba(): number {
    return this.lba(this.walkCluster) + this.walkSector - 1
  }

  /** The cluster after this one; 0 at the chain's end. */
  private async follow(cluster: number): Promise<number> {
    await this.device.read(this.fatStart + (cluster >> 7), this.check)
    const next = this.check.getAt((cluster & 127) << 2, "u32") & 0x0fffffff
    if (next >= 0x0ffffff8) return 0
    if (next < 2 || next >= this.clusters + 2) throw new CardError("damaged", this.fatStart + (cluster >> 7), -1)
    return next
  }

  private isFile(at: number): boolean {
    const attributes = this.sector[at + 11] as number
    return this.sector[at] !== DELETED && (attributes & (ATTRIBUTE_VOLUME | ATTRIBUTE_FOLDER)) === 0
  }

  private nameAt(at: number): string {
    return this.sector.slice(at, at + 11).toString()
  }

  private entryAt(at: number): DirEntry {
    const high = this.sector.getAt(at + 20, "u16") & 0x0fff
    return {
      name: this.nameAt(at),
      number: logNumber(this.sector, at),
      lba: this.walkLba(),
      at: at,
      firstCluster: high * 65536 + this.sector.getAt(at + 26, "u16"),
      size: this.sector.getAt(at + 28, "u32"),
    }
  }

  /** Counts free entries and finds the highest log number. */
  private async surveyRoot(): Promise<void> {
    this.highest = 0
    this.freeEntries = 0
    this.rewind()
    for (;;) {
      const at = await this.next()
      if (at < 0) break
      if (this.sector[at] === DELETED) this.freeEntries++
      else if (this.isFile(at)) {
        const n = logNumber(this.sector, at)
        if (n > this.highest) this.highest = n
      }
    }
    // What is left of the last cluster is free as well.
    if (this.walkCluster === 0) return
    const sectorsLeft = this.sectorsPerCluster - this.walkSector
    this.freeEntries += (512 - this.walkAt) / ENTRY + 1 + sectorsLeft * 16
  }

  /** One more cluster of empty entries: cleared, then made the chain's end, then linked. */
  private async growRoot(): Promise<void> {
    let last = this.root
    for (let next = last; next !== 0; ) {
      last = next
      next = await this.follow(next)
    }
    const cluster = await this.findFree(1)
    if (cluster === 0) return
    this.sector.fillAt(0, 512, 0)
    for (let i = 0; i < this.sectorsPerCluster; i++) await this.store(this.lba(cluster) + i)
    await this.setFat(cluster, END_OF_CHAIN)
    await this.setFat(last, cluster)
    this.freeEntries += this.sectorsPerCluster * 16
  }

  /** Writes a directory entry into the first free place. */
  private async addEntry(name: string, firstCluster: number, size: number): Promise<DirEntry> {
    let at = -1
    this.rewind()
    for (;;) {
      at = await this.next()
      if (at < 0 || this.sector[at] === DELETED) break
    }
    if (at < 0) {
      if (this.walkCluster === 0) throw new CardError("root-full", -1, -1)
      at = this.walkAt - ENTRY
      // The entry behind becomes the folder's end.
      if (at + ENTRY < 512) this.sector[at + ENTRY] = 0
    }
    const b = this.sector
    b.fillAt(at, ENTRY, 0)
    b.blitAt(at, name, 0, 11)
    b[at + 11] = 0x20
    b.setAt(at + 14, "u16", this.time)
    b.setAt(at + 16, "u16", this.date)
    b.setAt(at + 18, "u16", this.date)
    b.setAt(at + 22, "u16", this.time)
    b.setAt(at + 24, "u16", this.date)
    this.putCluster(at, firstCluster)
    b.setAt(at + 28, "u32", size)
    const lba = this.walkLba()
    await this.store(lba)
    if (this.freeEntries > 0) this.freeEntries--
    const number = logNumber(this.sector, at)
    if (number > this.highest) this.highest = number
    return { name: name, number: number, lba: lba, at: at, firstCluster: firstCluster, size: size }
  }

  private putCluster(at: number, cluster: number): void {
    this.sector.setAt(at + 20, "u16", cluster >> 16)
    this.sector.setAt(at + 26, "u16", cluster & 0xffff)
  }

  // ---- the FAT ----

  /** Builds a FAT sector in `sector`: `entries` linked ones, the last ends the chain unless it is beyond the sector; the rest free. */
  private chain(fatSector: number, entries: number): void {
    this.sector.fillAt(0, 512, 0)
    const first = fatSector * UNIT
    for (let i = 0; i < entries && i < UNIT; i++) {
      this.sector.setAt(i << 2, "u32", i === entries - 1 ? END_OF_CHAIN : first + i + 1)
    }
  }

  /** Stores `sector` as a sector of every FAT copy. */
  private async storeFat(fatSector: number): Promise<void> {
    for (let i = 0; i < this.fats; i++) await this.store(this.fatStart + i * this.fatSize + fatSector)
  }

  private async setFat(cluster: number, value: number): Promise<void> {
    await this.device.read(this.fatStart + (cluster >> 7), this.sector)
    this.sector.setAt((cluster & 127) << 2, "u32", value)
    await this.storeFat(cluster >> 7)
  }

  /** A run of `n` free clusters within one FAT sector, from the start of the volume; 0 when there is none. */
  private async findFree(n: number): Promise<number> {
    const sectors = (this.clusters + 2 + 127) >> 7
    for (let s = 0; s < sectors; s++) {
      await this.device.read(this.fatStart + s, this.sector)
      let run = 0
      for (let i = 0; i < UNIT && s * UNIT + i < this.clusters + 2; i++) {
        run = this.sector.getAt(i << 2, "u32") === 0 ? run + 1 : 0
        if (run === n) return s * UNIT + i - n + 1
      }
    }
    return 0
  }

  /** Frees a chain, one FAT sector after the other. */
  private async freeChain(first: number): Promise<void> {
    let cluster = first
    while (cluster >= 2 && cluster < this.clusters + 2) {
      const fatSector = cluster >> 7
      await this.device.read(this.fatStart + fatSector, this.sector)
      while (cluster >> 7 === fatSector) {
        const at = (cluster & 127) << 2
        cluster = this.sector.getAt(at, "u32") & 0x0fffffff
        this.sector.setAt(at, "u32", 0)
        if (cluster < 2) break
      }
      await this.storeFat(fatSector)
    }
  }

  /** Writes `sector` and reads it back; a second time if it differs. @throws CardError `verify` */
  private async store(lba: number): Promise<void> {
    for (let attempt = 0; attempt < 2; attempt++) {
      await this.device.write(lba, this.sector)
      await this.device.read(lba, this.check)
      if (isSame(this.sector, this.check)) return
    }
    throw new CardError("verify", lba, -1)
  }
}

/** The number in a name `LOGnnnnn` at an offset, or 0. */
function logNumber(b: Buffer, at: number): number {
  if (!hasText(b, at, "LOG")) return 0
  let number = 0
  for (let i = at + 3; i < at + 8; i++) {
    const digit = (b[i] as number) - 48
    if (digit < 0 || digit > 9) return 0
    number = number * 10 + digit
  }
  return number
}

/** A date as FAT packs it. */
export function fatDate(year: number, month: number, day: number): number {
  return ((year - 1980) << 9) | (month << 5) | day
}

/** A time of day as FAT packs it, in steps of two seconds. */
export function fatTime(hour: number, minute: number, second: number): number {
  return (hour << 11) | (minute << 5) | (second >> 1)
}

function hasText(b: Buffer, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (b[at + i] !== text.charCodeAt(i)) return false
  return true
}

function isZero(b: Buffer): boolean {
  for (let i = 0; i < 512; i += 4) if (b.getAt(i, "i32") !== 0) return false
  return true
}

function isSame(a: Buffer, b: Buffer): boolean {
  for (let i = 0; i < 512; i += 4) if (a.getAt(i, "i32") !== b.getAt(i, "i32")) return false
  return true
}
