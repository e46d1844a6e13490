import { describe, expect, test, vi } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import { openBtsf } from "../../host/formats/btsf/read.js"
import { waveArguments } from "../../host/gen/plan.js"
import { btsfHead, headName } from "../../host/logger/heads.js"
import type { Log } from "../../host/model/log.js"
import { groups } from "../../shared/channels.js"
import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import { simulate } from "../../shared/logger/simulated.js"
import { installed } from "../needs.js"
import { type Disk, memoryDisk } from "../sim/card/disk.js"
import { fsck } from "../sim/card/images.js"
import { tinyCard } from "../sim/device/cards.js"
import { startInNode } from "../sim/device/in-node.js"
import { type LoggerOptions, type LoggerPeer, startLogger } from "../sim/device/logger.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

interface Trial extends LoggerPeer {
  run(until: number): void | Promise<void>
}

async function inNode(disk: Disk, options: LoggerOptions): Promise<Trial> {
  const logger = startInNode(disk, options)
  return { ...logger, run: (until) => logger.time.run(until) }
}

async function inMachine(disk: Disk, options: LoggerOptions): Promise<Trial> {
  const logger = await startLogger(disk, options)
  return { ...logger, run: (until) => logger.vm.run(until) }
}

const OPTIONS: LoggerOptions = { format: "meteor", fileBytes: 65_536 }

/** A card on which `card prepare` has put the header of a group. */
async function preparedCard(group: number, settings = "format = btsf\n"): Promise<Buffer> {
  const head = Buffer.from(btsfHead(groups[group] as LoggedGroup).bytes)
  return tinyCard({ "LOGGER  CFG": settings, [headName(group)]: head })
}

async function openOn(image: Uint8Array, path: string): Promise<Log> {
  const card = await openImage(memorySource(image))
  expect(card.issues).toEqual([])
  return openBtsf(card.open(path))
}

/** Compares every value with what the sensors gave. @returns ticks of the rows */
async function compare(log: Log, group: number): Promise<number[]> {
  const { channels } = groups[group] as LoggedGroup
  expect(log.groups[0]?.channels.map(({ name }) => name)).toEqual(["time", ...channels.map(({ name }) => name)])
  const ticks: number[] = []
  for await (const { rows, columns } of log.chunks()) {
    for (let i = 0; i < rows; i++) {
      const tick = Number(columns[0]?.[i])
      ticks.push(tick)
      channels.forEach((_, c) => {
        if (columns[c + 1]?.[i] !== simulate(...waveArguments(groups[group] as LoggedGroup, c), tick))
          throw new Error(`channel ${c} at ${tick} is ${columns[c + 1]?.[i]}`)
      })
    }
  }
  return ticks
}

const regular = (n: number, period: number, from = 0) => Array.from({ length: n }, (_, i) => from + i * period)

describe.each([
  ["in Node", inNode],
  ["in the machine", inMachine],
] as const)("a btsf log, %s", (_, start) => {
  test("holds the sensor's rows, sector by sector, and ends where the file was closed", async () => {
    const image = await preparedCard(0)
    const logger = await start(memoryDisk(image), OPTIONS)
    await logger.run(5000)
    logger.close()
    await logger.run(7000)
    expect(logger.states.at(-1)?.state).toBe("closed")
    const log = await openOn(image, "/LOG00001.BTS")
    const ticks = await compare(log, 0)
    // Ticks count from the first file on, which takes a few tenths of a second.
    expect(ticks.length).toBeGreaterThanOrEqual(460)
    expect(ticks).toEqual(regular(ticks.length, 10))
    expect(log.issues.filter(({ severity }) => severity !== "note")).toEqual([])
    if (installed("fsck.vfat")) expect(fsck(image).clean).toBe(true)
  })

  test("keeps every sector that was confirmed when the power goes, also before the next start has ended the file", async () => {
    const image = await preparedCard(0)
    const logger = await start(memoryDisk(image), OPTIONS)
    await logger.run(4321)
    // What the card has now is what is left.
    const cut = Buffer.from(image)
    const log = await openOn(cut, "/LOG00001.BTS")
    const ticks = await compare(log, 0)
    // At most one sector of 32 rows is not full, and one on its way.
    expect(ticks.length).toBeGreaterThanOrEqual(Math.floor(3900 / 10) - 64)
    expect(ticks).toEqual(regular(ticks.length, 10))
    const again = await start(memoryDisk(cut), { ...OPTIONS, seed: 2 })
    await again.run(3000)
    again.close()
    await again.run(5000)
    expect(await compare(await openOn(cut, "/LOG00001.BTS"), 0)).toEqual(ticks)
    expect((await compare(await openOn(cut, "/LOG00002.BTS"), 0)).length).toBeGreaterThan(250)
    if (installed("fsck.vfat")) expect(fsck(cut).clean).toBe(true)
  })
})

test("btsf logs go on in the next file without a gap, each whole by itself", async () => {
  const image = await preparedCard(0)
  const logger = await inNode(memoryDisk(image), { ...OPTIONS, fileMs: 4000 })
  await logger.run(15_000)
  logger.close()
  await logger.run(17_000)
  const ticks: number[] = []
  const card = await openImage(memorySource(image))
  const logs = card.entries
    .map(({ path }) => path)
    .filter((path) => path.startsWith("/LOG0"))
    .sort()
  expect(logs.length).toBeGreaterThanOrEqual(3)
  for (const path of logs) ticks.push(...(await compare(await openBtsf(card.open(path)), 0)))
  expect(ticks).toEqual(regular(ticks.length, 10))
})

test("a group of one channel is the log when the others are off", async () => {
  const image = await preparedCard(2, "format = btsf\nimu = off\npedals = off\nsupply = 100\n")
  const logger = await inNode(memoryDisk(image), OPTIONS)
  await logger.run(3200)
  logger.close()
  await logger.run(5000)
  const ticks = await compare(await openOn(image, "/LOG00001.BTS"), 2)
  expect(ticks.length).toBeGreaterThan(280)
})

test("without a header that fits, the logger says so and logs Meteor", async () => {
  const settings = "format = btsf\n"
  for (const files of [{}, { [headName(0)]: Buffer.from(btsfHead(groups[1] as LoggedGroup).bytes) }]) {
    const image = await tinyCard({ "LOGGER  CFG": settings, ...files })
    const logger = await inNode(memoryDisk(image), OPTIONS)
    await logger.run(2000)
    logger.close()
    await logger.run(4000)
    const card = await openImage(memorySource(image))
    const errors = card.open("/LOGERR.TXT")
    expect(new TextDecoder().decode(await errors.read(0, errors.size))).toContain("btsf: no header that fits")
    expect(card.entries.map(({ path }) => path)).toContain("/LOG00001.MET")
  }
})
