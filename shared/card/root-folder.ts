import { CardError } from "./bus.js"
import type { FatTable } from "./fat-table.js"

/** The root folder of a FAT32 volume: short names only; the long names of others are left as they are. */

const ENTRY = 32
const NAME = 11
const ATTRIBUTE_VOLUME = 8
const ATTRIBUTE_FOLDER = 16
const DELETED = 0xe5
/** Entries that the walk passes before the others get their turn. */
const ENTRIES_A_TURN = 3

/** Beginnings of names as the words that stand there, and the bits that count in them. */
const LOG = 0x474f4c
const SPAR = 0x52415053
const SEG = 0x474553
/** The logs' kinds: MET, DDF, BTS. */
const KINDS = [0x54454d, 0x464444, 0x535442]
const THREE_BYTES = 0xffffff
const ONE_BYTE = 0xff
/** 0x80808080 */
const HIGHEST_BITS = -0x7f7f7f80

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
  /** A folder has the name that `find` looked for last. */
  blocked = false
  /** Date and time that changed files get, as FAT packs them. */
  date = fatDate(2025, 1, 1)
  time = 0

  // The walk: the sector that `fat.sector` holds, the next entry in it, and the deleted ones that it has passed.
  private cluster = 0
  private sectorsRead = 0
  private lba = 0
  private at = 0
  private deleted = 0
  /** A cluster that the walk has passed, and after how many it takes another: who meets it again walks in a circle. */
  private passed = 0
  private clusters = 0
  private lap = 0

  /** A name that is looked for or was found, and an entry that may be the one wanted. */
  private readonly name = Buffer.alloc(NAME)
  private readonly candidate = Buffer.alloc(ENTRY)

  constructor(private readonly fat: FatTable) {}

  /** Counts the spare entries and finds the highest log number. @throws CardError */
  async survey(): Promise<void> {
    this.highest = 0
    this.rewind()
    for (;;) {
      const at = await this.next(LOG, THREE_BYTES)
      if (at < 0) break
      const number = logNumber(this.fat.sector, at)
      if (number > this.highest) this.highest = number
    }
    this.spare = this.deleted
    // What lies behind the end mark in the last cluster is spare as well.
    if (this.cluster === 0) return
    const sectorsLeft = this.fat.sectorsPerCluster - this.sectorsRead
    this.spare += (512 - this.at) / ENTRY + 1 + sectorsLeft * 16
  }

  /** The file of that name (eleven characters, padded), or null. @throws CardError */
  async find(name: string): Promise<DirEntry | null> {
    const b = this.fat.sector
    const wanted = this.name
    wanted.blitAt(0, name, 0, NAME)
    const word = wanted.getAt(0, "i32")
    this.blocked = false
    this.rewind()
    for (;;) {
      const at = await this.next(word, -1)
      if (at < 0) return null
      const rest = b.getAt(at + 4, "i32") === wanted.getAt(4, "i32") && b.getAt(at + 7, "i32") === wanted.getAt(7, "i32")
      if (!rest) continue
      if (this.isFile(at)) return await this.taken(b, at, this.lba, at)
      if (((b[at + 11] as number) & ATTRIBUTE_VOLUME) === 0) this.blocked = true
    }
  }

  /**
   * The log `LOGnnnnn` that is next to a number, or null.
   * @param sign 1 for the highest below `from`, -1 for the lowest above
   * @throws CardError
   */
  async nextLog(sign: number, from: number): Promise<DirEntry | null> {
    let best = 0
    let lba = 0
    let place = 0
    this.rewind()
    for (;;) {
      const at = await this.next(LOG, THREE_BYTES)
      if (at < 0) return best === 0 ? null : await this.taken(this.candidate, 0, lba, place)
      const number = this.isFile(at) ? logNumber(this.fat.sector, at) : 0
      if (number === 0 || (from - number) * sign <= 0 || (best > 0 && (number - best) * sign <= 0)) continue
      best = number
      lba = this.lba
      place = at
      this.candidate.blitAt(0, this.fat.sector, at, ENTRY)
    }
  }

  /** A file that the laptop made ahead, `SPAREnnn.SEG`, or null. @param skip so many are passed over @throws CardError */
  async findAhead(skip: number): Promise<DirEntry | null> {
    const b = this.fat.sector
    let left = skip
    this.rewind()
    for (;;) {
      const at = await this.next(SPAR, -1)
      if (at < 0) return null
      if (b[at + 4] !== 0x45 || (b.getAt(at + 8, "i32") & THREE_BYTES) !== SEG || !this.isFile(at)) continue
      if (left === 0) return await this.taken(b, at, this.lba, at)
      left--
    }
  }

  /** Gives a file another name, in one write of one sector. @throws CardError */
  async rename(entry: DirEntry, name: string): Promise<DirEntry> {
    const b = this.fat.sector
    await this.fat.readAgreed(entry.lba)
    b.blitAt(entry.at, name, 0, NAME)
    this.fill(entry.at, entry.firstCluster, entry.size)
    entry.name = name
    entry.number = logNumber(b, entry.at)
    await this.fat.store(entry.lba)
    if (entry.number > this.highest) this.highest = entry.number
    return entry
  }

  /** Enters a new file at the first free place. @throws CardError `root-full` */
  async add(name: string, firstCluster: number, size: number): Promise<DirEntry> {
    const b = this.fat.sector
    this.rewind()
    let at = await this.next(DELETED, ONE_BYTE)
    if (at < 0) {
      if (this.cluster === 0) throw new CardError("root-full", -1, -1)
      at = this.at - ENTRY
    }
    await this.fat.readAgreed(this.lba)
    if (b[at] === 0) {
      // The entry behind becomes the folder's end.
      if (at + ENTRY < 512) b[at + ENTRY] = 0
    }
    await this.fat.device.pause()
    b.fillAt(at, ENTRY, 0)
    b.blitAt(at, name, 0, NAME)
    b[at + 11] = 0x20
    b.setAt(at + 14, "u16", this.time)
    b.setAt(at + 16, "u16", this.date)
    b.setAt(at + 18, "u16", this.date)
    this.fill(at, firstCluster, size)
    const number = logNumber(b, at)
    const lba = this.lba
    await this.fat.store(lba)
    if (this.spare > 0) this.spare--
    if (number > this.highest) this.highest = number
    return { name, number, lba, at, firstCluster, size }
  }

  /** Gives a file another place or size, in one write of one sector. @throws CardError */
  async update(entry: DirEntry, firstCluster: number, size: number): Promise<void> {
    await this.fat.readAgreed(entry.lba)
    this.fill(entry.at, firstCluster, size)
    await this.fat.store(entry.lba)
    entry.firstCluster = firstCluster
    entry.size = size
  }

  /** Marks an entry as deleted; its clusters are still linked. @throws CardError */
  async drop(entry: DirEntry): Promise<void> {
    await this.fat.readAgreed(entry.lba)
    this.fat.sector[entry.at] = DELETED
    await this.fat.store(entry.lba)
    this.spare++
  }

  /** One more cluster of spare entries: cleared, then made the chain's end, then linked. @throws CardError */
  async grow(): Promise<void> {
    const fat = this.fat
    // To the last cluster.
    this.rewind()
    let last = this.cluster
    for (; this.cluster !== 0; this.cluster = await this.follow()) last = this.cluster
    if (this.lap < 0) return
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
    this.deleted = 0
    this.passed = 0
    this.clusters = 0
    this.lap = 1
  }

  /** The walk's next cluster; 0 at the folder's end, and where its chain runs in a circle. */
  private async follow(): Promise<number> {
    const next = await this.fat.follow(this.cluster)
    if (next === 0) return 0
    if (next === this.passed || next === this.fat.root) {
      this.lap = -1
      return 0
    }
    this.clusters++
    if (this.clusters === this.lap) {
      this.lap *= 2
      this.passed = next
    }
    return next
  }

  /**
   * Goes on to the next entry, of whatever kind, whose first four bytes are `word` in the bits of `mask`.
   * @returns its offset in `fat.sector`, or -1 at the folder's end
   */
  private async next(word: number, mask: number): Promise<number> {
    const fat = this.fat
    const b = fat.sector
    for (;;) {
      if (this.at >= 512 && !(await this.load())) return -1
      await fat.device.pause()
      let at = this.at
      for (let n = 0; n < ENTRIES_A_TURN && at < 512; n++) {
        const head = b.getAt(at, "i32")
        const first = head & ONE_BYTE
        at += ENTRY
        if (first === DELETED) this.deleted++
        if (first === 0 || (head & mask) === word) {
          this.at = at
          return first === 0 ? -1 : at - ENTRY
        }
      }
      this.at = at
    }
  }

  /** Brings the folder's next sector into `fat.sector`; false when there is none. */
  private async load(): Promise<boolean> {
    const fat = this.fat
    await fat.device.pause()
    if (this.sectorsRead === fat.sectorsPerCluster) {
      this.cluster = await this.follow()
      this.sectorsRead = 0
    }
    if (this.cluster === 0) return false
    this.lba = fat.lba(this.cluster) + this.sectorsRead
    await fat.device.read(this.lba, fat.sector)
    this.sectorsRead++
    this.at = 0
    return true
  }

  /** The entry in 32 bytes of `b`; it stands in sector `lba` at `place`. */
  private async taken(b: Buffer, at: number, lba: number, place: number): Promise<DirEntry> {
    await this.fat.device.pause()
    this.name.blitAt(0, b, at, NAME)
    return {
      name: this.name.toString(),
      number: logNumber(b, at),
      lba,
      at: place,
      firstCluster: (b.getAt(at + 20, "u16") & 0x0fff) * 65536 + b.getAt(at + 26, "u16"),
      size: b.getAt(at + 28, "u32"),
    }
  }

  /** Neither the volume's name, nor a folder, nor a part of a long name. */
  private isFile(at: number): boolean {
    return ((this.fat.sector[at + 11] as number) & (ATTRIBUTE_VOLUME | ATTRIBUTE_FOLDER)) === 0
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

/** The number in a log's name `LOGnnnnn` at an offset, or 0. Other programs name other kinds of files so. */
function logNumber(b: Buffer, at: number): number {
  if ((b.getAt(at, "i32") & THREE_BYTES) !== LOG || KINDS.indexOf(b.getAt(at + 8, "i32") & THREE_BYTES) < 0) return 0
  return fiveDigits(b, at + 3)
}

/** The number in five ASCII digits, or 0. */
export function fiveDigits(b: Buffer, at: number): number {
  const four = b.getAt(at, "i32")
  const last = (b[at + 4] as number) - 0x30
  // Four at once: below "0" or above "9" one of a byte's two sums has its highest bit set.
  if ((((four - 0x30303030) | (four + 0x46464646)) & HIGHEST_BITS) !== 0 || last < 0 || last > 9) return 0
  return (four & 15) * 10000 + ((four >> 8) & 15) * 1000 + ((four >> 16) & 15) * 100 + ((four >> 24) & 15) * 10 + last
}
