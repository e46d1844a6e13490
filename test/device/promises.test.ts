import { describe, expect, test, vi } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import { needs } from "../needs.js"
import { memoryDisk } from "../sim/card/disk.js"
import { complaints, HARMLESS } from "../sim/card/fsck-remarks.js"
import { fsck } from "../sim/card/images.js"
import type { CardOptions } from "../sim/card/sd-options.js"
import { logsOn, tinyCard } from "../sim/device/cards.js"
import { compareSeries } from "../sim/device/recording.js"
import { inMachine, inNode } from "../sim/device/trial.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const FOREIGN = Buffer.alloc(9000, "a file of somebody else ")
/** Names that other loggers give, and a log of ours that somebody has edited: none of them is the logger's. */
const OTHERS = { LOG00001TXT: FOREIGN, LOG00002MET: FOREIGN, LOG00003DDF: Buffer.from("x"), "HOLIDAY JPG": FOREIGN }

const places = [
  ["in Node", inNode],
  ["in the machine", inMachine],
] as const

async function othersAreWhole(image: Buffer): Promise<void> {
  const card = await openImage(memorySource(image))
  for (const [name, bytes] of Object.entries(OTHERS)) {
    const file = card.open(`/${name.slice(0, 8).trim()}.${name.slice(8)}`)
    expect(bytes.equals(await file.read(0, file.size)), name).toBe(true)
  }
  if (needs("fsck.vfat").skip) return
  expect(complaints(fsck(image).text).filter((line) => !HARMLESS.test(line))).toEqual([])
}

const CARDS: readonly [string, Partial<CardOptions>][] = [
  ["is busy for 2 ms at each selection", { busyAfterSelect: () => 2000 }],
  ["is busy for 1 to 20 ms at some selections", { busyAfterSelect: (n) => (n % 3 === 0 ? 1000 + ((n * 7919) % 19_000) : 0) }],
  ["is busy for a second at every 40th sector", { busy: (n) => (n % 40 === 5 ? 1_000_000 : 800) }],
]

describe.each(places)("%s", (_, start) => {
  test.each(CARDS)("a card that %s is never spoken to while it is, and every row is in its log", async (_kind, card) => {
    for (const format of ["meteor", "ddff"] as const) {
      const image = await tinyCard(OTHERS)
      const logger = await start(memoryDisk(image), { format, fileBytes: 65_536, card: { checksCommands: false, ...card } })
      await logger.run(40_000)
      logger.close()
      await logger.run(50_000)
      expect(logger.card.offences).toEqual([])
      expect(logger.states.map(({ state }) => state)).toEqual(["starting", "logging", "closed"])
      const { groups, dropped } = await compareSeries(
        image,
        (await logsOn(image)).slice(-2).filter((path) => !OTHERS_PATHS.includes(path)),
      )
      expect(dropped).toBe(0)
      expect(groups.imu).toMatchObject({ wrong: 0, holes: 0 })
      await othersAreWhole(image)
    }
  })

  test("sectors that cannot be read or written are passed over, and the board logs", async () => {
    const image = await tinyCard(OTHERS)
    // Each eighth space unit has a bad sector; so have FSInfo and a FAT sector.
    const data = image.readUInt16LE(14) + 2 * image.readUInt32LE(36)
    const bad = (lba: number) => lba === 1 || lba === image.readUInt16LE(14) + 5 || (lba > data && (lba - data) % 1024 === 777)
    const card: Partial<CardOptions> = {
      unreadable: (lba) => (bad(lba) ? "token" : null),
      response: (_, lba) => (bad(lba) ? 0x0d : 0x05),
    }
    const logger = await start(memoryDisk(image), { format: "meteor", fileBytes: 262_144, card })
    await logger.run(60_000)
    logger.close()
    await logger.run(70_000)
    expect(logger.states.at(-1)?.state).toBe("closed")
    const own = (await logsOn(image)).filter((path) => !OTHERS_PATHS.includes(path))
    const { groups } = await compareSeries(image, own)
    expect(groups.imu).toMatchObject({ wrong: 0, holes: 0 })
    expect(groups.imu?.rows).toBeGreaterThan(5500)
    await othersAreWhole(image)
  })

  test("a full card gives the space of the logger's own oldest log, and of no other's", async () => {
    const image = await tinyCard(OTHERS, 1024)
    const logger = await start(memoryDisk(image), { format: "meteor", fileBytes: 131_072, overwrite: true })
    await logger.run(240_000)
    logger.close()
    await logger.run(250_000)
    expect(logger.states.map(({ state }) => state)).toEqual(["starting", "logging", "closed"])
    const own = (await logsOn(image)).filter((path) => !OTHERS_PATHS.includes(path))
    expect(own.length).toBeGreaterThan(2)
    expect(own[0]).not.toBe("/LOG00004.MET")
    const { groups, dropped } = await compareSeries(image, own)
    expect(dropped).toBe(0)
    expect(groups.imu).toMatchObject({ wrong: 0, holes: 0 })
    // No more was deleted than had to be: the card is full but for a file.
    const free = await (await openImage(memorySource(image))).free()
    expect(free).toBeLessThan(2 * 131_072 + 65_536)
    await othersAreWhole(image)
  })
})

const OTHERS_PATHS = ["/LOG00001.TXT", "/LOG00002.MET", "/LOG00003.DDF"]
