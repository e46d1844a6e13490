import { describe, expect, test } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import { needs } from "../needs.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fatfsImage, fsck, mcopy, partitioned, readFile, vfatImage, writeFiles } from "../sim/card/images.js"
import { createLog, machine, slotOf } from "../sim/card/machine.js"

/** Logs `n` sectors, one every `everyMs`, and closes. */
async function log(image: Buffer, n: number, everyMs: number, options: Parameters<typeof machine>[1] = {}, name = "LOG00001MET") {
  const m = machine(memoryDisk(image), options)
  await m.card.init()
  await m.volume.mount()
  await createLog(m.segment, name, 200_000)
  for (let k = 0; k < n; k++) {
    m.time.micros += everyMs * 1000
    await m.segment.append(slotOf(k))
  }
  await m.segment.close()
  return m
}

function expected(n: number): Buffer {
  return Buffer.concat(Array.from({ length: n }, (_, k) => slotOf(k).subarray(2, 514)))
}

async function fileOnCard(image: Buffer, path: string): Promise<Buffer> {
  const card = await openImage(memorySource(image))
  const file = card.open(path)
  return Buffer.from(await file.read(0, file.size))
}

describe("a log file on a card that FatFs formatted", () => {
  // FatFs makes FAT32 only from 65,525 clusters on, as the specification wants.
  test.each([
    [512, 40],
    [1024, 72],
  ])("holds every sector, clusters of %i bytes", async (clusterBytes, mebibytes) => {
    const image = await fatfsImage(mebibytes, clusterBytes)
    await log(image, 150, 10)
    expect((await fileOnCard(image, "/LOG00001.MET")).equals(expected(150))).toBe(true)
    expect(expected(150).equals(await readFile(image, "LOG00001.MET"))).toBe(true)
  })

  test("lies behind a partition table as well", async () => {
    const image = await fatfsImage(40, 512, "mbr")
    await log(image, 20, 10)
    expect((await fileOnCard(image, "/LOG00001.MET")).equals(expected(20))).toBe(true)
  })

  test("is confirmed sector by sector at low rates and streamed at high ones", async () => {
    const slow = await log(await fatfsImage(40, 512), 30, 200)
    expect(slow.sim.commands[25]).toBe(0)
    const fast = await log(await fatfsImage(40, 512), 30, 5)
    expect(fast.sim.commands[25]).toBeGreaterThan(0)
  })

  test("leaves other files as they were", async () => {
    const image = await fatfsImage(40, 512)
    const foreign = Buffer.alloc(70_000, "foreign ")
    await writeFiles(image, { "old/holiday.jpg": foreign, "note.txt": Buffer.from("hello") })
    await log(image, 100, 10)
    expect(await fileOnCard(image, "/old/holiday.jpg")).toEqual(foreign)
    expect(await fileOnCard(image, "/note.txt")).toEqual(Buffer.from("hello"))
    expect((await fileOnCard(image, "/LOG00001.MET")).equals(expected(100))).toBe(true)
  })

  test.each([
    ["SDSC with byte addresses", { kind: "sdsc" as const }],
    ["a card of version 1", { kind: "v1" as const }],
    ["a card that erases to zeros", { erase: 0x00 as const }],
    ["a card that knows no erase", { erase: "illegal" as const }],
    ["a card that only says that it erased", { erase: "nothing" as const }],
  ])("is the same on %s", async (_, options) => {
    const image = await fatfsImage(40, 512)
    await log(image, 150, 10, options)
    expect((await fileOnCard(image, "/LOG00001.MET")).equals(expected(150))).toBe(true)
  })
})

describe("a log file on a card that mkfs.vfat formatted", needs("mkfs.vfat", "fsck.vfat"), () => {
  test.each([1, 2, 8, 64])("leaves a clean volume, %i sectors a cluster", async (perCluster) => {
    const image = vfatImage(perCluster > 8 ? 128 : 48, perCluster)
    await log(image, 150, 10)
    const report = fsck(image)
    expect(report.text).not.toMatch(/Reclaimed|FATs differ|Truncating|wrong/)
    expect(report.clean).toBe(true)
    expect((await fileOnCard(image, "/LOG00001.MET")).equals(expected(150))).toBe(true)
  })

  test("also behind a partition table", async () => {
    const image = partitioned(vfatImage(48, 1))
    await log(image, 33, 10)
    expect(fsck(image, "mbr").clean).toBe(true)
    expect((await fileOnCard(image, "/LOG00001.MET")).equals(expected(33))).toBe(true)
  })

  test("is read by mtools", needs("mcopy"), async () => {
    const image = vfatImage(40, 1)
    await log(image, 40, 10)
    expect(mcopy(image, "LOG00001.MET").equals(expected(40))).toBe(true)
  })
})
