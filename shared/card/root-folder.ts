import { CardError } from "./bus.js"
import { type FatTable, hasText } from "./fat-table.js"

/** The root folder of a FAT32 volume: short names only; the long names of others are left as they are. */

const ENTRY = 32
const ATTRIBUTE_VOLUME = 8
const ATTRIBUTE_FOLDER = 16
const DELETED = 0xe5

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

export class RootFolder {
  /** Highest number in a name `LOGnnnnn`; 0 none. */
  highest = 0
  /** Entries that a new file may take, as `survey` counted. */
  spare = 0
  /** Date and time that changed files get, as FAT packs them. */
  date = fatDate(2025, 1, 1)
  time = 0

  // The walk: the sector that `fat.sector` holds, and the next entry in it.
  private cluster = 0
  private sectorsRead = 0
  private at = 0

  constructor(private readonly fat: FatTable) {}

  /** Counts the spare entries and finds the highest log number. @throws CardError */
  async survey(): Promise<void> {
    this.highest = 0
    this.spare = 0
    this.rewind()
    for (;;) {
      const at = await this.next()
      if (at < 0) break
      if (this.fat.sector[at] === DELETED) this.spare++
      else if (this.isFile(at)) {
        const number = logNumber(this.fat.sector, at)
        if (number > this.highest) this.highest = number
      }
    }
    // What lies behind the end mark in the last cluster is spare as well.
    if (this.cluster === 0) return
    const sectorsLeft = this.fat.sectorsPerCluster - this.sectorsRead
    this.spare += (512 - this.at) / ENTRY + 1 + sectorsLeft * 16
  }

  /** The file of that name (eleven characters, padded), or null. @throws CardError */
  async find(name: string): Promise<DirEntry | null> {
    this.rewind()
    for (;;) {
      const at = await this.next()
      if (at < 0) return null
      if (this.isFile(at) && hasText(this.fat.sector, at, name)) return this.entry(at)
    }
  }

  /**
   * The file `LOGnnnnn` with the highest or lowest number below `below`, or null.
   * @param sign 1 for the highest, -1 for the lowest
   * @throws CardError
   */
  async outermostLog(sign: number, below: number): Promise<DirEntry | null> {
    let best: DirEntry | null = null
    this.rewind()
    for (;;) {
      const at = await this.next()
      if (at < 0) return best
      const number = this.isFile(at) ? logNumber(this.fat.sector, at) : 0
      if (number > 0 && number < below && (best === null || (number - best.number) * sign > 0)) best = this.entry(at)
    }
  }

  /** A file that the laptop made ahead, `SPAREnnn.SEG`, or null. @param skip so many are passed over @throws CardError */
  async findAhead(skip: number): Promise<DirEntry | null> {
    let left = skip
    this.rewind()
    for (;;) {
      const at = await this.next()
      if (at < 0) return null
      const b = this.fat.sector
      if (!this.isFile(at) || !hasText(b, at, "SPARE") || !hasText(b, at + 8, "SEG")) continue
      if (left === 0) return this.entry(at)
      left--
    }
  }

  /** Gives a file another name, in one write of one sector. @throws CardError */
  async rename(entry: DirEntry, name: string): Promise<DirEntry> {
    const b = this.fat.sector
    await this.fat.device.read(entry.lba, b)
    b.blitAt(entry.at, name, 0, 11)
    this.fill(entry.at, entry.firstCluster, entry.size)
    entry.name = name
    entry.number = logNumber(b, entry.at)
    await this.fat.store(entry.lba)
    if (entry.number > this.highest) this.highest = entry.number
    return entry
  }

  /** Enters a new file at the first free place. @throws CardError `root-full` */
  async add(name: string, firstCluster: number, size: number): Promise<DirEntry> {
    let at = -1
    this.rewind()
    for (;;) {
      at = await this.next()
      if (at < 0 || this.fat.sector[at] === DELETED) break
    }
    const b = this.fat.sector
    if (at < 0) {
      if (this.cluster === 0) throw new CardError("root-full", -1, -1)
      at = this.at - ENTRY
      // The entry behind becomes the folder's end.
      if (at + ENTRY < 512) b[at + ENTRY] = 0
    }
    b.fillAt(at, ENTRY, 0)
    b.blitAt(at, name, 0, 11)
    b[at + 11] = 0x20
    b.setAt(at + 14, "u16", this.time)
    b.setAt(at + 16, "u16", this.date)
    b.setAt(at + 18, "u16", this.date)
    this.fill(at, firstCluster, size)
    const entry = this.entry(at)
    await this.fat.store(entry.lba)
    if (this.spare > 0) this.spare--
    if (entry.number > this.highest) this.highest = entry.number
    return entry
  }

