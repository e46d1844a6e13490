import { bootSector, partitionEntry } from "../../shared/card/layout.js"
import { readRecord } from "../bytes/layout.js"
import type { Source } from "../bytes/source.js"
import { type ByteRange, rangesWithin, UnreadableRanges } from "../bytes/unreadable.js"
import { FormatError, type LogError, UnsupportedError } from "../model/errors.js"

/** A FAT32 volume on a card or image: where its parts lie, and its allocation table, read through a window. */
export interface Volume {
  /** Byte offset of the volume in the source: 0 for a card without partition table. */
  readonly base: number
  readonly clusterBytes: number
  /** Clusters of the data area; they are numbered from 2. */
  readonly clusters: number
  readonly rootCluster: number
  /** Size of the volume in bytes, as its boot sector says. */
  readonly bytes: number
  readonly label: string
  /** Sectors that cannot be read and whose copy is used: of the boot sector and of the FAT, by their offset in the source. */
  readonly copied: readonly ByteRange[]
  /** Parts of the FAT that cannot be read, nor can their copy: chains end there. */
  readonly lost: readonly ByteRange[]
  /** Other partitions that files may lie on. */
  readonly others: readonly Partition[]
  /** Byte offset in the source of a cluster. */
  at(cluster: number): number
  /** FAT entry of a cluster, 28 bits. */
  next(cluster: number): Promise<number>
  /** Free bytes, counted in the FAT. */
  free(): Promise<number>
}

/** An entry of the partition table. */
interface Partition {
  /** What it is formatted with, as people say it. */
  readonly kind: string
  /** Byte offset in the source, and its length. */
  readonly at: number
  readonly length: number
}

/** FAT entries from here on end a chain. */
export const CHAIN_END = 0x0ffffff8
/** FAT entry of a cluster with a defect. */
export const BAD_CLUSTER = 0x0ffffff7

const SECTOR = 512
/** Where formatting tools put the copy of the boot sector. Source: FAT32 File System Specification 1.03, BPB_BkBootSec. */
const BOOT_COPY = 6
/** Bytes of the FAT held at a time. */
const WINDOW = 64 * 1024

/** Finds the FAT32 volume: the first such partition, or the whole source. @throws LogError that says what is there instead */
export async function openVolume(source: Source): Promise<Volume> {
  const first = await bootSectorAt(source, 0)
  if (first.getUint16(510, true) !== 0xaa55) {
    throw new FormatError(
      `no boot sector: 55 AA expected at 510, found ${hex2(first, 510)}`,
      place(source, 510, "is this the image of a whole card?"),
    )
  }
  if (isBoot(first)) return readVolume(source, first, 0, [])
  const [{ at: base }, ...others] = partitions(source, first)
  if (base + SECTOR > source.size)
    throw new FormatError(`the partition begins at byte ${base}, the image ends at ${source.size}`, place(source, 446))
  const boot = await bootSectorAt(source, base)
  if (boot.getUint16(510, true) !== 0xaa55 || !isBoot(boot)) {
    throw new FormatError("the partition is marked as FAT32, but no boot sector is in it", place(source, base))
  }
  return readVolume(source, boot, base, others)
}

/** The sector at the beginning of a volume, or its copy where the device cannot read it. */
async function bootSectorAt(source: Source, at: number): Promise<DataView> {
  const own = await sector(source, at)
  if (isReadable(source, at) || at + (BOOT_COPY + 1) * SECTOR > source.size) return own
  const copy = await sector(source, at + BOOT_COPY * SECTOR)
  return isBoot(copy) ? copy : own
}

function isReadable({ unreadable = [] }: Source, at: number): boolean {
  return rangesWithin(unreadable, at, SECTOR).length === 0
}

async function sector(source: Source, at: number): Promise<DataView> {
  const bytes = await source.read(at, SECTOR)
  if (bytes.length < SECTOR) throw new FormatError(`only ${source.size} bytes: too short for a card`, place(source, at))
  return new DataView(bytes.buffer, bytes.byteOffset, SECTOR)
}

