import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import create, * as fatfs from "js-fatfs"

/** Card images made by others: mkfs.vfat, and FatFs (the file system most loggers and cameras carry). */

/** An image by mkfs.vfat, with a volume of FAT32 from its first sector or behind a partition table. */
export function vfatImage(
  mebibytes: number,
  sectorsPerCluster: number,
  layout: "superfloppy" | "mbr" = "superfloppy",
  more: readonly string[] = [],
): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-card-"))
  try {
    const path = join(folder, "card.img")
    const bytes = mebibytes * 1024 * 1024
    writeFileSync(path, Buffer.alloc(bytes))
    execFileSync("mkfs.vfat", ["-F", "32", "-s", String(sectorsPerCluster), "-n", "FIELDLOG", "-i", "1234abcd", ...more, path], {
      stdio: "pipe",
    })
    return layout === "mbr" ? partitioned(readFileSync(path)) : readFileSync(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Sectors before the partition of `partitioned`. */
export const PARTITION_AT = 2048

/** The volume behind a partition table, as cards are sold. */
export function partitioned(volume: Buffer, type = 0x0c): Buffer {
  const image = Buffer.concat([Buffer.alloc(PARTITION_AT * 512), volume])
  image[446 + 4] = type
  image.writeUInt32LE(PARTITION_AT, 446 + 8)
  image.writeUInt32LE(volume.length / 512, 446 + 12)
  image.writeUInt16LE(0xaa55, 510)
  return image
}

/** A FAT32 image by FatFs. */
export async function fatfsImage(mebibytes: number, clusterBytes: number, layout: "superfloppy" | "mbr" = "superfloppy"): Promise<Buffer> {
  const image = Buffer.alloc(mebibytes * 1024 * 1024)
  const ff = await mountless(image)
  const work = ff.malloc(4096)
  const fmt = fatfs.FM_FAT32 | (layout === "superfloppy" ? fatfs.FM_SFD : 0)
  check(ff.f_mkfs("", { fmt, n_fat: 2, align: 0, n_root: 0, au_size: clusterBytes }, work, 4096), "f_mkfs")
  return image
}

/** Files that FatFs puts on an image, by path, folders made as needed. */
export async function writeFiles(image: Buffer, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  await withVolume(image, (ff) => {
    for (const [path, data] of Object.entries(files)) {
      const parts = path.split("/").slice(0, -1)
      for (let i = 1; i <= parts.length; i++) ff.f_mkdir(parts.slice(0, i).join("/"))
      const file = ff.malloc(fatfs.sizeof_FIL)
      check(ff.f_open(file, path, fatfs.FA_CREATE_ALWAYS | fatfs.FA_WRITE), `open ${path}`)
      const room = ff.malloc(data.length + 4)
      ff.HEAPU8.set(data, room)
      check(ff.f_write(file, room, data.length, room + data.length), `write ${path}`)
      check(ff.f_close(file), `close ${path}`)
      ff.free(room)
      ff.free(file)
    }
  })
}

/** A file as FatFs reads it. */
export async function readFile(image: Buffer, path: string): Promise<Uint8Array> {
  let result = new Uint8Array(0)
  await withVolume(image, (ff) => {
    const file = ff.malloc(fatfs.sizeof_FIL)
    check(ff.f_open(file, path, fatfs.FA_READ), `open ${path}`)
    const size = ff.f_size(file)
    const room = ff.malloc(size + 4)
    check(ff.f_read(file, room, size, room + size), `read ${path}`)
    result = Uint8Array.from(ff.HEAPU8.subarray(room, room + size))
    ff.f_close(file)
  })
  return result
}

async function withVolume(image: Buffer, work: (ff: fatfs.FatFs) => void): Promise<void> {
  const ff = await mountless(image)
  const fs = ff.malloc(fatfs.sizeof_FATFS)
  check(ff.f_mount(fs, "", 1), "mount")
  work(ff)
  check(ff.f_unmount(""), "unmount")
}

function check(result: number, what: string): void {
  if (result !== fatfs.FR_OK) throw new Error(`FatFs: ${what}: ${result}`)
}

async function mountless(image: Buffer): Promise<fatfs.FatFs> {
  return create({
    diskio: {
      initialize: () => 0,
      status: () => 0,
      read: (ff, _drive, at, sector, count) => {
        ff.HEAPU8.set(image.subarray(sector * 512, (sector + count) * 512), at)
        return fatfs.RES_OK
      },
      write: (ff, _drive, at, sector, count) => {
        image.set(ff.HEAPU8.subarray(at, at + count * 512), sector * 512)
        return fatfs.RES_OK
      },
      ioctl: (ff, _drive, command, at) => {
        if (command === fatfs.GET_SECTOR_COUNT) ff.setValue(at, image.length / 512, "i32")
        if (command === fatfs.GET_SECTOR_SIZE) ff.setValue(at, 512, "i16")
        if (command === fatfs.GET_BLOCK_SIZE) ff.setValue(at, 1, "i32")
        return fatfs.RES_OK
      },
    },
  })
}

/** What `fsck.vfat -n` says about an image; `clean` when it finds nothing to do. */
export function fsck(image: Buffer, layout: "superfloppy" | "mbr" = "superfloppy"): { clean: boolean; text: string } {
  return withFile(image, layout, (path) => {
    const run = spawnSync("fsck.vfat", ["-n", "-v", path], { encoding: "utf8" })
    return { clean: run.status === 0, text: run.stdout + run.stderr }
  })
}

/** The image after `fsck.vfat -a`, which repairs without asking. */
export function repaired(image: Buffer): Buffer {
  return withFile(image, "superfloppy", (path) => {
    spawnSync("fsck.vfat", ["-a", path])
    return readFileSync(path)
  })
}

/** A file as mtools reads it. */
export function mcopy(image: Buffer, name: string): Buffer {
  return withFile(image, "superfloppy", (path) => {
    const target = `${path}.out`
    execFileSync("mcopy", ["-n", "-i", path, `::${name}`, target], { stdio: "pipe" })
    const bytes = readFileSync(target)
    rmSync(target)
    return bytes
  })
}

function withFile<T>(image: Buffer, layout: "superfloppy" | "mbr", work: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-card-"))
  try {
    const path = join(folder, "card.img")
    writeFileSync(path, layout === "mbr" ? image.subarray(PARTITION_AT * 512) : image)
    return work(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
