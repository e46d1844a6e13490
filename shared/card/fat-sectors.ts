import { findVolume } from "./boot-sector.js"
import { type BlockDevice, CardError, isLocal } from "./bus.js"
import { isSame } from "./sector.js"

/**
 * The sectors of a FAT32 volume's allocation table: where they are, and how they are read and written.
 *
 * Every write is one sector, confirmed and read back before the next. What is read to be changed is read twice, for it holds what belongs to
 * others. Whatever goes through a sector's entries pauses on the way.
 */

/** Clusters that one FAT sector describes: the unit in which log files get space, so that no two share a FAT sector. */
export const UNIT = 128

/** Readings of a sector of which two must agree. */
const READINGS = 4

export class FatSectors {
  sectorsPerCluster = 0
  /** Clusters of the data area; they are numbered from 2. 0 before the volume is found. */
  clusters = 0
  /** First cluster of the root folder. */
  root = 0
  /** The sector in hand, and another to compare with or to look something up. */
  readonly sector = Buffer.alloc(512)
  readonly check = Buffer.alloc(512)

  protected fatStart = 0
  /** Sectors of one FAT. */
  protected fatSize = 0
  protected fats = 0
  protected dataStart = 0
  /** FAT sector at which the search for space begins. */
  protected hint = 1
  /** FSInfo's sector, or 0. */
  private info = 0
  private infoUnknown = false

  constructor(readonly device: BlockDevice) {}

  /** Finds the volume; writes nothing. @throws CardError which says what is there instead */
  protected async locate(): Promise<void> {
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

  /** Before the first change: the count of free clusters is unknown from now on, which no checker holds against us. */
  async forgetFreeCount(): Promise<void> {
    if (this.infoUnknown) return
    await this.storeHint()
    this.infoUnknown = true
  }

  /** Leaves for the next mount where the search for space shall begin. A volume whose FSInfo is at fault does without. */
  async storeHint(): Promise<void> {
    if (this.info === 0) return
    try {
      await this.readAgreed(this.info)
      this.sector.setAt(488, "u32", 0xffffffff)
      const cluster = this.hint * UNIT
      this.sector.setAt(492, "u32", cluster < this.clusters + 2 ? cluster : 2)
      await this.store(this.info)
    } catch (error) {
      if (!isLocal(error as CardError)) throw error
      this.info = 0
    }
  }

  /** Reads a sector that is to be changed and written back, until two readings agree: nothing else shows a wire that errs. @throws CardError `read` */
  async readAgreed(lba: number): Promise<void> {
    await this.device.read(lba, this.sector)
    for (let n = 1; n < READINGS; n++) {
      await this.device.read(lba, this.check)
      if (await isSame(this.device, this.sector, this.check)) return
      this.sector.blitAt(0, this.check, 0, 512)
    }
    throw new CardError("read", lba, -1)
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
    try {
      await this.device.read(this.info, this.sector)
    } catch (error) {
      if (!isLocal(error as CardError)) throw error
      this.info = 0
      return
    }
    const isInfo = this.sector.getAt(0, "u32") === 0x41615252 && this.sector.getAt(484, "u32") === 0x61417272
    if (isInfo) this.hint = Math.floor(this.sector.getAt(492, "u32") / UNIT)
    else this.info = 0
  }

  /** A sector of the first FAT that can be read. @throws CardError */
  protected async readFat(fatSector: number, into: Buffer): Promise<void> {
    try {
      await this.device.read(this.fatStart + fatSector, into)
    } catch (error) {
      if (this.fats < 2 || !isLocal(error as CardError)) throw error
      await this.device.read(this.fatStart + this.fatSize + fatSector, into)
    }
  }

  /**
   * A FAT sector that is to be changed: both FATs' where they agree, the sound one's where they do not, the first's where both are sound,
   * as everybody takes it. @throws CardError `damaged` when neither is sound
   */
  protected async readToChange(fatSector: number): Promise<void> {
    if (await this.readSure(fatSector)) return
    throw new CardError("damaged", this.fatStart + fatSector, -1)
  }

  private async readSure(fatSector: number): Promise<boolean> {
    if (await this.isDependable(fatSector)) return true
    for (let i = 0; i < this.fats; i++) {
      try {
        await this.readAgreed(this.fatStart + i * this.fatSize + fatSector)
        if (await this.isSound(fatSector)) return true
      } catch (error) {
        if (!isLocal(error as CardError)) throw error
      }
    }
    return false
  }

  /** Brings a FAT sector into `sector`. @returns false unless all FATs can be read, agree and are sound */
  protected async isDependable(fatSector: number): Promise<boolean> {
    const first = this.fatStart + fatSector
    try {
      if (this.fats === 1) await this.readAgreed(first)
      else {
        await this.device.read(first, this.sector)
        await this.device.read(first + this.fatSize, this.check)
        if (!(await isSame(this.device, this.sector, this.check))) return false
      }
      return await this.isSound(fatSector)
    } catch (error) {
      if (!isLocal(error as CardError)) throw error
      return false
    }
  }

  /** True when each entry in `sector` is free, in the volume, or a mark. */
  private async isSound(fatSector: number): Promise<boolean> {
    const end = this.clusters + 2
    // The first two entries are no clusters'.
    for (let at = fatSector === 0 ? 8 : 0; at < 512; at += 4) {
      if ((at & 15) === 0) await this.device.pause()
      const next = this.sector.getAt(at, "i32") & 0x0fffffff
      if (next === 1 || (next >= end && next < 0x0ffffff7)) return false
    }
    return true
  }

  /** Stores `sector` as a sector of every FAT. */
  protected async storeFat(fatSector: number): Promise<void> {
    for (let i = 0; i < this.fats; i++) await this.store(this.fatStart + i * this.fatSize + fatSector)
  }
}
