import { findVolume } from "./boot-sector.js"
import { type BlockDevice, CardError } from "./bus.js"
import { isAll, isSame } from "./sector.js"

/**
 * A FAT32 volume's allocation table.
 *
 * Every write is one sector, confirmed and read back before the next. Whatever goes through a sector's entries pauses on the way.
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
    const found = await findVolume(this.device, this.sector)
    await this.device.pause()
    this.fatStart = found.fatStart
    this.fatSize = found.fatSize
    this.fats = found.fats
    this.dataStart = found.dataStart
    this.sectorsPerCluster = found.sectorsPerCluster
    this.root = found.root
    this.info = found.info
    this.infoUnknown = false
    this.clusters = found.clusters
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
      run = (await isAll(this.device, this.sector, 0)) ? run + 1 : 0
      at++
      if (run === units) return (at - units) * UNIT
    }
    throw new CardError("full", -1, -1)
  }

  /** A run of `n` free clusters within one FAT sector, from the start of the volume; 0 when there is none. */
  async findFew(n: number): Promise<number> {
    const end = (this.clusters + 2) << 2
    for (let s = 0; s << 9 < end; s++) {
      await this.device.read(this.fatStart + s, this.sector)
      const last = Math.min(512, end - (s << 9))
      let run = 0
      for (let at = 0; at < last; at += 4) {
        if ((at & 31) === 28) await this.device.pause()
        run = this.sector.getAt(at, "i32") === 0 ? run + 1 : 0
        if (run === n) return s * UNIT + (at >> 2) - n + 1
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
    const fatSector = firstCluster >> 7
    for (let i = 0; i < units; i++) {
      const last = i === units - 1
      await this.device.read(this.fatStart + fatSector + i, this.sector)
      // There are several marks for a chain's end.
      if (last && (this.sector.getAt(508, "i32") & 0x0fffffff) >= 0x0ffffff8) this.sector.setAt(508, "i32", END_OF_CHAIN)
      await this.chain(this.check, fatSector + i, last ? UNIT : UNIT + 1)
      if (!(await isSame(this.device, this.sector, this.check))) return false
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
      if ((i & 7) === 7) await this.device.pause()
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
    const b = this.sector
    let cluster = first
    while (cluster >= 2 && cluster < this.clusters + 2) {
      const fatSector = cluster >> 7
      await this.device.read(this.fatStart + fatSector, b)
      while (cluster >= 2 && cluster >> 7 === fatSector) {
        await this.device.pause()
        const begin = (cluster & 127) << 2
        let at = begin
        // As far as each entry only names the one behind it, they are cleared together.
        for (let next = cluster + 1; at < 508 && b.getAt(at, "i32") === next; next++) {
          at += 4
          if ((at & 31) === 0) await this.device.pause()
        }
        cluster = b.getAt(at, "i32") & 0x0fffffff
        b.fillAt(begin, at + 4 - begin, 0)
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
      if (await isSame(this.device, this.sector, this.check)) return
    }
    throw new CardError("verify", lba, -1)
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

  private async storeChain(fatSector: number, entries: number): Promise<void> {
    await this.chain(this.sector, fatSector, entries)
    await this.storeFat(fatSector)
  }

  /** A FAT sector of `entries` linked clusters, the last of which ends the chain unless it is beyond the sector; the rest free. */
  private async chain(into: Buffer, fatSector: number, entries: number): Promise<void> {
    const last = (entries - 1) << 2
    let next = fatSector * UNIT + 1
    for (let at = 0; at <= last && at < 512; at += 16) {
      if ((at & 63) === 0) await this.device.pause()
      into.setAt(at, "i32", next)
      into.setAt(at + 4, "i32", next + 1)
      into.setAt(at + 8, "i32", next + 2)
      into.setAt(at + 12, "i32", next + 3)
      next += 4
    }
    await this.device.pause()
    if (last < 512) into.fillAt(last < 0 ? 0 : last, 512, 0)
    if (last >= 0 && last < 512) into.setAt(last, "i32", END_OF_CHAIN)
  }

  /** Stores `sector` as a sector of every FAT. */
  private async storeFat(fatSector: number): Promise<void> {
    for (let i = 0; i < this.fats; i++) await this.store(this.fatStart + i * this.fatSize + fatSector)
  }
}
