/**
 * A FAT32 volume of a few thousand clusters: smaller than the specification allows, so that a checker looks through it in
 * milliseconds. dosfstools accepts it with a remark.
 * @param stale fills the data area: what older files have left there
 */
export function tinyVolume(sectors: number, sectorsPerCluster: number, stale: (sector: Buffer, lba: number) => void): Buffer {
  const reserved = 32
  let fatSectors = 1
  while ((fatSectors * 128 - 2) * sectorsPerCluster < sectors - reserved - 2 * fatSectors) fatSectors++
  const image = Buffer.alloc(sectors * 512)
  const data = reserved + 2 * fatSectors
  for (let lba = data + sectorsPerCluster; lba < sectors; lba++) stale(image.subarray(lba * 512, lba * 512 + 512), lba)
  const boot = image.subarray(0, 512)
  boot.write("\u00eb\u0058\u0090FIELDLOG", 0, "latin1")
  boot.writeUInt16LE(512, 11)
  boot.writeUInt8(sectorsPerCluster, 13)
  boot.writeUInt16LE(reserved, 14)
  boot.writeUInt8(2, 16)
  boot.writeUInt8(0xf8, 21)
  boot.writeUInt16LE(32, 24)
  boot.writeUInt16LE(8, 26)
  boot.writeUInt32LE(sectors, 32)
  boot.writeUInt32LE(fatSectors, 36)
  boot.writeUInt32LE(2, 44)
  boot.writeUInt16LE(1, 48)
  boot.writeUInt16LE(6, 50)
  boot.writeUInt8(0x80, 64)
  boot.writeUInt8(0x29, 66)
  boot.writeUInt32LE(0x1234abcd, 67)
  boot.write("NO NAME    FAT32   ", 71)
  boot.writeUInt16LE(0xaa55, 510)
  const clusters = Math.floor((sectors - data) / sectorsPerCluster)
  const info = image.subarray(512, 1024)
  info.writeUInt32LE(0x41615252, 0)
  info.writeUInt32LE(0x61417272, 484)
  info.writeUInt32LE(clusters - 1, 488)
  info.writeUInt32LE(3, 492)
  info.writeUInt32LE(0xaa550000, 508)
  image.copy(image, 6 * 512, 0, 1024)
  for (const fat of [reserved, reserved + fatSectors]) {
    image.writeUInt32LE(0x0ffffff8, fat * 512)
    image.writeUInt32LE(0x0fffffff, fat * 512 + 4)
    image.writeUInt32LE(0x0fffffff, fat * 512 + 8)
  }
  return image
}
