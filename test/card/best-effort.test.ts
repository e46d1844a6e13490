import { beforeAll, describe, expect, test } from "vitest"
import "../../host/bytes/device-buffer.js"
import { openImage } from "../../host/card/image.js"
import { recoverLogs } from "../../shared/card/recovery.js"
import { Segment } from "../../shared/card/segment.js"
import { type Disk, diskSource, memoryDisk, SparseDisk } from "../sim/card/disk.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"
import { writeLog } from "../sim/card/logs.js"
import { createLog, type Machine, machine, slotOf } from "../sim/card/machine.js"
import type { CardOptions } from "../sim/card/sd-options.js"

/** Places of the card that fail: whatever can be done without them is done. */

const FOREIGN = Buffer.alloc(70_000, "somebody else's ")
let base: Disk
/** Of the base: where FAT 1 begins, its length, FSInfo, and the first data sector. */
let fat = 0
let fatSize = 0
let info = 0
let data = 0

beforeAll(async () => {
  const image = await fatfsImage(40, 512)
  await writeFiles(image, { "HOLIDAY.JPG": FOREIGN })
  base = memoryDisk(image)
  fat = image.readUInt16LE(14)
  fatSize = image.readUInt32LE(36)
  info = image.readUInt16LE(48)
  data = fat + 2 * fatSize
})

const lbaOf = (cluster: number) => data + cluster - 2

async function mounted(options: Partial<CardOptions>, disk: Disk = base): Promise<Machine> {
  const m = machine(new SparseDisk(disk.sectors, disk), options)
  await m.card.init()
  await m.volume.mount()
  return m
}

/** Logs, and holds log and foreign file against what they must be. */
async function logs(m: Machine, name = "LOG00009MET", n = 40): Promise<void> {
  await createLog(m.segment, name, 60_000)
  for (let k = 0; k < n; k++) {
    m.time.micros += 5000
    await m.segment.append(slotOf(k))
  }
  await m.segment.close()
  await holds(m, name, n)
}

async function holds(m: Machine, name: string, n: number): Promise<void> {
  const card = await openImage(diskSource(m.sim.disk))
  const log = card.open(`/${name.slice(0, 8)}.${name.slice(8)}`)
  const expected = Buffer.concat(Array.from({ length: n }, (_, k) => slotOf(k).subarray(2, 514)))
  expect(expected.equals(await log.read(0, log.size))).toBe(true)
  const foreign = card.open("/HOLIDAY.JPG")
  expect(FOREIGN.equals(await foreign.read(0, foreign.size))).toBe(true)
  expect(m.sim.offences).toEqual([])
}

describe.each(["token", "silent"] as const)("a sector that cannot be read (%s)", (how) => {
  const only =
    (...places: readonly number[]) =>
    (lba: number) =>
      places.includes(lba) ? how : null

  test("of FSInfo: the board logs, at the clock that it had", async () => {
    const m = await mounted({ unreadable: only(info) })
    await logs(m)
    expect(m.card.hz).toBe(10_000_000)
  })

  test("of LOGLAST.TXT: the number is that behind the highest name", async () => {
    const first = await mounted({})
    await first.volume.takeNumber()
    const last = await first.volume.root.find("LOGLAST TXT")
    const m = await mounted({ unreadable: only(lbaOf(last?.firstCluster ?? 0)) }, first.sim.disk)
    expect(await m.volume.takeNumber()).toBe(1)
    expect(await m.volume.takeNumber()).toBe(2)
    await logs(m)
  })

  test("of an old log, wherever: the next one is made, and the old one's other sectors stay", async () => {
    const first = await mounted({})
    const path = await writeLog(first, "meteor", { number: 1, session: 0x11111111, rows: 400, close: false })
    const entry = await first.volume.root.find("LOG00001MET")
    const begin = lbaOf(entry?.firstCluster ?? 0)
    const written = first.segment.position
    for (const place of [0, 1, written - 1, written, 64, 127]) {
      const m = await mounted({ unreadable: only(begin + place) }, first.sim.disk)
      await recoverLogs(m.card, m.volume, Buffer.alloc(512))
      const file = (await openImage(diskSource(m.sim.disk))).open(path)
      expect(file.size).toBeGreaterThanOrEqual(written * 512)
      await logs(m)
    }
  })

  test("of FAT 1: FAT 2 has what it says, and other space is taken", async () => {
    for (let sector = 0; sector < 6; sector++) {
      const m = await mounted({ unreadable: only(fat + sector) })
      await m.volume.takeNumber()
      await logs(m)
      const room = Buffer.alloc(10)
      expect(await m.volume.readSmall("LOGLAST TXT", room)).toBe(7)
    }
  })

  test("of both FATs: other space is taken", async () => {
    const m = await mounted({ unreadable: only(fat + 2, fat + fatSize + 2, fat + 3, fat + fatSize + 3) })
    await logs(m)
  })
})

