import { beforeAll, describe, expect, test } from "vitest"
import { openImage } from "../../host/card/image.js"
import type { CardError } from "../../shared/card/bus.js"
import { installed, needs } from "../needs.js"
import { type Disk, diskSource, memoryDisk, SparseDisk } from "../sim/card/disk.js"
import { fatfsImage, fsck, vfatImage, writeFiles } from "../sim/card/images.js"
import { createLog, type Machine, machine } from "../sim/card/machine.js"

const dosfstools = installed("mkfs.vfat") && installed("fsck.vfat")

let base: Buffer

beforeAll(async () => {
  base = await fatfsImage(40, 512)
})

async function mounted(image: Buffer): Promise<Machine & { disk: SparseDisk }> {
  const disk = new SparseDisk(image.length / 512, memoryDisk(image))
  const m = machine(disk)
  await m.card.init()
  await m.volume.mount()
  return { ...m, disk }
}

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "",
    (error: CardError) => error.code,
  )
}

async function text(disk: Disk, path: string): Promise<string> {
  const file = (await openImage(diskSource(disk))).open(path)
  return Buffer.from(await file.read(0, file.size)).toString()
}

function expectClean(disk: SparseDisk): void {
  if (!dosfstools) return
  const report = fsck(disk.image())
  expect(report.text).not.toMatch(/Reclaimed|FATs differ|Truncating|wrong|share/)
  expect(report.clean).toBe(true)
}

describe("mounting", () => {
  const sector0 = (change: (image: Buffer) => void) => {
    const image = Buffer.from(base.subarray(0, 40 * 1024 * 1024))
    change(image)
    return image
  }
  test.each<[string, (image: Buffer) => void, string]>([
    ["an empty card", (b) => b.fill(0, 0, 512), "no-partition"],
    ["exFAT", (b) => b.write("EXFAT   ", 3), "exfat"],
    ["FAT16", (b) => b.write("FAT16   ", 0x36), "fat16"],
    ["no name of FAT32", (b) => b.write("        ", 0x52), "no-partition"],
    ["sectors of 4096 bytes", (b) => b.writeUInt16LE(4096, 11), "damaged"],
    ["three FATs", (b) => b.writeUInt8(3, 16), "damaged"],
    ["clusters of three sectors", (b) => b.writeUInt8(3, 13), "damaged"],
    ["a root folder outside", (b) => b.writeUInt32LE(0x0fffff00, 44), "damaged"],
    ["more sectors than the card", (b) => b.writeUInt32LE(200_000, 32), "damaged"],
  ])("says what is there instead: %s", async (_, change, expected) => {
    expect(await code(mounted(sector0(change)))).toBe(expected)
  })

  test("writes nothing", async () => {
    const m = await mounted(base)
    expect(m.sim.journal).toEqual([])
  })

  test("takes a volume with a single FAT", needs("mkfs.vfat", "fsck.vfat"), async () => {
    const image = vfatImage(40, 1, "superfloppy", ["-f", "1"])
    const m = await mounted(image)
    await createLog(m.segment, "LOG00001MET", 60_000)
    await m.segment.close()
    await m.volume.writeSmall("A       TXT", Buffer.from("one"), 3)
    expectClean(m.disk)
    expect(await text(m.disk, "/A.TXT")).toBe("one")
  })

  test("writes only the active FAT where mirroring is off", async () => {
    const image = Buffer.from(base)
    image.writeUInt16LE(0x81, 40)
    const m = await mounted(image)
    await m.volume.writeSmall("A       TXT", Buffer.from("one"), 3)
    const reserved = image.readUInt16LE(14)
    const size = image.readUInt32LE(36)
    const touched = m.sim.journal.map((c) => c.lba).filter((lba) => lba >= reserved && lba < reserved + 2 * size)
    expect(touched.length).toBeGreaterThan(0)
    expect(touched.every((lba) => lba >= reserved + size)).toBe(true)
    expect(await text(m.disk, "/A.TXT")).toBe("one")
  })
})