/** True for a boot sector of any kind of FAT. */
function isBoot(view: DataView): boolean {
  const jump = view.getUint8(0)
  if (jump !== 0xeb && jump !== 0xe9) return false
  return text(view, 3, 8) === "EXFAT   " || text(view, 0x36, 3) === "FAT" || text(view, 0x52, 5) === "FAT32"
}

/** The first FAT32 partition, then the others. @throws LogError if there is none */
function partitions(source: Source, view: DataView): [Partition, ...Partition[]] {
  const seen: Partition[] = []
  for (let at = 446; at < 510; at += partitionEntry.size) {
    const { type, firstSector, sectors } = readRecord(partitionEntry, view, at)
    if (type === 0xee) throw unsupported(source, "a GPT partition table", at)
    const kind = PARTITION_NAMES[type] ?? `type 0x${type.toString(16).padStart(2, "0")}`
    if (type !== 0) seen.push({ kind, at: firstSector * SECTOR, length: sectors * SECTOR })
  }
  const first = seen.find(({ kind }) => kind === "FAT32")
  if (first !== undefined) return [first, ...seen.filter((partition) => partition !== first)]
  if (seen.length > 0) throw unsupported(source, seen.map(({ kind }) => kind).join(", "), 446)
  throw new FormatError("no partition in the table, and no FAT32 without one", place(source, 446))
}

const PARTITION_NAMES: Readonly<Record<number, string>> = {
  1: "FAT12",
  11: "FAT32",
  12: "FAT32",
  4: "FAT16",
  6: "FAT16",
  14: "FAT16",
  5: "an extended partition",
  15: "an extended partition",
  7: "exFAT or NTFS",
  131: "a Linux partition",
}

function unsupported(source: Source, found: string, at: number): LogError {
  return new UnsupportedError(`the card holds ${found}, expected FAT32`, place(source, at, "the logger needs a card formatted with FAT32"))
}

function readVolume(source: Source, view: DataView, base: number, others: readonly Partition[]): Volume {
  if (text(view, 3, 8) === "EXFAT   ") throw unsupported(source, "exFAT", base)
  if (text(view, 0x52, 5) !== "FAT32") throw unsupported(source, text(view, 0x36, 5), base)
  const boot = readRecord(bootSector, view, 0)
  const wrong = (what: string) => new FormatError(`FAT32 boot sector: ${what}`, place(source, base))
  if (boot.bytesPerSector !== SECTOR) throw wrong(`${boot.bytesPerSector} bytes a sector, expected 512`)
  const perCluster = boot.sectorsPerCluster
  if (perCluster === 0 || (perCluster & (perCluster - 1)) !== 0) throw wrong(`${perCluster} sectors a cluster`)
  if (boot.fats < 1 || boot.fats > 2) throw wrong(`${boot.fats} FATs, expected 1 or 2`)
  if (boot.reservedSectors === 0 || boot.fatSectors === 0) throw wrong("no room for a FAT")
  const mirrored = (boot.flags & 0x80) === 0
  const active = mirrored ? 0 : boot.flags & 15
  if (active >= boot.fats) throw wrong(`FAT ${active} is the active one of ${boot.fats}`)
  const dataSector = boot.reservedSectors + boot.fats * boot.fatSectors
  if (dataSector >= boot.totalSectors) throw wrong(`the data begins at sector ${dataSector} of ${boot.totalSectors}`)
  const clusters = Math.min(Math.floor((boot.totalSectors - dataSector) / perCluster), boot.fatSectors * 128 - 2)
  if (boot.rootCluster < 2 || boot.rootCluster >= clusters + 2) throw wrong(`root folder at cluster ${boot.rootCluster} of ${clusters}`)
  return new FatVolume(source, {
    base,
    others,
    clusters,
    clusterBytes: perCluster * SECTOR,
    rootCluster: boot.rootCluster,
    bytes: boot.totalSectors * SECTOR,
    label: text(view, 0x47, 11).trim(),
    copyAt: mirrored && boot.fats === 2 ? base + (boot.reservedSectors + boot.fatSectors) * SECTOR : null,
    fatAt: base + (boot.reservedSectors + active * boot.fatSectors) * SECTOR,
    dataAt: base + dataSector * SECTOR,
  })
}

