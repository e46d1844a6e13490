import { type BlockDevice, CardError, isLocal } from "./bus.js"
import { UNIT } from "./fat-sectors.js"
import { FatTable, type Run } from "./fat-table.js"
import { type DirEntry, fiveDigits, RootFolder } from "./root-folder.js"

/**
 * As much FAT32 as a logger needs: contiguous log files that get their whole space at birth, and small files, in the root folder.
 *
 * The order of the writes leaves the worst power cut with space that is marked as used but belongs to no file. See README.md for
 * the orders and what fsck says to each.
 */

/** Spare entries below which the root folder grows before a file is made. */
const FEW_ENTRIES = 16
/** Holds the number of the last log, so that a number never comes again when its file is deleted. */
const LAST_NUMBER = "LOGLAST TXT"
const HIGHEST_NUMBER = 99999

export class Fat32 {
  readonly fat: FatTable
  readonly root: RootFolder
  private readonly line = Buffer.alloc(7)

  constructor(private readonly device: BlockDevice) {
    this.fat = new FatTable(device)
    this.root = new RootFolder(this.fat)
  }

  /** Finds the volume and reads its root folder once; writes nothing. @throws CardError which says what is there instead */
  async mount(): Promise<void> {
    await this.fat.mount()
    await this.root.survey()
  }

  /** Date and time that new and closed files get (`fatDate`, `fatTime`); 2025-01-01 00:00 until the program knows better. */
  setTime(date: number, time: number): void {
    this.root.date = date
    this.root.time = time
  }

  /** First sector of a cluster. */
  lba(cluster: number): number {
    return this.fat.lba(cluster)
  }

  /** Bytes of one space unit: 128 clusters. */
  unitBytes(): number {
    return UNIT * this.fat.sectorsPerCluster * 512
  }

  /** A run of `units` free space units, or of fewer, down to `least`, where there is none. @throws CardError `full` */
  async findRun(units: number, least: number): Promise<Run> {
    const run = await this.fat.findRun(units, least)
    this.fat.hold(run)
    // The folder may have to grow, out of the run's way.
    await this.prepareChange()
    return run
  }

  /**
   * A file of whole space units in one piece that the laptop made ahead, `SPAREnnn.SEG`; null when there is none. A copy of one that
   * lies in pieces is not taken. @throws CardError
   */
  async findAhead(): Promise<DirEntry | null> {
    let after = 0
    for (;;) {
      const entry = await this.root.findAhead(after)
      if (entry === null) return null
      const units = entry.size / this.unitBytes()
      const whole = units >= 1 && units === Math.floor(units) && !this.fat.isSpoilt(entry.firstCluster, units)
      if (whole && (await this.fat.isRun(entry.firstCluster, units * UNIT))) return entry
      after = after + 1
    }
  }

  /**
   * Makes a file of a run that `findRun` gave; its size is its whole space from the start.
   * @param name eleven characters, padded with spaces
   * @throws CardError `verify` when somebody has taken some of the space meanwhile
   */
  async createContiguous(name: string, run: Run): Promise<DirEntry> {
    await this.prepareChange()
    if (!(await this.fat.isFreeRun(run))) throw new CardError("verify", -1, -1)
    await this.fat.linkRun(run.first, run.units)
    return await this.root.add(name, run.first, run.units * this.unitBytes())
  }

  /** True for a file in one piece from the beginning of a space unit on, as logs are made. */
  async isLogsSpace(entry: DirEntry): Promise<boolean> {
    const clusters = Math.ceil(entry.size / (this.fat.sectorsPerCluster * 512))
    return clusters > 0 && (await this.fat.isRun(entry.firstCluster, clusters))
  }

  /**
   * Ends a contiguous file of whole units at `size` bytes and gives the rest back: first the entry, then the clusters.
   * A file of size 0 keeps no cluster. @throws CardError
   */
  async trim(entry: DirEntry, size: number): Promise<void> {
    const units = entry.size / this.unitBytes()
    const kept = Math.ceil(size / (this.fat.sectorsPerCluster * 512))
    const first = entry.firstCluster
    await this.root.update(entry, kept === 0 ? 0 : first, size)
    await this.fat.cutRun(first, units, kept)
    await this.fat.storeHint()
  }

