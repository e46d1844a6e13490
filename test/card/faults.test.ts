import { afterEach, beforeAll, describe, expect, test } from "vitest"
import "../../host/bytes/device-buffer.js"
import { openImage } from "../../host/card/image.js"
import type { CardError } from "../../shared/card/bus.js"
import { recoverLogs } from "../../shared/card/recovery.js"
import { Segment } from "../../shared/card/segment.js"
import { type Disk, diskSource, memoryDisk, SparseDisk } from "../sim/card/disk.js"
import { fatfsImage } from "../sim/card/images.js"
import { anyLog, createLog, type Machine, machine, slotOf } from "../sim/card/machine.js"
import type { CardOptions } from "../sim/card/sd-options.js"

let base: Disk
const machines: Machine[] = []

afterEach(() => {
  for (const m of machines.splice(0)) expect(m.sim.offences).toEqual([])
})

beforeAll(async () => {
  base = memoryDisk(await fatfsImage(40, 512))
})

async function started(options: Partial<CardOptions> = {}, hz = 10_000_000): Promise<Machine> {
  const m = machine(new SparseDisk(base.sectors, base), options, hz)
  machines.push(m)
  await m.card.init()
  await m.volume.mount()
  return m
}

async function logged(m: Machine, n: number, everyMs: number): Promise<void> {
  await createLog(m.segment, "LOG00001MET", 60_000)
  for (let k = 0; k < n; k++) {
    m.time.micros += everyMs * 1000
    await m.segment.append(slotOf(k))
  }
}

async function onCard(m: Machine): Promise<Buffer> {
  const file = (await openImage(diskSource(m.sim.disk))).open("/LOG00001.MET")
  return Buffer.from(await file.read(0, file.size))
}

function content(numbers: readonly number[]): Buffer {
  return Buffer.concat(numbers.map((k) => slotOf(k).subarray(2, 514)))
}

function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, k) => k)
}

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "",
    (error: CardError) => error.code,
  )
}

describe("starting a card", () => {
  test.each<[string, Partial<CardOptions>]>([
    ["high capacity", {}],
    ["standard capacity", { kind: "sdsc" }],
    ["version 1", { kind: "v1" }],
    ["that refuses CMD59", { cmd59: "illegal" }],
    ["that refuses CMD59 once", { cmd59: "second-try" }],
    ["that says idle to CMD58", { cmd58Idle: true }],
    ["that wakes slowly", { wakeCommands: 80 }],
    ["that answers at once", { r1Delay: 0 }],
    ["that answers after eight bytes", { r1Delay: 8 }],
    ["that reads slowly", { readDelay: 95_000 }],
    ["that answers ACMD41 with 05 at first", { odd: (index, n) => (index === 41 && n <= 2 ? 0x05 : null) }],
    ["that is silent to ACMD41 at first", { odd: (index, n) => (index === 41 && n <= 2 ? 0xff : null) }],
    ["that answers CMD55 with 05 at first", { odd: (index, n) => (index === 55 && n <= 2 ? 0x05 : null) }],
    ["that answers ACMD41 with 09 for a second", { odd: (index, n) => (index === 41 && n <= 90 ? 0x09 : null) }],
    ["that is silent to CMD58 once", { odd: (index, n) => (index === 58 && n === 1 ? 0xff : null) }],
    ["whose CSD comes damaged once", { wrongCsd: 1 }],
    ["whose CSD has a wrong check sum", { wrongCsd: 1e9 }],
  ])("of a kind %s finds its size", async (_, options) => {
    const m = await started(options)
    expect(m.card.sectors).toBe(base.sectors)
    expect(m.card.blockAddress).toBe((options.kind ?? "sdhc") === "sdhc")
  })

  test.each<[string, (m: Machine) => void]>([
    ["an empty socket with a pull-up", (m) => m.sim.remove()],
    ["a line stuck low", (m) => m.sim.stick(0x00)],
    ["a line stuck high", (m) => m.sim.stick(0xff)],
  ])("gives up soon on %s", async (_, spoil) => {
    const m = machine(new SparseDisk(base.sectors, base))
    spoil(m)
    expect(await code(m.card.init())).toBe("absent")
    expect(m.clock.now()).toBeLessThan(3000)
    expect(m.card.sectors).toBe(0)
  })

  test("gives up soon on an empty socket that is pulled low", async () => {
    const m = machine(new SparseDisk(base.sectors, base), { idleLevel: 0x00 })
    m.sim.remove()
    expect(await code(m.card.init())).toBe("absent")
  })

  test("works at once when a card comes later", async () => {
    const m = machine(new SparseDisk(base.sectors, base))
    m.sim.remove()
    await code(m.card.init())
    m.sim.insert()
    await m.card.init()
    expect(m.card.sectors).toBe(base.sectors)
  })

  test("works after a reset of the board alone, in the middle of a sector or a stream", async () => {
    for (const sent of [0, 1, 2, 100, 300, 515, 528]) {
      const m = await started()
      await m.card.streamOpen(5000, 0)
      await m.card.streamSend(slotOf(1))
      m.time.micros += 10_000
      if (sent > 0) await m.bus.xfer(slotOf(2).subarray(0, sent), Buffer.alloc(sent))
      const { SdCard } = await import("../../shared/card/sd.js")
      const again = new SdCard(m.bus, m.clock, { hz: 10_000_000, crc: false })
      await again.init()
      expect(again.sectors).toBe(base.sectors)
      const b = Buffer.alloc(512)
      await again.read(5000, b)
      expect(b.equals(slotOf(1).subarray(2, 514))).toBe(true)
    }
  })

  test("takes the clock down until what it reads is clean", async () => {
    const m = await started({ cleanHz: 6_000_000 }, 20_000_000)
    expect(m.card.hz).toBe(5_000_000)
    await logged(m, 50, 5)
    await m.segment.close()
    expect((await onCard(m)).equals(content(upTo(50)))).toBe(true)
  })
})

