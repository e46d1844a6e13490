import { type BlockDevice, CardError } from "./bus.js"

/**
 * A FAT32 volume's geometry and its allocation table.
 *
 * Every write is one sector, confirmed and read back before the next.
 */

/** Clusters that one FAT sector describes: the unit in which log files get space, so that no two share a FAT sector. */
export const UNIT = 128

const END_OF_CHAIN = 0x0fffffff

export class FatTable {
  sectorsPerCluster = 0
  /** Clusters of the data area; they are numbered from 2. 0 before `mount`. */
  clusters = 0
  /** First cluster of the root folder. */
  root = 0
  /** The sector in hand, and another to compare with or to look something up. */
  readonly sector = Buffer.alloc(512)
  readonly check = Buffer.alloc(512)

  private fatStart = 0
  /** Sectors of one FAT. */
  private fatSize = 0
  private fats = 0
  private dataStart = 0
  /** FSInfo's sector, or 0. */
  private info = 0
  private infoUnknown = false
  /** FAT sector at which the search for space begins. */
  private hint = 1

  constructor(readonly device: BlockDevice) {}

  /** Finds the volume; writes nothing. @throws CardError which says what is there instead */
  async mount(): Promise<void> {
    this.clusters = 0
    await this.device.read(0, this.sector)
    if (this.sector.getAt(510, "u16") !== 0xaa55) throw new CardError("no-partition", 0, -1)
    const base = isBootSector(this.sector) ? 0 : partition(this.sector)
    if (base > 0) {
      await this.device.read(base, this.sector)
      if (this.sector.getAt(510, "u16") !== 0xaa55 || !isBootSector(this.sector)) throw new CardError("not-fat32", base, -1)
    }
    this.readParameters(base)
    await this.readHint()
  }

  /** First sector of a cluster. */
  lba(cluster: number): number {
    return this.dataStart + (cluster - 2) * this.sectorsPerCluster
  }

