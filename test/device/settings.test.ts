import { expect, test, vi } from "vitest"
import { groups } from "../../shared/channels.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"
import { textOn, tinyCard } from "../sim/device/cards.js"
import { FASTEST, SLOWER } from "../sim/device/list.js"
import { startLogger } from "../sim/device/logger.js"
import { random } from "../sim/device/random.js"
import { compare, openRecording } from "../sim/device/recording.js"
import { inNode } from "../sim/device/trial.js"

vi.setConfig({ testTimeout: 240_000 })

/** Runs the logger for some seconds on a card with settings, and closes its file. */
async function recordWith(settings: string, image?: Buffer): Promise<Buffer> {
  const card = image ?? (await fatfsImage(40, 512))
  await writeFiles(card, { "LOGGER.CFG": Buffer.from(settings) })
  const logger = await startLogger(memoryDisk(card), { format: "meteor" })
  logger.vm.run(10_000)
  logger.close()
  logger.vm.run(12_000)
  expect(logger.states.at(-1)?.state).toBe("closed")
  return card
}

test("the card's LOGGER.CFG chooses format, rates and groups, and gives the time", async () => {
  const [slow] = SLOWER
  const image = await recordWith(
    `format = ddff\r\n${FASTEST} = 20\r\n${slow === undefined ? "" : `${slow} = off\r\n`}start = 2026-11-21 22:45:00\r\n`,
  )
  expect(await textOn(image, "/LOGERR.TXT")).toBe(null)
  const log = await openRecording(image, "/LOG00001.DDF")
  const found = await compare(log, { [FASTEST]: 20, ...(slow === undefined ? {} : { [slow]: 0 }) })
  expect(found[FASTEST]).toMatchObject({ wrong: 0, missing: 0 })
  expect(found[FASTEST]?.rows).toBeGreaterThan(170)
  expect(found[FASTEST]?.rows).toBeLessThan(210)
  if (slow !== undefined) expect(found[slow]?.rows).toBe(0)
  expect(found.supply).toMatchObject({ wrong: 0, missing: 0 })
  expect(log.annotations[0]?.text).toContain("2026-11-21 22:45:00")
})

test("the time of LOGGER.CFG is the Meteor log's date", async () => {
  const log = await openRecording(await recordWith("start = 2026-11-21 22:45:00\n"), "/LOG00001.MET")
  expect(log.start).toBe(BigInt(Date.UTC(2026, 10, 21, 22, 45)) * 1_000_000n)
})

test("faults go into LOGERR.TXT, logging goes on with the defaults, and the next start without faults empties it", async () => {
  const image = await recordWith("format = csv\nflush = 250\n")
  expect(await textOn(image, "/LOGERR.TXT")).toBe("line 1: format: meteor, ddff or btsf\r\n")
  const found = await compare(await openRecording(image, "/LOG00001.MET"))
  for (const { name } of groups) expect(found[name], name).toMatchObject({ wrong: 0, missing: 0 })
  await recordWith("flush = 250\n", image)
  expect(await textOn(image, "/LOGERR.TXT")).toBe("")
  expect(await textOn(image, "/LOGGER.CFG")).toBe("flush = 250\n")
})

test("crc = on has the card check each sector, and every one of them is signed", async () => {
  const image = await tinyCard({ "LOGGER  CFG": "crc = on\n" })
  const logger = await inNode(memoryDisk(image), { format: "meteor", fileBytes: 65_536 })
  await logger.run(4000)
  logger.close()
  await logger.run(5000)
  // Off at its start, then on.
  expect(logger.card.commands[59]).toBe(2)
  expect(logger.card.offences).toEqual([])
  const found = await compare(await openRecording(image, "/LOG00001.MET"))
  for (const { name } of groups) expect(found[name], name).toMatchObject({ wrong: 0, missing: 0 })
})

test("what is wrong with LOGGER.CFG as a whole stands in LOGERR.TXT", async () => {
  const battery = groups.flatMap((group) => (group.battery ? [`${group.name} = off\n`] : [])).join("")
  const image = await recordWith(`low = 3.3\n${battery}${"#".repeat(1100)}\n${FASTEST} = off\n`)
  expect(await textOn(image, "/LOGERR.TXT")).toBe(
    "longer than 1024 bytes: the lines behind them are not read\r\nlow: no group that is on measures the supply\r\n",
  )
})

test("no LOGGER.CFG keeps the board from logging, however wrong it is", async () => {
  const next = random(20261122)
  const bytes = (from: readonly number[]) =>
    Buffer.from(Array.from({ length: 1024 }, () => from[Math.floor(next() * from.length)] as number))
  const texts = {
    "a thousand lines": Buffer.alloc(1024, "\n"),
    "hundreds of faults": Buffer.alloc(1024, "a\n"),
    "hundreds of nameless values": Buffer.alloc(1024, "=x\n"),
    "one line": Buffer.alloc(1024, "x"),
    "any bytes": bytes(Array.from({ length: 256 }, (_, byte) => byte)),
    "broken characters": bytes([10, 61, 200, 97]),
  }
  for (const [name, text] of Object.entries(texts)) {
    const image = await tinyCard({ "LOGGER  CFG": text })
    const logger = await startLogger(memoryDisk(image), { format: "meteor", fileBytes: 65_536 })
    logger.vm.run(2000)
    expect(logger.states.at(-1)?.state, name).toBe("logging")
    expect((await textOn(image, "/LOGERR.TXT"))?.length ?? 0, name).toBeLessThanOrEqual(1024)
  }
})
