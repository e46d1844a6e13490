import { CardError, isLocal } from "./bus.js"
import { FatSectors, UNIT } from "./fat-sectors.js"
import { isAll, isSame } from "./sector.js"

/** A FAT32 volume's allocation table: chains, and free space for logs and for small files. */

const END_OF_CHAIN = 0x0fffffff
/** Nobody has more space units. */
const MANY = 0x7fffffff
/** Faulty space units that are remembered. */
const MOST_SPOILT = 32

/** A run of whole free FAT sectors. */
export interface Run {
  first: number
  units: number
}

export class FatTable extends FatSectors {
  /** No run of free FAT sectors is longer, as far as is known. */
  private longest = MANY
  /** FAT sectors whose space is at fault; not asked again before the next start. */
  private readonly spoilt: number[] = []
  /** FAT sectors that a log is about to take: small files keep away. */
  private heldFrom = 0
  private heldTo = 0

  /** Finds the volume; writes nothing. @throws CardError which says what is there instead */
  async mount(): Promise<void> {
    await this.locate()
    this.longest = MANY
    this.heldTo = 0
  }

  /** The cluster after this one; 0 at the chain's end. Uses `check`. @throws CardError `damaged` */
  async follow(cluster: number): Promise<number> {
    await this.readFat(cluster >> 7, this.check)
    const next = this.check.getAt((cluster & 127) << 2, "u32") & 0x0fffffff
    if (next >= 0x0ffffff8) return 0
    if (next < 2 || next >= this.clusters + 2) throw new CardError("damaged", this.fatStart + (cluster >> 7), -1)
    return next
  }

  /**
   * A run of `units` wholly free FAT sectors, or the longest of fewer where there is none.
   * @param least fewer are none
   * @throws CardError `full`
   */
  async findRun(units: number, least: number): Promise<Run> {
    const whole = (this.clusters + 2) >> 7
    const wanted = units < this.longest ? units : this.longest
    let best = 0
    let end = 0
    let run = 0
    let at = this.hint >= 1 && this.hint < whole ? this.hint : 1
    // Once from the hint to the end, then from the start to where a run could still begin before the hint.
    for (let seen = 0; seen < whole + wanted && best < wanted; seen++) {
      if (at >= whole) {
        at = 1
        run = 0
      }
      run = (await this.isFree(at)) ? run + 1 : 0
      at++
      if (run > best) {
        best = run
        end = at
      }
    }
    if (best < wanted) this.longest = best
    if (best === 0 || best < least) throw new CardError("full", -1, -1)
    const from = end - best
    // What one FAT takes for free, the other may know as somebody's.
    for (let i = from; i < end; i++) {
      if (await this.isFreeInMirror(i)) continue
      this.spoilt.push(i)
      return await this.findRun(units, least)
    }
    return { first: from * UNIT, units: best }
  }

  /** True while a run that `findRun` gave is free. */
  async isFreeRun(run: Run): Promise<boolean> {
    for (let i = 0; i < run.units; i++) if (!(await this.isFree((run.first >> 7) + i))) return false
    return true
  }

  /** Keeps small files out of a run until `linkRun` takes it. */
  hold(run: Run): void {
    this.heldFrom = run.first >> 7
    this.heldTo = this.heldFrom + run.units
  }

  /** Remembers the space of a sector of the card as faulty, or that a FAT sector describes. @returns false where it is no log's space */
  spoil(lba: number): boolean {
    const inFats = lba >= this.fatStart && lba < this.fatStart + this.fats * this.fatSize
    const cluster = Math.floor((lba - this.dataStart) / this.sectorsPerCluster) + 2
    const at = inFats ? lba - this.fatStart : cluster >> 7
    const unit = inFats && at >= this.fatSize ? at - this.fatSize : at
    if (lba < this.fatStart || unit < 1 || (!inFats && cluster < 2)) return false
    if (this.spoilt.length < MOST_SPOILT) this.spoilt.push(unit)
    return true
  }

  /** True when a part of a run is remembered as faulty. */
  isSpoilt(first: number, units: number): boolean {
    for (let i = 0; i < units; i++) if (this.spoilt.indexOf((first >> 7) + i) >= 0) return true
    return false
  }

  private async isFree(fatSector: number): Promise<boolean> {
    if (this.spoilt.indexOf(fatSector) >= 0) return false
    try {
      await this.device.read(this.fatStart + fatSector, this.sector)
    } catch (error) {
      if (!isLocal(error as CardError)) throw error
      this.spoilt.push(fatSector)
      return false
    }
    return await isAll(this.device, this.sector, 0)
  }