describe("an erase that takes", () => {
  test.each([
    ["5 s", 5e6],
    ["25 s", 25e6],
  ])("%s is waited for once; the next file is guarded by strips", async (_, eraseBusy) => {
    const m = await mounted({ eraseBusy })
    await logs(m, "LOG00001MET")
    const began = m.clock.now()
    const second = new Segment(m.card, m.volume, m.clock)
    await createLog(second, "LOG00002MET", 60_000)
    expect(m.clock.now() - began).toBeLessThan(2000)
    await second.close()
    expect(m.sim.commands[38]).toBe(1)
  })

  test("for ever is given up, and the next try goes without", async () => {
    const m = await mounted({ eraseBusy: 1e15 })
    await expect(createLog(m.segment, "LOG00001MET", 60_000)).rejects.toMatchObject({ code: "timeout" })
    m.segment.abandon()
    await m.card.init()
    await m.volume.mount()
    await logs(m)
    expect(m.sim.commands[38]).toBe(1)
  })
})

describe("space that cannot be written", () => {
  const units = (bad: readonly number[]) => (lba: number) => lba >= data && bad.includes((lba - data + 2) >> 7)

  test("is passed over for the next, and not tried again", async () => {
    const bad = units([2, 3, 5])
    const m = await mounted({ response: (_, lba) => (bad(lba) ? 0x0d : 0x05) })
    await logs(m, "LOG00001MET")
    await logs(m, "LOG00002MET")
    const tried = m.card.retries
    await logs(m, "LOG00003MET")
    expect(m.card.retries).toBe(tried)
    expect(m.card.hz).toBe(10_000_000)
  })

  test("is passed over when only a FAT sector refuses", async () => {
    const m = await mounted({ response: (_, lba) => (lba === fat + 2 || lba === fat + fatSize + 4 ? 0x0d : 0x05) })
    for (const name of ["LOG00001MET", "LOG00002MET"]) {
      await logs(m, name).catch(async (error) => {
        expect(m.volume.fat.spoil(error.lba)).toBe(true)
        await logs(m, name)
      })
    }
  })

  test("is remembered when it fails in the middle of a file", async () => {
    const m = await mounted({})
    await createLog(m.segment, "LOG00001MET", 60_000)
    const first = m.segment.entry?.firstCluster ?? 0
    const bad = lbaOf(first) + 20
    m.sim.options.response = (_, lba) => (lba === bad ? 0x0d : 0x05)
    let fault: unknown = null
    for (let k = 0; k < 40 && fault === null; k++) {
      m.time.micros += 200_000
      await m.segment.append(slotOf(k)).catch((error) => {
        fault = error
      })
    }
    expect(fault).toMatchObject({ code: "write", lba: bad })
    m.volume.fat.spoil(bad)
    m.segment.abandon()
    await m.volume.remove((await m.volume.root.find("LOG00001MET")) ?? expect.unreachable())
    await logs(m, "LOG00002MET")
    expect((await m.volume.root.find("LOG00002MET"))?.firstCluster).not.toBe(first)
  })
})

test("a file of the wanted size is not needed: a card in pieces gives what it has", async () => {
  const m = await mounted({})
  // Every other space unit is somebody's.
  const disk = m.sim.disk
  for (let unit = 4; unit < fatSize; unit += 2) {
    const sector = Buffer.alloc(512)
    sector.writeUInt32LE(0x0fffffff, 0)
    disk.write(fat + unit, sector)
    disk.write(fat + fatSize + unit, sector)
  }
  await m.segment.reserve(4_000_000)
  expect(m.segment.units).toBe(2)
  await m.segment.enter("LOG00001MET")
  const second = new Segment(m.card, m.volume, m.clock)
  await second.reserve(4_000_000)
  expect(second.units).toBe(1)
  await second.enter("LOG00002MET")
})