test("a wire that garbles what the card receives is found before any file is touched", async () => {
  const m = await started({ cleanWriteHz: 3_000_000 }, 20_000_000)
  await logged(m, 50, 5)
  await m.segment.close()
  expect(m.card.hz).toBe(2_500_000)
  expect((await onCard(m)).equals(content(upTo(50)))).toBe(true)
})

test("two files may be open at a time, and each gets its own sectors", async () => {
  const m = await started()
  await createLog(m.segment, "LOG00001MET", 60_000)
  const other = new Segment(m.card, m.volume, m.clock)
  for (let k = 0; k < 60; k++) {
    m.time.micros += 5000
    await m.segment.append(slotOf(k))
    if (k === 20) await createLog(other, "LOG00002MET", 60_000)
    if (k >= 30) await other.append(slotOf(k, 2))
  }
  await other.close()
  await m.segment.close()
  expect((await onCard(m)).equals(content(upTo(60)))).toBe(true)
  const second = (await openImage(diskSource(m.sim.disk))).open("/LOG00002.MET")
  const expected = Buffer.concat(Array.from({ length: 30 }, (_, k) => slotOf(30 + k, 2).subarray(2, 514)))
  expect(expected.equals(await second.read(0, second.size))).toBe(true)
})

describe("writing", () => {
  test.each([
    ["250 ms each twentieth sector", (n: number) => (n % 20 === 5 ? 250_000 : 800)],
    ["500 ms each twentieth sector", (n: number) => (n % 20 === 5 ? 500_000 : 800)],
    ["900 ms once", (n: number) => (n === 30 ? 900_000 : 800)],
    ["not at all", () => 0],
    ["irregularly", (n: number) => (Math.imul(n, 2654435761) >>> 16) % 50_000],
  ])("waits while the card is busy: %s", async (_, busy) => {
    const m = await started({ busy })
    await logged(m, 100, 5)
    await m.segment.close()
    expect((await onCard(m)).equals(content(upTo(100)))).toBe(true)
  })

  test("remembers the longest wait", async () => {
    const m = await started({ busy: (_, lba) => (lba === 0 ? 0 : 800) })
    await logged(m, 10, 5)
    const quick = m.segment.slowest
    m.sim.options.busy = () => 300_000
    await m.segment.append(slotOf(10))
    // The wait for a sector is that of the one behind it.
    await m.segment.append(slotOf(11))
    expect(quick).toBeLessThan(10)
    expect(m.segment.slowest).toBeGreaterThanOrEqual(300)
    expect(m.segment.slowest).toBeLessThan(320)
  })

  test.each([
    ["a CRC error in a stream", 5, 0x0b as const],
    ["a write error in a stream", 5, 0x0d as const],
    ["a CRC error of a single sector", 200, 0x0b as const],
    ["a write error of a single sector", 200, 0x0d as const],
  ])("sends a sector again after %s", async (_, everyMs, response) => {
    const m = await started({ erase: 0xff })
    await logged(m, 20, everyMs)
    const bad = m.sim.blocks + 3
    m.sim.options.response = (n) => (n === bad ? response : 0x05)
    for (let k = 20; k < 40; k++) {
      m.time.micros += everyMs * 1000
      await m.segment.append(slotOf(k))
    }
    await m.segment.close()
    expect((await onCard(m)).equals(content(upTo(40)))).toBe(true)
    expect(m.segment.lost).toBe(0)
    expect(m.card.retries).toBeGreaterThan(0)
  })

  test("closes the gap when the card takes back sectors it had accepted, and counts them", async () => {
    const m = await started({ takenBack: 2 })
    await logged(m, 20, 5)
    const bad = m.sim.blocks
    m.sim.options.response = (n) => (n === bad ? 0x0d : 0x05)
    for (let k = 20; k < 30; k++) {
      m.time.micros += 5000
      await m.segment.append(slotOf(k))
    }
    await m.segment.close()
    expect(m.segment.lost).toBe(2)
    expect((await onCard(m)).equals(content([...upTo(18), ...upTo(30).slice(20)]))).toBe(true)
  })

  test("signs its sectors for a card that checks them against its orders", async () => {
    const m = await started({ insistsOnCrc: true })
    await logged(m, 30, 5)
    await m.segment.close()
    expect((await onCard(m)).equals(content(upTo(30)))).toBe(true)
  })

  test("starts the card again when it goes deaf for a moment", async () => {
    const m = await started()
    await logged(m, 10, 200)
    m.sim.powerCycle()
    await m.segment.append(slotOf(10))
    await m.segment.close()
    expect(m.card.restarts).toBe(1)
    expect((await onCard(m)).equals(content(upTo(11)))).toBe(true)
  })

  test("leaves a write-protected card alone", async () => {
    const m = await started({ writeProtected: true })
    expect(m.card.readOnly).toBe(true)
    expect(await code(createLog(m.segment, "LOG00001MET", 60_000))).toBe("protected")
    expect(m.sim.blocks).toBe(0)
  })

  test("says so when the card has lost its end", async () => {
    const short = machine(new SparseDisk(base.sectors, base), { claims: 40_960 })
    await short.card.init()
    expect(await code(short.volume.mount())).toBe("damaged")
  })
})