interface Geometry extends Pick<Volume, "base" | "others" | "clusters" | "clusterBytes" | "rootCluster" | "bytes" | "label"> {
  readonly fatAt: number
  /** The second FAT; null when there is none that is kept alike. */
  readonly copyAt: number | null
  readonly dataAt: number
}

class FatVolume implements Volume {
  readonly base: number
  readonly others: readonly Partition[]
  readonly clusters: number
  readonly clusterBytes: number
  readonly rootCluster: number
  readonly bytes: number
  readonly label: string
  private readonly fatAt: number
  private readonly copyAt: number | null
  private readonly dataAt: number
  private readonly replaced = new UnreadableRanges()
  private readonly gone = new UnreadableRanges()
  private readonly window = new Uint8Array(WINDOW)
  private view: DataView = new DataView(this.window.buffer, 0, 0)
  private windowAt = -1

  constructor(
    private readonly source: Source,
    geometry: Geometry,
  ) {
    this.base = geometry.base
    this.others = geometry.others
    this.clusters = geometry.clusters
    this.clusterBytes = geometry.clusterBytes
    this.rootCluster = geometry.rootCluster
    this.bytes = geometry.bytes
    this.label = geometry.label
    this.fatAt = geometry.fatAt
    this.copyAt = geometry.copyAt
    if (!isReadable(source, geometry.base)) this.replaced.add(geometry.base, SECTOR)
    this.dataAt = geometry.dataAt
  }

  get copied(): readonly ByteRange[] {
    return this.replaced.all
  }

  get lost(): readonly ByteRange[] {
    return this.gone.all
  }

  at(cluster: number): number {
    return this.dataAt + (cluster - 2) * this.clusterBytes
  }

  async next(cluster: number): Promise<number> {
    const at = cluster * 4
    if (at < this.windowAt || at + 4 > this.windowAt + this.view.byteLength || this.windowAt < 0) await this.load(at - (at % WINDOW))
    // Nothing follows beyond the end of a truncated image.
    if (at + 4 > this.windowAt + this.view.byteLength) return 0
    return this.view.getUint32(at - this.windowAt, true) & 0x0fffffff
  }

  async free(): Promise<number> {
    let free = 0
    for (let cluster = 2; cluster < this.clusters + 2; ) {
      const next = await this.next(cluster)
      if (cluster * 4 + 4 > this.windowAt + this.view.byteLength) break
      if (next === 0) free++
      cluster++
      // The rest of the window is read without waiting.
      const end = Math.min(this.clusters + 2, Math.floor((this.windowAt + this.view.byteLength) / 4))
      for (; cluster < end; cluster++) if ((this.view.getUint32(cluster * 4 - this.windowAt, true) & 0x0fffffff) === 0) free++
    }
    return free * this.clusterBytes
  }

  private async load(at: number): Promise<void> {
    const bytes = await this.source.read(this.fatAt + at, WINDOW, this.window)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.windowAt = at
    for (const part of rangesWithin(this.source.unreadable ?? [], this.fatAt + at, bytes.length)) await this.takeCopy(at, part)
  }

  /** Puts a part of the second FAT into the window that begins at `windowAt` in the first. */
  private async takeCopy(windowAt: number, { at, length }: ByteRange): Promise<void> {
    const from = this.fatAt + windowAt + at
    const copyFrom = this.copyAt === null ? null : this.copyAt + windowAt + at
    if (copyFrom !== null) {
      await this.source.read(copyFrom, length, this.window.subarray(at, at + length))
      if (rangesWithin(this.source.unreadable ?? [], copyFrom, length).length === 0) return this.replaced.add(from, length)
    }
    this.gone.add(from, length)
  }
}

function text(view: DataView, at: number, length: number): string {
  let result = ""
  for (let i = at; i < at + length; i++) result += String.fromCharCode(view.getUint8(i))
  return result
}

function hex2(view: DataView, at: number): string {
  const digits = view.getUint16(at).toString(16).padStart(4, "0").toUpperCase()
  return `${digits.slice(0, 2)} ${digits.slice(2)}`
}

function place(source: Source, at: number, hint?: string): { path: string; at: number; hint?: string } {
  return hint === undefined ? { path: source.name, at } : { path: source.name, at, hint }
}