describe("small files", () => {
  test("are written, read, replaced and emptied", async () => {
    const m = await mounted(base)
    const room = Buffer.alloc(3000)
    expect(await m.volume.readSmall("LOGGER  CFG", room)).toBe(-1)
    for (const body of ["first", "x".repeat(1500), "", "last"]) {
      await m.volume.writeSmall("LOGGER  CFG", Buffer.from(body), body.length)
      const n = await m.volume.readSmall("LOGGER  CFG", room)
      expect(room.subarray(0, n).toString()).toBe(body)
      expect(await text(m.disk, "/LOGGER.CFG")).toBe(body)
    }
    expectClean(m.disk)
  })

  test("are read as far as the buffer goes, whoever wrote them", async () => {
    const image = Buffer.from(base)
    await writeFiles(image, { "LOGGER.CFG": Buffer.alloc(5000, "abcdefgh") })
    const m = await mounted(image)
    const room = Buffer.alloc(1100)
    expect(await m.volume.readSmall("LOGGER  CFG", room)).toBe(1100)
    expect(room.toString()).toBe("abcdefgh".repeat(138).slice(0, 1100))
  })

  test("leave no clusters behind when replaced a hundred times", async () => {
    const m = await mounted(base)
    // The root folder has grown when the second one is written.
    for (let i = 0; i < 2; i++) await m.volume.writeSmall("LOGERR  TXT", Buffer.alloc(600), 600)
    const before = await (await openImage(diskSource(m.disk))).free()
    for (let i = 0; i < 100; i++) await m.volume.writeSmall("LOGERR  TXT", Buffer.alloc(600, i), 600)
    expect(await (await openImage(diskSource(m.disk))).free()).toBe(before)
  })
})

describe("log numbers", () => {
  test("go on after files were deleted, and over restarts", async () => {
    const m = await mounted(base)
    expect(await m.volume.takeNumber()).toBe(1)
    await createLog(m.segment, "LOG00001MET", 60_000)
    await m.segment.close()
    await m.volume.mount()
    expect(await m.volume.takeNumber()).toBe(2)
    expectClean(m.disk)
  })

  test("begin behind the highest file, whatever its kind", async () => {
    const image = Buffer.from(base)
    await writeFiles(image, { "LOG00041.DDF": Buffer.from("x"), "LOG00007.MET": Buffer.from("x"), "LOGBOOK.TXT": Buffer.from("x") })
    const m = await mounted(image)
    expect(await m.volume.takeNumber()).toBe(42)
  })

  test("do not trust a torn number file", async () => {
    const m = await mounted(base)
    await m.volume.writeSmall("LOGLAST TXT", Buffer.from("\u0000\u0001garbage"), 9)
    expect(await m.volume.takeNumber()).toBe(1)
    expect(await m.volume.takeNumber()).toBe(2)
  })

  test("end at 99999", async () => {
    const m = await mounted(base)
    await m.volume.writeSmall("LOGLAST TXT", Buffer.from("99998\r\n"), 7)
    expect(await m.volume.takeNumber()).toBe(99999)
    expect(await code(m.volume.takeNumber())).toBe("full")
  })
})

describe("the root folder", () => {
  test("grows when it is nearly full, again and again", async () => {
    const m = await mounted(base)
    for (let i = 10; i < 70; i++) await m.volume.writeSmall(`NOTE${i}  TXT`, Buffer.from(`${i}`), 2)
    const card = await openImage(diskSource(m.disk))
    expect(card.entries).toHaveLength(60)
    expect(card.issues).toEqual([])
    expect(await text(m.disk, "/NOTE69.TXT")).toBe("69")
    expectClean(m.disk)
  })

  test("leaves the long names of others alone", async () => {
    const image = Buffer.from(base)
    const names = ["a rather long file name.txt", "another one, longer still, of some length.txt"]
    await writeFiles(image, Object.fromEntries(names.map((name) => [name, Buffer.from(name)])))
    const m = await mounted(image)
    for (let i = 10; i < 30; i++) await m.volume.writeSmall(`NOTE${i}  TXT`, Buffer.from("x"), 1)
    for (const name of names) expect(await text(m.disk, `/${name}`)).toBe(name)
    expectClean(m.disk)
  })
})