  /** Deletes a file: first its entry, then its clusters. @throws CardError */
  async remove(entry: DirEntry): Promise<void> {
    await this.root.drop(entry)
    await this.fat.freeChain(entry.firstCluster)
  }

  /**
   * The next log's number: higher than any on the card or ever given there. A card that does not let the last one be read or written has
   * the names of its logs. @throws CardError `full` after 99999
   */
  async takeNumber(): Promise<number> {
    const b = this.fat.sector
    let at = 0
    let last = this.root.highest
    try {
      const entry = await this.root.find(LAST_NUMBER)
      at = entry !== null && entry.firstCluster >= 2 && entry.firstCluster < this.fat.clusters + 2 ? this.lba(entry.firstCluster) : 0
      if (at > 0) {
        await this.fat.readAgreed(at)
        last = Math.max(last, fiveDigits(b, 0))
      }
    } catch (error) {
      if (!isLocal(error as CardError)) throw error
      at = 0
    }
    if (last >= HIGHEST_NUMBER) throw new CardError("full", -1, -1)
    await this.device.pause()
    this.root.highest = last + 1
    putNumber(this.line, last + 1)
    try {
      if (at > 0) {
        b.blitAt(0, this.line, 0, this.line.length)
        await this.fat.store(at)
      } else await this.writeSmall(LAST_NUMBER, this.line, this.line.length)
    } catch (error) {
      const code = (error as CardError).code
      if (!isLocal(error as CardError) && code !== "full" && code !== "root-full") throw error
    }
    return last + 1
  }

  /** Reads the first bytes of a file. @returns how many, or -1 when there is no such file. @throws CardError */
  async readSmall(name: string, into: Buffer): Promise<number> {
    const entry = await this.root.find(name)
    if (entry === null) return -1
    const size = Math.min(entry.size, into.length)
    let cluster = entry.firstCluster
    let sectors = 0
    for (let done = 0; done < size; done += 512) {
      if (sectors === this.fat.sectorsPerCluster) {
        cluster = await this.fat.follow(cluster)
        sectors = 0
      }
      if (cluster < 2 || cluster >= this.fat.clusters + 2) throw new CardError("damaged", entry.lba, -1)
      await this.device.read(this.lba(cluster) + sectors, this.fat.sector)
      into.blitAt(done, this.fat.sector, 0, Math.min(512, size - done))
      sectors++
    }
    return size
  }

  /**
   * Writes a small file whole: its data, its clusters, its entry, and then the clusters of the one it replaces are freed.
   * A power cut leaves the old file or the new one.
   * @param length bytes of `data` to write, at most 128 clusters
   * @throws CardError
   */
  async writeSmall(name: string, data: Buffer, length: number): Promise<void> {
    await this.prepareChange()
    const clusters = Math.ceil(length / (this.fat.sectorsPerCluster * 512))
    const first = clusters === 0 ? 0 : await this.fat.findFew(clusters)
    if (clusters > 0 && first === 0) throw new CardError("full", -1, -1)
    for (let done = 0; done < length; done += 512) {
      await this.device.pause()
      this.fat.sector.fillAt(0, 512, 0)
      this.fat.sector.blitAt(0, data, done, Math.min(512, length - done))
      await this.fat.store(this.lba(first) + done / 512)
    }
    if (clusters > 0) await this.fat.linkFew(first, clusters)
    const entry = await this.root.find(name)
    if (entry === null) {
      if (this.root.blocked) throw new CardError("refused", -1, -1)
      await this.root.add(name, first, length)
      return
    }
    const old = entry.firstCluster
    await this.root.update(entry, first, length)
    await this.fat.freeChain(old)
  }

  private async prepareChange(): Promise<void> {
    await this.fat.forgetFreeCount()
    if (this.root.spare >= FEW_ENTRIES) return
    try {
      await this.root.grow()
    } catch (error) {
      // The last entries may do.
      if (!isLocal(error as CardError)) throw error
    }
  }
}

/** Five digits and the end of the line. */
function putNumber(line: Buffer, number: number): void {
  let rest = number
  for (let i = 4; i >= 0; i--) {
    const tenth = Math.floor(rest / 10)
    line[i] = 48 + rest - tenth * 10
    rest = tenth
  }
  line[5] = 13
  line[6] = 10
}