  /** Of the second FAT, or of the first in a second reading. */
  private async isFreeInMirror(fatSector: number): Promise<boolean> {
    try {
      await this.device.read(this.fatStart + (this.fats - 1) * this.fatSize + fatSector, this.sector)
    } catch (error) {
      if (!isLocal(error as CardError)) throw error
      return false
    }
    return await isAll(this.device, this.sector, 0)
  }

  /** A run of `n` free clusters within one FAT sector, from the start of the volume; 0 when there is none. */
  async findFew(n: number): Promise<number> {
    const end = (this.clusters + 2) >> 7
    for (let s = 0; s <= end; s++) {
      if ((s >= this.heldFrom && s < this.heldTo) || this.spoilt.indexOf(s) >= 0) continue
      try {
        await this.readFat(s, this.sector)
      } catch (error) {
        if (!isLocal(error as CardError)) throw error
        continue
      }
      // What looks free is looked at again, in all FATs.
      if ((await this.freeWithin(s, n)) === 0 || !(await this.isDependable(s))) continue
      const first = await this.freeWithin(s, n)
      if (first > 0) return first
    }
    return 0
  }

  /** The first of `n` free clusters in a row that the FAT sector in hand describes; 0 when there are none. */
  private async freeWithin(fatSector: number, n: number): Promise<number> {
    const last = Math.min(512, (this.clusters + 2 - fatSector * UNIT) << 2)
    let run = 0
    for (let at = 0; at < last; at += 4) {
      if ((at & 31) === 0) await this.device.pause()
      run = this.sector.getAt(at, "i32") === 0 ? run + 1 : 0
      if (run === n) return fatSector * UNIT + (at >> 2) - n + 1
    }
    return 0
  }

  /** Links `units` whole FAT sectors into one chain, from the end, so that it never runs into free space. */
  async linkRun(firstCluster: number, units: number): Promise<void> {
    const fatSector = firstCluster >> 7
    for (let i = units - 1; i >= 0; i--) await this.storeChain(fatSector + i, i === units - 1 ? UNIT : UNIT + 1)
    this.hint = fatSector + units
    this.heldTo = 0
  }

  /** True for a chain as `linkRun` makes it, or `cutRun`. @param clusters of the file */
  async isRun(firstCluster: number, clusters: number): Promise<boolean> {
    if ((firstCluster & (UNIT - 1)) !== 0 || firstCluster < UNIT || firstCluster + clusters > this.clusters + 2) return false
    const fatSector = firstCluster >> 7
    for (let i = 0; i * UNIT < clusters; i++) {
      const here = clusters - i * UNIT
      await this.readFat(fatSector + i, this.sector)
      const last = (here - 1) << 2
      // There are several marks for a chain's end.
      if (here <= UNIT && (this.sector.getAt(last, "i32") & 0x0fffffff) >= 0x0ffffff8) this.sector.setAt(last, "i32", END_OF_CHAIN)
      await this.chain(this.check, fatSector + i, here > UNIT ? UNIT + 1 : here)
      if (!(await isSame(this.device, this.sector, this.check, here > UNIT ? 512 : here << 2))) return false
    }
    return true
  }

  /** Ends a run of `units` whole FAT sectors after `kept` clusters and frees the rest, from the cut on. */
  async cutRun(firstCluster: number, units: number, kept: number): Promise<void> {
    const fatSector = firstCluster >> 7
    this.longest = MANY
    for (let i = kept === 0 ? 0 : (kept - 1) >> 7; i < units; i++) {
      const here = kept - i * UNIT
      if (here === UNIT && i === units - 1) return
      await this.storeChain(fatSector + i, here > 0 ? here : 0)
    }
  }

  /** Links `n` clusters that `findFew` gave. */
  async linkFew(firstCluster: number, n: number): Promise<void> {
    await this.readToChange(firstCluster >> 7)
    for (let i = 0; i < n; i++) {
      if ((i & 7) === 7) await this.device.pause()
      this.sector.setAt(((firstCluster + i) & 127) << 2, "u32", i === n - 1 ? END_OF_CHAIN : firstCluster + i + 1)
    }
    await this.storeFat(firstCluster >> 7)
  }

  /** Makes `next` the cluster behind `cluster`. */
  async linkOne(cluster: number, next: number): Promise<void> {
    await this.readToChange(cluster >> 7)
    this.sector.setAt((cluster & 127) << 2, "u32", next)
    await this.storeFat(cluster >> 7)
  }

  /** Frees a chain, one FAT sector after the other. */
  async freeChain(first: number): Promise<void> {
    const b = this.sector
    let cluster = first
    this.longest = MANY
    while (cluster >= 2 && cluster < this.clusters + 2) {
      const fatSector = cluster >> 7
      await this.readToChange(fatSector)
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
}