  /** Gives a file another place or size, in one write of one sector. @throws CardError */
  async update(entry: DirEntry, firstCluster: number, size: number): Promise<void> {
    await this.fat.device.read(entry.lba, this.fat.sector)
    this.fill(entry.at, firstCluster, size)
    await this.fat.store(entry.lba)
    entry.firstCluster = firstCluster
    entry.size = size
  }

  /** Marks an entry as deleted; its clusters are still linked. @throws CardError */
  async drop(entry: DirEntry): Promise<void> {
    await this.fat.device.read(entry.lba, this.fat.sector)
    this.fat.sector[entry.at] = DELETED
    await this.fat.store(entry.lba)
    this.spare++
  }

  /** One more cluster of spare entries: cleared, then made the chain's end, then linked. @throws CardError */
  async grow(): Promise<void> {
    const fat = this.fat
    let last = fat.root
    for (let next = last; next !== 0; ) {
      last = next
      next = await fat.follow(next)
    }
    const cluster = await fat.findFew(1)
    if (cluster === 0) return
    fat.sector.fillAt(0, 512, 0)
    for (let i = 0; i < fat.sectorsPerCluster; i++) await fat.store(fat.lba(cluster) + i)
    await fat.linkFew(cluster, 1)
    await fat.linkOne(last, cluster)
    this.spare += fat.sectorsPerCluster * 16
  }

  private rewind(): void {
    this.cluster = this.fat.root
    this.sectorsRead = 0
    this.at = 512
  }

  /** Brings the next entry into `fat.sector`. @returns its offset, or -1 at the folder's end */
  private async next(): Promise<number> {
    const fat = this.fat
    if (this.at >= 512) {
      if (this.sectorsRead === fat.sectorsPerCluster) {
        this.cluster = await fat.follow(this.cluster)
        this.sectorsRead = 0
      }
      if (this.cluster === 0) return -1
      await fat.device.read(fat.lba(this.cluster) + this.sectorsRead, fat.sector)
      this.sectorsRead++
      this.at = 0
    }
    const at = this.at
    this.at += ENTRY
    return fat.sector[at] === 0 ? -1 : at
  }

  private isFile(at: number): boolean {
    const b = this.fat.sector
    return b[at] !== DELETED && ((b[at + 11] as number) & (ATTRIBUTE_VOLUME | ATTRIBUTE_FOLDER)) === 0
  }

  private entry(at: number): DirEntry {
    const b = this.fat.sector
    return {
      name: b.slice(at, at + 11).toString(),
      number: logNumber(b, at),
      lba: this.fat.lba(this.cluster) + this.sectorsRead - 1,
      at: at,
      firstCluster: (b.getAt(at + 20, "u16") & 0x0fff) * 65536 + b.getAt(at + 26, "u16"),
      size: b.getAt(at + 28, "u32"),
    }
  }

  /** Place, size and time of change. */
  private fill(at: number, firstCluster: number, size: number): void {
    const b = this.fat.sector
    b.setAt(at + 20, "u16", firstCluster >> 16)
    b.setAt(at + 22, "u16", this.time)
    b.setAt(at + 24, "u16", this.date)
    b.setAt(at + 26, "u16", firstCluster & 0xffff)
    b.setAt(at + 28, "u32", size)
  }
}

/** A date as FAT packs it. */
export function fatDate(year: number, month: number, day: number): number {
  return ((year - 1980) << 9) | (month << 5) | day
}

/** A time of day as FAT packs it, in steps of two seconds. */
export function fatTime(hour: number, minute: number, second: number): number {
  return (hour << 11) | (minute << 5) | (second >> 1)
}

/** The number in a name `LOGnnnnn` at an offset, or 0. */
function logNumber(b: Buffer, at: number): number {
  return hasText(b, at, "LOG") ? fiveDigits(b, at + 3) : 0
}

/** The number in five ASCII digits, or 0. */
export function fiveDigits(b: Buffer, at: number): number {
  let number = 0
  for (let i = at; i < at + 5; i++) {
    const digit = (b[i] as number) - 48
    if (digit < 0 || digit > 9) return 0
    number = number * 10 + digit
  }
  return number
}
