import { describe, expect, test, vi } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import { loggerHealth } from "../../host/summary/logger-health.js"
import { groups } from "../../shared/channels.js"
import { needs } from "../needs.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fatfsImage, fsck, writeFiles } from "../sim/card/images.js"
import { FASTEST } from "../sim/device/list.js"
import { type LoggerOptions, startLogger } from "../sim/device/logger.js"
import { compare, openRecording } from "../sim/device/recording.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const HALF_MINUTE = 30_000
const formats = [
  { format: "meteor", file: "/LOG00001.MET" },
  { format: "ddff", file: "/LOG00001.DDF" },
] as const

describe.each(formats)("a logger writing $format", ({ format, file }) => {
  test("records half a minute sample for sample, and closes its file", async () => {
    const image = await fatfsImage(40, 512)
    const logger = await record(image, { format }, HALF_MINUTE)
    logger.close()
    logger.vm.run(HALF_MINUTE + 2000)
    expect(logger.states.map(({ state }) => state)).toEqual(["starting", "logging", "closed"])
    const log = await openRecording(image, file)
    const found = await compare(log)
    for (const { name, rate } of groups) {
      expect(found[name], name).toMatchObject({ wrong: 0, missing: 0 })
      expect(found[name]?.rows, name).toBeGreaterThanOrEqual(29 * rate)
    }
    expect(log.issues.filter(({ severity }) => severity === "error")).toEqual([])
    expect(await loggerHealth(log)).toMatchObject({ dropped: 0 })
  })

  test("leaves a card that fsck finds clean", needs("fsck.vfat"), async () => {
    const image = await fatfsImage(40, 512)
    const logger = await record(image, { format }, 5000)
    expect(fsck(image)).toMatchObject({ clean: true })
    logger.close()
    logger.vm.run(10_000)
    expect(fsck(image)).toMatchObject({ clean: true })
  })

  test("loses at most the flush interval when the power goes, and invents nothing", async () => {
    for (const cut of [3217, 7771, 12_340]) {
      const image = await fatfsImage(40, 512)
      const { states } = await record(image, { format }, cut)
      const start = startOf(states)
      const log = await openRecording(image, file)
      const found = await compare(log)
      for (const { name, rate } of groups) {
        expect(found[name], `${name} at ${cut}`).toMatchObject({ wrong: 0, missing: 0 })
        const behind = cut - start - (found[name]?.last ?? 0)
        expect(behind, `${name} at ${cut}`).toBeLessThanOrEqual(500 + 1000 / rate + 100)
      }
    }
  })

  test("ends the cut log at the next start and goes on in a new one", async () => {
    const image = await fatfsImage(40, 512)
    await record(image, { format }, 5000)
    const before = await compare(await openRecording(image, file))
    await record(image, { format, seed: 2 }, 5000)
    expect(await compare(await openRecording(image, file))).toEqual(before)
    const second = await compare(await openRecording(image, file.replace("1.", "2.")))
    expect(second[FASTEST]).toMatchObject({ wrong: 0, missing: 0 })
    expect(second[FASTEST]?.rows).toBeGreaterThan(300)
  })

  test("begins the next file when one is full, and loses nothing in between", async () => {
    const image = await fatfsImage(40, 512)
    const logger = await record(image, { format, fileBytes: 65_536 }, HALF_MINUTE)
    logger.close()
    logger.vm.run(HALF_MINUTE + 2000)
    const card = await openImage(memorySource(image))
    const logs = card.entries.filter(({ path }) => /^\/LOG\d/.test(path))
    expect(logs.length).toBeGreaterThan(1)
    let rows = 0
    for (const { path } of logs) {
      const found = await compare(await openRecording(image, path))
      for (const { name } of groups) expect(found[name]?.wrong, name).toBe(0)
      rows += found[FASTEST]?.rows ?? 0
    }
    expect(rows).toBeGreaterThanOrEqual(2900)
  })
})

describe("a logger in trouble", () => {
  test("keeps the first file when the card is pulled, and begins another when it is back", async () => {
    const image = await fatfsImage(40, 512)
    const logger = await record(image, { format: "meteor" }, 10_000)
    logger.card.remove()
    logger.vm.run(20_000)
    expect(["absent", "timeout"]).toContain(logger.states.at(-1)?.state)
    logger.card.insert()
    logger.vm.run(60_000)
    expect(logger.states.at(-1)?.state).toBe("logging")
    const first = await compare(await openRecording(image, "/LOG00001.MET"))
    expect(first[FASTEST]).toMatchObject({ wrong: 0, missing: 0 })
    expect(first[FASTEST]?.last).toBeGreaterThan(8500)
    const second = await compare(await openRecording(image, "/LOG00002.MET"))
    expect(second[FASTEST]?.wrong).toBe(0)
    expect(second[FASTEST]?.last).toBeGreaterThan(57_500)
  })

  test("names a full card, and what is not FAT32", async () => {
    const full = await fatfsImage(40, 512)
    // Less than a space unit is free.
    const free = await (await openImage(memorySource(full))).free()
    await writeFiles(full, { "BIG.BIN": new Uint8Array(free - 60_000) })
    expect((await record(full, { format: "meteor", fileBytes: 8 << 20 }, 4000)).states.at(-1)?.state).toBe("full")
    expect((await record(Buffer.alloc(8 << 20), { format: "meteor" }, 3000)).states.at(-1)?.state).toBe("no-partition")
    const fat16 = Buffer.alloc(8 << 20)
    fat16[450] = 6
    fat16.writeUInt32LE(64, 454)
    fat16.writeUInt16LE(0xaa55, 510)
    expect((await record(fat16, { format: "ddff" }, 3000)).states.at(-1)?.state).toBe("fat16")
  })

  test("survives write errors, busy times of half a second and a card that takes sectors back", async () => {
    const image = await fatfsImage(40, 512)
    const card = {
      busy: (n: number) => (n % 20 === 7 ? 500_000 : 800),
      response: (n: number) => (n % 31 === 30 ? 0x0d : n % 17 === 16 ? 0x0b : 0x05) as 0x05,
    }
    const logger = await record(image, { format: "meteor", card }, 30_000)
    logger.close()
    logger.vm.run(33_000)
    const card0 = await openImage(memorySource(image))
    let rows = 0
    let dropped = 0
    for (const { path } of card0.entries.filter(({ path }) => /^\/LOG\d/.test(path))) {
      const log = await openRecording(image, path)
      const found = await compare(log)
      for (const { name } of groups) expect(found[name]?.wrong, name).toBe(0)
      rows += found[FASTEST]?.rows ?? 0
      dropped = Math.max(dropped, (await loggerHealth(log))?.dropped ?? 0)
    }
    expect(rows + dropped).toBeGreaterThan((30_000 - startOf(logger.states)) / 10 - 50)
  })
})

/** Runs the logger up to a time, ms. */
async function record(image: Buffer, options: LoggerOptions, until: number) {
  const logger = await startLogger(memoryDisk(image), options)
  logger.vm.run(until)
  return logger
}

/** Tick 0: a tenth of a second after the first file is there. */
function startOf(states: readonly { at: number; state: string }[]): number {
  return (states.find(({ state }) => state === "logging")?.at ?? 0) + 105
}
