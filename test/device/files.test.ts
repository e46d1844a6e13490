import { describe, expect, test, vi } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import { groups } from "../../shared/channels.js"
import { installed } from "../needs.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fsck } from "../sim/card/images.js"
import { logsOn, TEN_AT_100_HZ, tinyCard } from "../sim/device/cards.js"
import { FASTEST, RATES } from "../sim/device/list.js"
import { compareSeries } from "../sim/device/recording.js"
import { inMachine, inNode, type Trial } from "../sim/device/trial.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const UNIT = 65_536

describe.each([
  ["in Node", inNode],
  ["in the machine", inMachine],
] as const)("the logger's files, %s", (_, start) => {
  test("are made ahead and closed behind: a card that takes 60 ms a sector delays no row", async () => {
    const image = await tinyCard({ "LOGGER  CFG": TEN_AT_100_HZ })
    const logger = await start(memoryDisk(image), { format: "meteor", fileBytes: UNIT, card: { busy: () => 60_000 } })
    await finish(logger, 40_000)
    const logs = await logsOn(image)
    expect(logs.length).toBeGreaterThanOrEqual(3)
    const found = await compareSeries(image, logs, RATES)
    expect(found.dropped).toBe(0)
    // The first file has none before it that could be written meanwhile.
    expect((await compareSeries(image, logs.slice(1), RATES)).waiting).toBeLessThan(4)
    for (const name of Object.keys(RATES)) expect(found.groups[name], name).toMatchObject({ wrong: 0, missing: 0 })
    if (installed("fsck.vfat")) expect(fsck(image).clean).toBe(true)
  })

  test("change with the time, and nothing is lost between them", async () => {
    const image = await tinyCard()
    const logger = await start(memoryDisk(image), { format: "ddff", fileMs: 4000, fileBytes: UNIT })
    await finish(logger, 20_500)
    const logs = await logsOn(image)
    expect(logs).toEqual(["1", "2", "3", "4", "5", "6"].map((n) => `/LOG0000${n}.DDF`).slice(0, logs.length))
    expect(logs.length).toBeGreaterThanOrEqual(5)
    const found = await compareSeries(image, logs)
    for (const { name } of groups) expect(found.groups[name], name).toMatchObject({ wrong: 0, missing: 0 })
  })

  test("fill a card to its end; then it rests, gives out no numbers and goes on when another card comes", async () => {
    const image = await tinyCard({ "LOGGER  CFG": TEN_AT_100_HZ }, 700)
    const logger = await start(memoryDisk(image), { format: "meteor", fileBytes: UNIT, card: { busy: () => 0 } })
    await logger.run(60_000)
    expect(logger.states.at(-1)?.state).toBe("full")
    const { journal } = logger.card
    const writes = journal.length
    await logger.run(80_000)
    expect(journal.length).toBe(writes)
    const logs = await logsOn(image)
    const card = await openImage(memorySource(image))
    const sizes = logs.map((path) => card.entries.find((entry) => entry.path === path)?.size)
    expect(sizes.at(-1)).toBe(UNIT)
    for (const size of sizes) expect(size).toBeGreaterThanOrEqual(UNIT - 16 * 512)
    const found = await compareSeries(image, logs, RATES)
    for (const name of Object.keys(RATES)) expect(found.groups[name], name).toMatchObject({ wrong: 0, missing: 0 })
    const other = await tinyCard({ "LOGGER  CFG": TEN_AT_100_HZ })
    logger.card.insert(memoryDisk(other), 77)
    await logger.run(95_000)
    expect(logger.states.at(-1)?.state).toBe("logging")
    expect((await logsOn(other))[0]).toBe("/LOG00001.MET")
  })

  test("overwrite the oldest on a full card where the settings say so, and nothing else", async () => {
    const foreign = Buffer.alloc(9000, "a file of somebody else ")
    const settings = `${TEN_AT_100_HZ}full = overwrite\n`
    const image = await tinyCard({ "LOGGER  CFG": settings, "HOLIDAY JPG": foreign }, 700)
    const logger = await start(memoryDisk(image), { format: "meteor", fileBytes: UNIT, card: { busy: () => 0 } })
    await finish(logger, 80_000)
    const logs = await logsOn(image)
    expect(logs[0]).not.toBe("/LOG00001.MET")
    expect(logs.length).toBeGreaterThanOrEqual(3)
    const found = await compareSeries(image, logs, RATES)
    expect(found.dropped).toBe(0)
    // What is left is one piece of the recording.
    expect(found.groups[FASTEST]).toMatchObject({ wrong: 0, holes: 0 })
    expect(found.groups[FASTEST]?.last).toBeGreaterThan(79_000)
    const card = await openImage(memorySource(image))
    const kept = card.open("/HOLIDAY.JPG")
    expect(foreign.equals(await kept.read(0, kept.size))).toBe(true)
    if (installed("fsck.vfat")) expect(fsck(image).clean).toBe(true)
  })

  test("are not begun on a card that is read-only", async () => {
    const image = await tinyCard()
    const logger = await start(memoryDisk(image), { format: "meteor", card: { writeProtected: true } })
    await logger.run(20_000)
    expect(logger.states.at(-1)?.state).toBe("protected")
    expect(logger.card.journal).toEqual([])
  })

  test("are made on the card that is there when logging goes on, not where space was ready on the one before", async () => {
    const first = await tinyCard({ "LOGGER  CFG": TEN_AT_100_HZ })
    const full = Buffer.alloc(70_000, "space that is taken on the other card ")
    const files = { "HOLIDAY JPG": full.subarray(0, 60_000), HOLIDAY2JPG: full.subarray(0, 60_000) }
    const second = await tinyCard({ "LOGGER  CFG": TEN_AT_100_HZ, ...files })
    const logger = await start(memoryDisk(first), { format: "meteor", fileBytes: UNIT })
    await finish(logger, 8000)
    logger.card.remove()
    logger.card.insert(memoryDisk(second), 77)
    logger.close(false)
    await finish(logger, 20_000)
    const card = await openImage(memorySource(second))
    const kept = card.open("/HOLIDAY.JPG")
    expect(full.subarray(0, 60_000).equals(await kept.read(0, kept.size))).toBe(true)
    const found = await compareSeries(second, await logsOn(second), RATES)
    expect(found.groups[FASTEST]).toMatchObject({ wrong: 0, holes: 0 })
    expect(found.groups[FASTEST]?.last).toBeGreaterThan(19_000)
    if (installed("fsck.vfat")) expect(fsck(second).clean).toBe(true)
  })

  test("are whole on both cards when another one is put in", async () => {
    const first = await tinyCard()
    const second = await tinyCard()
    const logger = await start(memoryDisk(first), { format: "ddff", fileBytes: UNIT })
    await logger.run(6000)
    logger.card.remove()
    await logger.run(9000)
    logger.card.insert(memoryDisk(second), 77)
    await finish(logger, 30_000)
    const before = await compareSeries(first, await logsOn(first))
    const after = await compareSeries(second, await logsOn(second))
    expect(before.groups[FASTEST]).toMatchObject({ wrong: 0, missing: 0 })
    expect(before.groups[FASTEST]?.last).toBeGreaterThan(5000)
    expect(after.groups[FASTEST]?.wrong).toBe(0)
    expect(after.groups[FASTEST]?.last).toBeGreaterThan(29_000)
    if (installed("fsck.vfat")) expect(fsck(second).clean).toBe(true)
  })
})

async function finish(logger: Trial, until: number): Promise<void> {
  await logger.run(until)
  logger.close()
  await logger.run(until + 3000)
  expect(logger.states.at(-1)?.state).toBe("closed")
}