describe("a card that is pulled out while logging", () => {
  async function pulled(everyMs: number) {
    const m = await started()
    await logged(m, 40, everyMs)
    await m.segment.sync()
    m.sim.remove()
    m.time.micros += everyMs * 1000
    const before = m.clock.now()
    const error = await code(m.segment.append(slotOf(40)))
    return { m, error, took: m.clock.now() - before }
  }

  test.each([5, 200])("is noticed within seconds, a sector each %i ms", async (everyMs) => {
    const { m, error, took } = await pulled(everyMs)
    expect(["absent", "timeout"]).toContain(error)
    expect(took).toBeLessThan(5000)
    expect(await code(m.card.init())).toBe("absent")
  })

  test("comes back: what was confirmed is there, and the next log is another file", async () => {
    const { m } = await pulled(5)
    const known = m.card.identity()
    m.segment.abandon()
    m.sim.insert()
    await m.card.init()
    expect(m.card.identity()).toBe(known)
    await m.volume.mount()
    expect(await recoverLogs(m.card, m.volume, Buffer.alloc(512), anyLog)).toBe(40)
    await createLog(m.segment, "LOG00002MET", 60_000)
    await m.segment.append(slotOf(0))
    await m.segment.close()
    expect((await onCard(m)).equals(content(upTo(40)))).toBe(true)
  })

  test("is told from another card", async () => {
    const { m } = await pulled(200)
    const known = m.card.identity()
    m.sim.options.serial = 0x9abcdef0
    m.sim.insert()
    await m.card.init()
    expect(m.card.identity()).not.toBe(known)
  })

  test("changed within a retry, it is not written to", async () => {
    const m = await started()
    await logged(m, 10, 200)
    m.sim.powerCycle()
    m.sim.options.serial = 0x9abcdef0
    const written = m.sim.journal.length
    expect(await code(m.segment.append(slotOf(10)))).toBe("changed")
    expect(m.sim.journal.length).toBe(written)
  })
})