describe("a folder that is odd", () => {
  /** Root folder sectors of the base: its first data sector. */
  const root = () => base.readUInt16LE(14) + 2 * base.readUInt32LE(36)

  test("runs in a circle: the walk ends, and files are found, changed and made in it", async () => {
    for (const loop of [1, 2, 5]) {
      const image = Buffer.from(base)
      const fat = image.readUInt16LE(14) * 512
      const size = image.readUInt32LE(36) * 512
      // The root's chain: 2, then clusters from 100 on, and back to the first of these, or to itself.
      const chain = [2, ...Array.from({ length: loop }, (_, i) => 100 + i)]
      for (const [i, cluster] of chain.entries())
        for (const at of [fat, fat + size]) image.writeUInt32LE(chain[i + 1] ?? (loop === 1 ? 2 : 101), at + cluster * 4)
      // No end mark anywhere: sixteen deleted entries a cluster.
      for (const cluster of chain) for (let e = 0; e < 16; e++) image[(root() + cluster - 2) * 512 + e * 32] = 0xe5
      const m = await mounted(image)
      expect(await m.volume.root.find("NOTHERE TXT")).toBe(null)
      await m.volume.writeSmall("NOTE    TXT", Buffer.from("x"), 1)
      expect(await m.volume.takeNumber()).toBe(1)
      await createLog(m.segment, "LOG00001MET", 60_000)
      await m.segment.close()
      expect((await m.volume.root.find("LOG00001MET"))?.size ?? 0).toBe(0)
    }
  })

  test("has folders that are named like files of the logger: they are stepped over, and their names are not given again", async () => {
    const image = Buffer.from(base)
    await writeFiles(image, {
      "LOG00007.MET/x.txt": Buffer.from("x"),
      "LOGERR.TXT/y.txt": Buffer.from("y"),
      "LOGLAST.TXT/z.txt": Buffer.from("z"),
    })
    const m = await mounted(image)
    expect(await m.volume.root.nextLog(1, 100_000)).toBe(null)
    expect(await m.volume.takeNumber()).toBe(8)
    expect(await code(m.volume.writeSmall("LOGERR  TXT", Buffer.from("x"), 1))).toBe("refused")
    await createLog(m.segment, "LOG00008MET", 60_000)
    await m.segment.close()
    expect(await text(m.disk, "/LOG00007.MET/X.TXT")).toBe("x")
  })
})

describe("space", () => {
  test("is given out in whole FAT sectors, and a freed file's comes back", async () => {
    const m = await mounted(base)
    let made = 0
    for (;;) {
      const name = `LOG${String(made + 1).padStart(5, "0")}MET`
      const failed = await code(createLog(m.segment, name, 4_000_000))
      if (failed !== "") {
        expect(failed).toBe("full")
        break
      }
      m.segment.abandon()
      made++
    }
    // Ten of the wanted size, and a smaller one for the rest.
    expect(made).toBe(11)
    const entry = await m.volume.root.find("LOG00003MET")
    if (entry === null) throw new Error("the third log is missing")
    expect(entry.firstCluster & 127).toBe(0)
    await m.volume.remove(entry)
    await createLog(m.segment, "LOG00012MET", 4_000_000)
    await m.segment.close()
    expectClean(m.disk)
  })
})

test("a small file keeps away from the space that a log is about to take", async () => {
  const m = await mounted(base)
  await m.segment.reserve(60_000)
  const fat = base.readUInt16LE(14)
  // Every cluster before the log's space gets used.
  const before = Buffer.from(m.disk.read(fat))
  for (let i = 0; i < 512; i += 4) if (before.getAt(i, "u32") === 0) before.setAt(i, "u32", 0x0fffffff)
  m.disk.write(fat, before)
  await m.volume.writeSmall("NOTE    TXT", Buffer.from("x"), 1)
  await m.segment.enter("LOG00001MET")
  expect(await text(m.disk, "/NOTE.TXT")).toBe("x")
})
