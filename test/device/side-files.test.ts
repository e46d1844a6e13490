import { describe, expect, test, vi } from "vitest"
import { groups } from "../../shared/channels.js"
import { installed } from "../needs.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fsck } from "../sim/card/images.js"
import type { CardOptions } from "../sim/card/sd-options.js"
import { logsOn, TEN_AT_100_HZ, textOn, tinyCard } from "../sim/device/cards.js"
import { FASTEST, RATES } from "../sim/device/list.js"
import { compare, compareSeries, openRecording } from "../sim/device/recording.js"
import { OTHER_SPEC, OWN_SPEC } from "../sim/device/spec-on-card.js"
import { inMachine, inNode, type Start } from "../sim/device/trial.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const SPEC = "LOGSPEC JSN"

describe("LOGSPEC.JSN", () => {
  test.each(["meteor", "ddff"] as const)("is written by the board beside %s logs, the same as by card prepare", async (format) => {
    const image = await tinyCard()
    await record(inMachine, image, { format })
    expect(await textOn(image, "/LOGSPEC.JSN")).toBe(OWN_SPEC)
    if (installed("fsck.vfat")) expect(fsck(image).clean).toBe(true)
  })

  test("is not written again at the next start", async () => {
    const image = await tinyCard()
    await record(inNode, image)
    const again = await record(inNode, image)
    const spec = Math.floor(image.indexOf(OWN_SPEC) / 512)
    expect(again.card.journal.filter(({ lba }) => lba >= spec && lba < spec + 6)).toEqual([])
  })

  test.each([
    { whose: "somebody else wrote", text: '{"topics": [], "of": "somebody else"}\n' },
    { whose: "has this program's mark and other calibrations", text: OWN_SPEC.replaceAll("8192", "8190") },
    { whose: "is too short to be told", text: "{}\n" },
  ])("is left alone when it $whose", async ({ text }) => {
    const image = await tinyCard({ [SPEC]: text })
    await record(inNode, image)
    expect(await textOn(image, "/LOGSPEC.JSN")).toBe(text)
    expect(await textOn(image, "/LOGSPEC.OLD")).toBe(null)
  })

  test("of another program becomes LOGSPEC.OLD, and an empty one is filled", async () => {
    const image = await tinyCard({ [SPEC]: OTHER_SPEC, "LOGSPEC OLD": "an older one" })
    await record(inNode, image)
    expect(await textOn(image, "/LOGSPEC.JSN")).toBe(OWN_SPEC)
    expect(await textOn(image, "/LOGSPEC.OLD")).toBe(OTHER_SPEC)
    if (installed("fsck.vfat")) expect(fsck(image).clean).toBe(true)
    const empty = await tinyCard({ [SPEC]: "" })
    await record(inNode, empty)
    expect(await textOn(empty, "/LOGSPEC.JSN")).toBe(OWN_SPEC)
  })

  test("costs no log and no row when the card fails under it, and is then left for the next start", async () => {
    const image = await tinyCard()
    // The first sectors that the program writes are FSInfo and those; each is tried three times.
    await record(inNode, image, { card: { response: (n) => (n < 6 ? 0x0d : 0x05) } })
    expect(await textOn(image, "/LOGSPEC.JSN")).toBe(null)
    const found = await compare(await openRecording(image, "/LOG00001.MET"))
    for (const { name } of groups) expect(found[name], name).toMatchObject({ wrong: 0, missing: 0 })
    await record(inNode, image)
    expect(await textOn(image, "/LOGSPEC.JSN")).toBe(OWN_SPEC)
  })
})

test("a card that fails where LOGSPEC.JSN would lie, put in while the logger runs, costs no row", async () => {
  const spare = await tinyCard()
  await record(inNode, spare)
  // In the middle of it: LOGLAST.TXT may lie at its beginning.
  const place = Math.floor(spare.indexOf(OWN_SPEC) / 512) + 3
  const second = await tinyCard()
  const card: Partial<CardOptions> = { response: (_, lba) => (lba === place ? 0x0d : 0x05) }
  const logger = await record(inNode, await tinyCard({ [SPEC]: OWN_SPEC }), { card })
  logger.card.insert(memoryDisk(second), 77)
  logger.close(false)
  await logger.run(12_000)
  logger.close()
  await logger.run(14_000)
  expect(logger.states.slice(-3).map(({ state }) => state)).toEqual(["closed", "logging", "closed"])
  expect(await textOn(second, "/LOGSPEC.JSN")).toBe(null)
  const { groups: found, dropped } = await compareSeries(second, await logsOn(second))
  expect(dropped).toBe(0)
  for (const { name } of groups) expect(found[name], name).toMatchObject({ wrong: 0, holes: 0 })
})

describe.each([
  ["in Node", inNode],
  ["in the machine", inMachine],
] as const)("a card that is put in while the logger runs, %s", (_, start) => {
  test("gets LOGSPEC.JSN while it logs: 60 ms a sector delay no row", async () => {
    const settings = { "LOGGER  CFG": TEN_AT_100_HZ }
    const logger = await start(memoryDisk(await tinyCard(settings)), { format: "meteor", fileBytes: 65_536, card: { busy: () => 60_000 } })
    await logger.run(4000)
    logger.close()
    await logger.run(8000)
    expect(logger.states.at(-1)?.state).toBe("closed")
    const second = await tinyCard({ ...settings, "LOGERR  TXT": "what an earlier start wrote" })
    logger.card.insert(memoryDisk(second), 77)
    logger.close(false)
    await logger.run(20_000)
    logger.close()
    await logger.run(24_000)
    expect(await textOn(second, "/LOGSPEC.JSN")).toBe(OWN_SPEC)
    expect(await textOn(second, "/LOGERR.TXT")).toBe("")
    const found = await compareSeries(second, await logsOn(second), RATES)
    expect(found.dropped).toBe(0)
    for (const name of [FASTEST, ...Object.keys(RATES)]) expect(found.groups[name], name).toMatchObject({ wrong: 0, holes: 0 })
    if (installed("fsck.vfat")) expect(fsck(second).clean).toBe(true)
  })
})

/** Runs the logger for some seconds and closes its file. */
async function record(start: Start, image: Buffer, options: { format?: "meteor" | "ddff"; card?: Partial<CardOptions> } = {}) {
  const logger = await start(memoryDisk(image), { format: "meteor", fileBytes: 65_536, ...options })
  await logger.run(3000)
  logger.close()
  await logger.run(5000)
  expect(logger.states.at(-1)?.state).toBe("closed")
  return logger
}
