import { beforeAll, describe, expect, test } from "vitest"
import "../../host/bytes/device-buffer.js"
import { openImage } from "../../host/card/image.js"
import { type Disk, diskSource, memoryDisk, SparseDisk } from "../sim/card/disk.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"
import { createLog, machine } from "../sim/card/machine.js"
import type { CardOptions } from "../sim/card/sd-options.js"

/** Cards that are busy when nobody expects it. What is said to a busy card is lost, or worse: taken for something else when it ends. */

const FOREIGN = Buffer.alloc(70_000, "somebody else's ")
let base: Disk

beforeAll(async () => {
  const image = await fatfsImage(40, 512)
  await writeFiles(image, { "HOLIDAY.JPG": FOREIGN })
  base = memoryDisk(image)
})

/** A sector of CMD24s to sector 0, for a card that comes to listen in its middle. */
function nastySlot(number: number): Buffer {
  const slot = Buffer.alloc(528, 0xff)
  slot[1] = 0xfc
  slot.writeUInt32LE(number, 2)
  for (let at = 6; at + 16 <= 514; at += 16) slot.set([0x58, 0, 0, 0, 0, 0x01, 0xff, 0xff, 0xff, 0xfe, 0x55, 0xaa], at)
  return slot
}

/** Logs onto a card that takes any command, and holds the whole card against what must be there. */
async function logs(options: Partial<CardOptions>, everyMs: number, n = 60) {
  const m = machine(new SparseDisk(base.sectors, base), { checksCommands: false, ...options })
  await m.card.init()
  await m.volume.mount()
  await createLog(m.segment, "LOG00001MET", 60_000)
  for (let k = 0; k < n; k++) {
    m.time.micros += everyMs * 1000
    await m.segment.append(nastySlot(k))
  }
  await m.segment.close()
  expect(m.sim.offences).toEqual([])
  expect(m.card.restarts).toBe(0)
  expect(m.segment.lost).toBe(0)
  expect(Buffer.from(m.sim.disk.read(0)).equals(Buffer.from(base.read(0)))).toBe(true)
  const card = await openImage(diskSource(m.sim.disk))
  const log = card.open("/LOG00001.MET")
  const expected = Buffer.concat(Array.from({ length: n }, (_, k) => nastySlot(k).subarray(2, 514)))
  expect(expected.equals(await log.read(0, log.size))).toBe(true)
  const foreign = card.open("/HOLIDAY.JPG")
  expect(FOREIGN.equals(await foreign.read(0, foreign.size))).toBe(true)
  return m
}

const BUSY: readonly [string, Partial<CardOptions>][] = [
  ["for 1 ms at each selection", { busyAfterSelect: () => 1000 }],
  ["for 2 ms at each selection", { busyAfterSelect: () => 2000 }],
  ["for 1 to 20 ms at some selections", { busyAfterSelect: (n) => (n % 3 === 0 ? 1000 + ((n * 7919) % 19_000) : 0) }],
  ["for 600 ms at every 20th sector", { busy: (n) => (n % 20 === 5 ? 600_000 : 800) }],
  ["for 1000 ms at every 20th sector", { busy: (n) => (n % 20 === 5 ? 1_000_000 : 800) }],
  ["for 1500 ms once", { busy: (n) => (n === 30 ? 1_500_000 : 800) }],
  ["for 800 ms behind each stream", { busyAfterStop: 800_000 }],
  ["at each selection, and long at every 20th sector", { busyAfterSelect: () => 3000, busy: (n) => (n % 20 === 5 ? 900_000 : 800) }],
]

describe.each(BUSY)("a card that is busy %s", (_, options) => {
  test.each([
    ["singly", 200],
    ["in streams", 5],
  ])("is never spoken to meanwhile, and holds every sector, written %s", async (_how, everyMs) => {
    await logs(options, everyMs)
  })

  test("that cannot erase, likewise", async () => {
    await logs({ ...options, erase: "illegal" }, 5)
  })
})

test("a card that never gets ready again is given up within seconds, and nothing is said to it", async () => {
  const m = machine(new SparseDisk(base.sectors, base), { checksCommands: false })
  await m.card.init()
  await m.volume.mount()
  await createLog(m.segment, "LOG00001MET", 60_000)
  m.time.micros += 200_000
  await m.segment.append(nastySlot(0))
  m.sim.options.busy = () => 1e12
  const before = m.clock.now()
  const two = async () => {
    for (let k = 1; k < 3; k++) await m.segment.append(nastySlot(k))
  }
  await expect(two()).rejects.toMatchObject({ code: expect.stringMatching(/timeout|absent/) })
  expect(m.clock.now() - before).toBeLessThan(15_000)
  expect(m.sim.offences).toEqual([])
})
