import { describe, expect, test, vi } from "vitest"
import { installed } from "../needs.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fsck } from "../sim/card/images.js"
import { logsOn, textOn, tinyCard } from "../sim/device/cards.js"
import { compare, compareSeries, openRecording } from "../sim/device/recording.js"
import { inMachine, inNode, type Trial } from "../sim/device/trial.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const CFG = "LOGGER  CFG"
const DDFF_AT_20_HZ = "format = ddff\nimu = 20\n"
const METEOR = { format: "meteor", fileBytes: 65_536 } as const

describe.each([
  ["in Node", inNode],
  ["in the machine", inMachine],
] as const)("the logger, %s", (_, start) => {
  test("waits for its first card, and then takes its settings as if it had been in at the start", async () => {
    const image = await tinyCard({ [CFG]: `${DDFF_AT_20_HZ}flush = 5\n` })
    const logger = await start(memoryDisk(image), METEOR)
    logger.card.remove()
    await logger.run(8000)
    expect(logger.states.at(-1)?.state).toBe("absent")
    logger.card.insert()
    await logger.run(12_000)
    await close(logger, 14_000)
    expect(logger.states.map(({ state }) => state)).toEqual(["starting", "absent", "starting", "logging", "closed"])
    expect(logger.restarts).toEqual([])
    expect(await textOn(image, "/LOGERR.TXT")).toBe("line 3: flush: 50 to 10000 ms\r\n")
    expect(await textOn(image, "/LOGSPEC.JSN")).toMatch(/^{"fieldlog":"/)
    expect(await logsOn(image)).toEqual(["/LOG00001.DDF"])
    const found = await compareSeries(image, ["/LOG00001.DDF"], { imu: 20 })
    expect(found.dropped).toBe(0)
    expect(found.groups.imu).toMatchObject({ wrong: 0, missing: 0 })
    expect(found.groups.imu?.rows).toBeGreaterThan(40)
  })

  test("brings what it has kept onto a card with other settings, closes that and starts anew with them", async () => {
    const first = await tinyCard()
    const second = await tinyCard({ [CFG]: DDFF_AT_20_HZ })
    const before = await start(memoryDisk(first), METEOR)
    await before.run(6000)
    before.card.remove()
    await before.run(6300)
    before.card.insert(memoryDisk(second), 77)
    await before.run(14_000)
    expect(before.restarts).toHaveLength(1)
    expect(await logsOn(second)).toEqual(["/LOG00001.MET"])
    // The two logs are one recording: between them is only what the first card had taken and not confirmed.
    const [end, begin] = [await imuOf(first, "/LOG00001.MET"), await imuOf(second, "/LOG00001.MET")]
    expect([end?.wrong, begin?.wrong]).toEqual([0, 0])
    expect((begin?.first ?? 0) - (end?.last ?? 0)).toBeLessThanOrEqual(520)
    expect(begin?.rows).toBeGreaterThan(50)
    if (installed("fsck.vfat")) expect(fsck(second).clean).toBe(true)

    const after = await start(memoryDisk(second), METEOR)
    await after.run(4000)
    await close(after, 6000)
    expect(after.restarts).toEqual([])
    expect(await logsOn(second)).toEqual(["/LOG00001.MET", "/LOG00002.DDF"])
    const { groups } = await compareSeries(second, ["/LOG00002.DDF"], { imu: 20 })
    expect(groups.imu).toMatchObject({ wrong: 0, missing: 0 })
  })

  test("makes no log by the old settings when it was closed before the cards were changed", async () => {
    const second = await tinyCard({ [CFG]: DDFF_AT_20_HZ })
    const logger = await start(memoryDisk(await tinyCard()), METEOR)
    await logger.run(4000)
    await close(logger, 6000)
    logger.card.remove()
    logger.card.insert(memoryDisk(second), 77)
    await logger.run(8000)
    expect(logger.restarts).toEqual([])
    logger.close(false)
    await logger.run(10_000)
    expect(logger.restarts).toHaveLength(1)
    expect(logger.card.journal.filter(({ at }) => at > 6_000_000)).toEqual([])
  })

  test("goes on at once on another card with the same settings, and on its own when it comes back", async () => {
    const settings = { [CFG]: "imu = 50\n" }
    const first = await tinyCard(settings)
    const second = await tinyCard(settings)
    const logger = await start(memoryDisk(first), METEOR)
    for (const [disk, serial, until] of [
      [second, 77, 12_000],
      [first, 1, 20_000],
    ] as const) {
      await logger.run(until - 6000)
      logger.card.remove()
      logger.card.insert(memoryDisk(disk), serial)
    }
    await logger.run(24_000)
    await close(logger, 26_000)
    expect(logger.restarts).toEqual([])
    expect(await logsOn(second)).toEqual(["/LOG00001.MET"])
    expect(await logsOn(first)).toEqual(["/LOG00001.MET", "/LOG00002.MET"])
  })
})

test("a LOGGER.CFG that cannot be read keeps nobody from logging by the defaults", async () => {
  const image = await tinyCard({ [CFG]: DDFF_AT_20_HZ.padEnd(900, "# a remark that takes room\n") })
  // Its second cluster is behind the end of the volume.
  const entry = image.indexOf("LOGGER  CFG")
  const fat = image.readUInt16LE(14) * 512 + 4 * image.readUInt16LE(entry + 26)
  image.writeUInt32LE(0x0ffffff0, fat)
  const logger = await inNode(memoryDisk(image), METEOR)
  await logger.run(8000)
  await close(logger, 10_000)
  expect(logger.restarts).toEqual([])
  expect(await textOn(image, "/LOGERR.TXT")).toBe("LOGGER.CFG: cannot be read\r\n")
  expect((await imuOf(image, "/LOG00001.MET"))?.missing).toBe(0)
})

test("a logger that waits for its first card for 48 days restarts the board, and waits on", async () => {
  const logger = await inNode(memoryDisk(await tinyCard()), { ...METEOR, uptime: 48 * 86_400_000 - 5000 })
  logger.card.remove()
  await logger.run(48 * 86_400_000 + 2000)
  expect(logger.restarts.length).toBeGreaterThan(0)
})

async function close(logger: Trial, until: number): Promise<void> {
  logger.close()
  await logger.run(until)
  expect(logger.states.at(-1)?.state).toBe("closed")
}

async function imuOf(image: Buffer, path: string) {
  return (await compare(await openRecording(image, path))).imu
}
