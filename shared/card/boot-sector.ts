import { type BlockDevice, CardError } from "./bus.js"

/** Where a FAT32 volume lies on a card, and how it is divided. */

/** Entries of a FAT sector. */
const ENTRIES = 128

/** What a boot sector says. Places are sectors of the card. */
interface Geometry {
  /** The FAT that counts, or the first of two. */
  fatStart: number
  /** Sectors of one FAT. */
  fatSize: number
  /** FATs to keep equal. */
  fats: number
  /** Where cluster 2 begins. */
  dataStart: number
  sectorsPerCluster: number
  /** Clusters of the data area; they are numbered from 2. */
  clusters: number
  /** First cluster of the root folder. */
  root: number
  /** FSInfo's sector, or 0. */
  info: number
}

/** Finds the volume: on the whole card or in the first FAT32 partition. @throws CardError which says what is there instead */
export async function findVolume(device: BlockDevice, sector: Buffer): Promise<Geometry> {
  await device.read(0, sector)
  if (sector.getAt(510, "u16") !== 0xaa55) throw new CardError("no-partition", 0, -1)
  const base = isBootSector(sector) ? 0 : partition(sector)
  if (base > 0) {
    await device.read(base, sector)
    if (sector.getAt(510, "u16") !== 0xaa55 || !isBootSector(sector)) throw new CardError("not-fat32", base, -1)
  }
  await device.pause()
  return geometry(sector, base, device.sectors)
}

/** The parameter block. */
function geometry(b: Buffer, base: number, cardSectors: number): Geometry {
  const perCluster = b[13] as number
  const reserved = b.getAt(14, "u16")
  const copies = b[16] as number
  const total = b.getAt(32, "u32")
  const flags = b.getAt(40, "u16")
  const fatSize = b.getAt(36, "u32")
  const root = b.getAt(44, "u32")
  const info = b.getAt(48, "u16")
  const sound =
    b.getAt(11, "u16") === 512 &&
    perCluster > 0 &&
    (perCluster & (perCluster - 1)) === 0 &&
    reserved > 0 &&
    (copies === 1 || copies === 2) &&
    b.getAt(22, "u16") === 0 &&
    fatSize > 0 &&
    root >= 2 &&
    base + total <= cardSectors
  const dataStart = base + reserved + copies * fatSize
  const described = fatSize * ENTRIES - 2
  const present = Math.floor((base + total - dataStart) / perCluster)
  const clusters = present < described ? present : described
  if (!sound || root >= clusters + 2) throw new CardError("damaged", base, -1)
  // Where mirroring is off, one FAT alone counts.
  const mirrored = (flags & 0x80) === 0
  return {
    fatStart: base + reserved + (mirrored ? 0 : (flags & 15) * fatSize),
    fatSize,
    fats: mirrored ? copies : 1,
    dataStart,
    sectorsPerCluster: perCluster,
    clusters,
    root,
    info: info > 0 && info < reserved ? base + info : 0,
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
function hasText(b: Buffer, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (b[at + i] !== text.charCodeAt(i)) return false
  return true
}
