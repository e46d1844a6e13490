/** FAT32's records as tables. Source: Microsoft FAT32 File System Specification 1.03, the structures of those names. */

/** One of four at byte 446 of the master boot record. */
export const partitionEntry = {
  name: "partition table entry",
  source: "Master boot record, as fdisk and dosfstools write it",
  endian: "le",
  size: 16,
  fields: {
    status: { at: 0, type: "u8", unit: "", doc: "0x80 active" },
    firstChs: { at: 1, type: "bytes", unit: "", doc: "Cylinder, head, sector: not used" },
    type: { at: 4, type: "u8", unit: "", doc: "0x0B and 0x0C are FAT32" },
    lastChs: { at: 5, type: "bytes", unit: "", doc: "Cylinder, head, sector: not used" },
    firstSector: { at: 8, type: "u32", unit: "sector", doc: "Where the partition begins" },
    sectors: { at: 12, type: "u32", unit: "sector", doc: "Its length" },
  },
} as const

/** The volume's first sector, as far as a reader needs it. */
export const bootSector = {
  name: "FAT32 boot sector",
  source: "FAT32 File System Specification 1.03, Boot Sector and BPB",
  endian: "le",
  size: 52,
  fields: {
    jump: { at: 0, type: "bytes", unit: "", doc: "EB xx 90 or E9 xx xx" },
    oemName: { at: 3, type: "bytes", unit: "", doc: "Program that made the volume" },
    bytesPerSector: { at: 11, type: "u16", unit: "byte", doc: "512 here" },
    sectorsPerCluster: { at: 13, type: "u8", unit: "sector", doc: "A power of two" },
    reservedSectors: { at: 14, type: "u16", unit: "sector", doc: "Before the first FAT" },
    fats: { at: 16, type: "u8", unit: "", doc: "Copies of the FAT" },
    rootEntries: { at: 17, type: "u16", unit: "", doc: "0 on FAT32" },
    totalSectors16: { at: 19, type: "u16", unit: "sector", doc: "0 on FAT32" },
    media: { at: 21, type: "u8", unit: "", doc: "F8" },
    fatSectors16: { at: 22, type: "u16", unit: "sector", doc: "0 on FAT32" },
    sectorsPerTrack: { at: 24, type: "u16", unit: "", doc: "Not used" },
    heads: { at: 26, type: "u16", unit: "", doc: "Not used" },
    hiddenSectors: { at: 28, type: "u32", unit: "sector", doc: "Before the partition" },
    totalSectors: { at: 32, type: "u32", unit: "sector", doc: "Of the volume" },
    fatSectors: { at: 36, type: "u32", unit: "sector", doc: "Of one FAT" },
    flags: { at: 40, type: "u16", unit: "", doc: "Bit 7: only the FAT of bits 0 to 3 is kept" },
    version: { at: 42, type: "u16", unit: "", doc: "0" },
    rootCluster: { at: 44, type: "u32", unit: "", doc: "First cluster of the root folder" },
    infoSector: { at: 48, type: "u16", unit: "sector", doc: "FSInfo" },
    backupSector: { at: 50, type: "u16", unit: "sector", doc: "Copy of this sector" },
  },
} as const

/** A file, a folder or the volume's label. */
export const folderEntry = {
  name: "FAT32 folder entry",
  source: "FAT32 File System Specification 1.03, Directory Structure",
  endian: "le",
  size: 32,
  fields: {
    name: { at: 0, type: "bytes", unit: "", doc: "8 and 3 characters, padded; first byte 0 ends the folder, E5 is deleted" },
    attributes: {
      at: 11,
      type: "u8",
      unit: "",
      doc: "1 read-only, 2 hidden, 4 system, 8 label, 16 folder, 32 archive; 15 part of a long name",
    },
    lowerCase: { at: 12, type: "u8", unit: "", doc: "Bit 3 the name, bit 4 the extension is shown in lower case" },
    createdTenths: { at: 13, type: "u8", unit: "10 ms", doc: "Beyond the two-second step" },
    createdTime: { at: 14, type: "u16", unit: "", doc: "hhhhhmmm mmmsssss, seconds halved" },
    createdDate: { at: 16, type: "u16", unit: "", doc: "yyyyyyym mmmddddd, years from 1980" },
    accessedDate: { at: 18, type: "u16", unit: "", doc: "As created" },
    clusterHigh: { at: 20, type: "u16", unit: "", doc: "First cluster, upper half" },
    modifiedTime: { at: 22, type: "u16", unit: "", doc: "As created" },
    modifiedDate: { at: 24, type: "u16", unit: "", doc: "As created" },
    clusterLow: { at: 26, type: "u16", unit: "", doc: "First cluster, lower half" },
    size: { at: 28, type: "u32", unit: "byte", doc: "0 for folders" },
  },
} as const