  /** The cluster after this one; 0 at the chain's end. Uses `check`. @throws CardError `damaged` */
  async follow(cluster: number): Promise<number> {
    await this.device.read(this.fatStart + (cluster >> 7), this.check)
    const next = this.check.getAt((cluster & 127) << 2, "u32") & 0x0fffffff
    if (next >= 0x0ffffff8) return 0
    if (next < 2 || next >= this.clusters + 2) throw new CardError("damaged", this.fatStart + (cluster >> 7), -1)
    return next
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

  /** A run of `n` free clusters within one FAT sector, from the start of the volume; 0 when there is none. */
  async findFew(n: number): Promise<number> {
    for (let s = 0; s * UNIT < this.clusters + 2; s++) {
      await this.device.read(this.fatStart + s, this.sector)
      let run = 0
      for (let i = 0; i < UNIT && s * UNIT + i < this.clusters + 2; i++) {
        run = this.sector.getAt(i << 2, "u32") === 0 ? run + 1 : 0
        if (run === n) return s * UNIT + i - n + 1
      }
    }
    return 0
  }

  /** Links `units` whole FAT sectors into one chain, from the end, so that it never runs into free space. */
  async linkRun(firstCluster: number, units: number): Promise<void> {
    const fatSector = firstCluster >> 7
    for (let i = units - 1; i >= 0; i--) await this.storeChain(fatSector + i, i === units - 1 ? UNIT : UNIT + 1)
    this.hint = fatSector + units
  }

  /** True for a chain as `linkRun` makes it. */
  async isRun(firstCluster: number, units: number): Promise<boolean> {
    if ((firstCluster & (UNIT - 1)) !== 0 || firstCluster < UNIT || firstCluster + units * UNIT > this.clusters + 2) return false
    const end = firstCluster + units * UNIT
    for (let cluster = firstCluster; cluster < end; cluster += UNIT) {
      await this.device.read(this.fatStart + (cluster >> 7), this.sector)
      for (let i = 1; i <= UNIT; i++) {
        const next = this.sector.getAt((i - 1) << 2, "u32") & 0x0fffffff
        if (cluster + i === end ? next < 0x0ffffff8 : next !== cluster + i) return false
      }
    }
    return true
  }

  /** Ends a run of `units` whole FAT sectors after `kept` clusters and frees the rest, from the cut on. */
  async cutRun(firstCluster: number, units: number, kept: number): Promise<void> {
    const fatSector = firstCluster >> 7
    for (let i = kept === 0 ? 0 : (kept - 1) >> 7; i < units; i++) {
      const here = kept - i * UNIT
      if (here === UNIT && i === units - 1) return
      await this.storeChain(fatSector + i, here > 0 ? here : 0)
    }
  }

  /** Links `n` clusters that `findFew` gave. */
  async linkFew(firstCluster: number, n: number): Promise<void> {
    await this.device.read(this.fatStart + (firstCluster >> 7), this.sector)
    for (let i = 0; i < n; i++) {
      this.sector.setAt(((firstCluster + i) & 127) << 2, "u32", i === n - 1 ? END_OF_CHAIN : firstCluster + i + 1)
    }
    await this.storeFat(firstCluster >> 7)
  }

  /** Makes `next` the cluster behind `cluster`. */
  async linkOne(cluster: number, next: number): Promise<void> {
    await this.device.read(this.fatStart + (cluster >> 7), this.sector)
    this.sector.setAt((cluster & 127) << 2, "u32", next)
    await this.storeFat(cluster >> 7)
  }

  /** Frees a chain, one FAT sector after the other. */
  async freeChain(first: number): Promise<void> {
    let cluster = first
    while (cluster >= 2 && cluster < this.clusters + 2) {
      const fatSector = cluster >> 7
      await this.device.read(this.fatStart + fatSector, this.sector)
      while (cluster >= 2 && cluster >> 7 === fatSector) {
        const at = (cluster & 127) << 2
        cluster = this.sector.getAt(at, "u32") & 0x0fffffff
        this.sector.setAt(at, "u32", 0)
      }
      await this.storeFat(fatSector)
    }
  }

  /** Before the first change: the count of free clusters is unknown from now on, which no checker holds against us. */
  async forgetFreeCount(): Promise<void> {
    if (this.infoUnknown) return
    await this.storeHint()
    this.infoUnknown = true
  }

  /** Leaves for the next mount where the search for space shall begin. */
  async storeHint(): Promise<void> {
    if (this.info === 0) return
    await this.device.read(this.info, this.sector)
    this.sector.setAt(488, "u32", 0xffffffff)
    const cluster = this.hint * UNIT
    this.sector.setAt(492, "u32", cluster < this.clusters + 2 ? cluster : 2)
    await this.store(this.info)
  }

  /** Writes `sector` and reads it back; a second time if it differs. @throws CardError `verify` */
  async store(lba: number): Promise<void> {
    for (let attempt = 0; attempt < 2; attempt++) {
      await this.device.write(lba, this.sector)
      await this.device.read(lba, this.check)
      if (isSame(this.sector, this.check)) return
    }
    throw new CardError("verify", lba, -1)
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
      this.root >= 2 &&
      base + total <= this.device.sectors
    if (!sound) throw new CardError("damaged", base, -1)
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
    const clusters = present < described ? present : described
    if (this.root >= clusters + 2) throw new CardError("damaged", base, -1)
    const info = b.getAt(48, "u16")
    this.info = info > 0 && info < reserved ? base + info : 0
    this.infoUnknown = false
    this.clusters = clusters
  }

  /** Where the last writer thought free space begins. */
  private async readHint(): Promise<void> {
    this.hint = 1
    if (this.info === 0) return
    await this.device.read(this.info, this.sector)
    const isInfo = this.sector.getAt(0, "u32") === 0x41615252 && this.sector.getAt(484, "u32") === 0x61417272
    if (isInfo) this.hint = Math.floor(this.sector.getAt(492, "u32") / UNIT)
    else this.info = 0
  }

  /** A FAT sector of `entries` linked clusters, the last of which ends the chain unless it is beyond the sector; the rest free. */
  private async storeChain(fatSector: number, entries: number): Promise<void> {
    this.sector.fillAt(0, 512, 0)
    const first = fatSector * UNIT
    for (let i = 0; i < entries && i < UNIT; i++) {
      this.sector.setAt(i << 2, "u32", i === entries - 1 ? END_OF_CHAIN : first + i + 1)
    }
    await this.storeFat(fatSector)
  }

  /** Stores `sector` as a sector of every FAT. */
  private async storeFat(fatSector: number): Promise<void> {
    for (let i = 0; i < this.fats; i++) await this.store(this.fatStart + i * this.fatSize + fatSector)
  }
}

/** True for FAT32's boot sector. @throws CardError for its relatives' */
function isBootSector(b: Buffer): boolean {
  if (b[0] !== 0xeb && b[0] !== 0xe9) return false
  if (hasText(b, 3, "EXFAT")) throw new CardError("exfat", 0, -1)
  if (hasText(b, 0x36, "FAT1")) throw new CardError("fat16", 0, -1)
  return hasText(b, 0x52, "FAT32")
}

/** First sector of the first FAT32 partition in a partition table. @throws CardError that names what else is there */
function partition(b: Buffer): number {
  let other = "no-partition"
  for (let at = 446; at < 510; at += 16) {
    const type = b[at + 4] as number
    if (type === 0x0b || type === 0x0c) return b.getAt(at + 8, "u32")
    if (type === 0x07) other = "exfat"
    if (type === 0x01 || type === 0x04 || type === 0x06 || type === 0x0e) other = "fat16"
    if (type === 0xee) other = "gpt"
  }
  throw new CardError(other, 0, -1)
}

/** True when ASCII `text` stands at an offset. */
export function hasText(b: Buffer, at: number, text: string): boolean {
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
