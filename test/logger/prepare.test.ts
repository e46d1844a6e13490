import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import { fillFolder, type PathPreparation, preparePath } from "../../host/logger/prepare-path.js"
import { sectorRate } from "../../host/logger/sector-rate.js"
import { changedSettings, readSettings } from "../../host/logger/settings.js"
import { groups } from "../../shared/channels.js"
import { installed, needs } from "../needs.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fatfsImage, fsck, vfatImage } from "../sim/card/images.js"
import { applyChange } from "../sim/card/journal.js"
import { logsOn, tinyCard } from "../sim/device/cards.js"
import { startInNode } from "../sim/device/in-node.js"
import { FASTEST, RATES, SLOWER } from "../sim/device/list.js"
import { compareSeries } from "../sim/device/recording.js"

const UNIT = 65_536

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "fieldlog-prepare-"))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** Prepares an image as the command does. */
async function prepared(image: Uint8Array, changes: readonly string[], more: Partial<PathPreparation> = {}): Promise<Buffer> {
  const path = join(folder(), "card.img")
  writeFileSync(path, image)
  await preparePath(path, { settings: (old) => changedSettings(old, changes), spec: null, segments: 3, dryRun: false, ...more })
  return readFileSync(path)
}

async function filesOn(image: Uint8Array): Promise<Record<string, number>> {
  const card = await openImage(memorySource(image))
  expect(card.issues).toEqual([])
  return Object.fromEntries(card.entries.map(({ path, size, runs }) => [path, runs === 1 ? size : -1]))
}

describe("a prepared card", () => {
  test("has the settings, the specification and contiguous files, and fsck finds nothing to do", async () => {
    const image = await prepared(await tinyCard(), ["file=64", "format=ddff"])
    const files = await filesOn(image)
    expect(files).toMatchObject({ "/SPARE001.SEG": UNIT, "/SPARE002.SEG": UNIT, "/SPARE003.SEG": UNIT })
    const card = await openImage(memorySource(image))
    const text = async (path: string) => new TextDecoder().decode(await card.open(path).read(0, 65_536))
    expect(await text("/LOGGER.CFG")).toBe("file = 64\r\nformat = ddff\r\n")
    expect(await text("/LOGSPEC.JSN")).toBe(readFileSync("shared/LOGSPEC.JSN", "utf8"))
    if (installed("fsck.vfat")) expect(fsck(image).clean).toBe(true)
  })

  test("is prepared again without a change, and with other sizes where the settings say so", async () => {
    const once = await prepared(await tinyCard(), ["file=64"])
    expect((await prepared(once, [])).equals(once)).toBe(true)
    const larger = await prepared(once, ["file=128"], { segments: 2 })
    expect(await filesOn(larger)).toMatchObject({ "/SPARE001.SEG": 2 * UNIT, "/SPARE002.SEG": 2 * UNIT })
    expect(Object.keys(await filesOn(larger))).not.toContain("/SPARE003.SEG")
    if (installed("fsck.vfat")) expect(fsck(larger).clean).toBe(true)
  })

  test("keeps another channel list's specification as LOGSPEC.OLD, and a foreign one not", async () => {
    const older = `{"fieldlog":"00000000",\n"topics":[]}\n`
    const card = await openImage(memorySource(await prepared(await tinyCard({ "LOGSPEC JSN": older }), ["file=64"])))
    const text = async (path: string) => new TextDecoder().decode(await card.open(path).read(0, 65_536))
    expect(await text("/LOGSPEC.OLD")).toBe(older)
    expect(await text("/LOGSPEC.JSN")).toBe(readFileSync("shared/LOGSPEC.JSN", "utf8"))
    const foreign = await prepared(await tinyCard({ "LOGSPEC JSN": '{"topics":[]}' }), ["file=64"])
    expect(Object.keys(await filesOn(foreign))).not.toContain("/LOGSPEC.OLD")
  })

  test("is not touched by a dry run", async () => {
    const image = await tinyCard({ "LOGGER  CFG": `file = 64\n${FASTEST} = 50\n` })
    expect((await prepared(image, ["format=ddff"], { dryRun: true })).equals(image)).toBe(true)
  })

  test("may be made by any formatter", needs("mkfs.vfat"), async () => {
    const images = [
      [vfatImage(36, 1, "mbr"), "mbr"],
      [await fatfsImage(36, 512), "superfloppy"],
    ] as const
    for (const [image, layout] of images) {
      const ready = await prepared(image, ["file=64"], { segments: 2 })
      expect(Object.keys(await filesOn(ready))).toEqual(expect.arrayContaining(["/LOGSPEC.JSN", "/SPARE001.SEG", "/SPARE002.SEG"]))
      if (installed("fsck.vfat")) expect(fsck(ready, layout).clean).toBe(true)
    }
  })
})

describe("the logger on a prepared card", () => {
  test("logs into the files ahead, then into space of its own, and closes all", async () => {
    const image = await prepared(await tinyCard(), ["file=64", ...SLOWER.map((name) => `${name}=100`)], { segments: 2 })
    const places = await startsOf(image)
    const logger = startInNode(memoryDisk(image), { format: "meteor", fileBytes: UNIT })
    await logger.time.run(40_000)
    logger.close()
    await logger.time.run(43_000)
    const logs = await logsOn(image)
    expect(logs.length).toBeGreaterThanOrEqual(3)
    const now = await startsOf(image)
    expect(now["/LOG00001.MET"]).toBe(places["/SPARE001.SEG"])
    expect(now["/LOG00002.MET"]).toBe(places["/SPARE002.SEG"])
    expect(Object.keys(now).filter((path) => path.endsWith(".SEG"))).toEqual([])
    const found = await compareSeries(image, logs, RATES)
    expect(found.dropped).toBe(0)
    for (const name of [FASTEST, ...SLOWER]) expect(found.groups[name], name).toMatchObject({ wrong: 0, missing: 0 })
    if (installed("fsck.vfat")) expect(fsck(image).clean).toBe(true)
  })

  test("loses nothing when the power goes at any sector while it takes a file ahead", { tags: "slow" }, async () => {
    const image = await prepared(await tinyCard({ "HOLIDAY JPG": "somebody's" }), ["file=64"], { segments: 1 })
    const before = Buffer.from(image)
    const first = startInNode(memoryDisk(image), { format: "meteor", fileBytes: UNIT })
    await first.time.run(1500)
    const { journal } = first.card
    for (let cut = 0; cut <= Math.min(journal.length, 24); cut++) {
      const state = Buffer.from(before)
      for (const change of journal.slice(0, cut)) applyChange(memoryDisk(state), change)
      if (installed("fsck.vfat") && cut % 6 === 0) expect(fsck(state).clean, `cut ${cut}`).toBe(true)
      const second = startInNode(memoryDisk(state), { format: "meteor", fileBytes: UNIT })
      await second.time.run(1200)
      second.close()
      await second.time.run(3000)
      expect(second.states.at(-1)?.state, `cut ${cut}`).toBe("closed")
      const card = await openImage(memorySource(state))
      expect(card.issues, `cut ${cut}`).toEqual([])
      expect(new TextDecoder().decode(await card.open("/HOLIDAY.JPG").read(0, 100))).toBe("somebody's")
      const newest = (await logsOn(state)).slice(-1)
      expect((await compareSeries(state, newest)).groups[FASTEST], `cut ${cut}`).toMatchObject({ wrong: 0, missing: 0 })
    }
  })

  test("does not take a copy of a file ahead that lies in pieces", async () => {
    const image = await prepared(await tinyCard(), ["file=64"], { segments: 1 })
    const fat = image.readUInt16LE(14) * 512
    const first = (await startsOf(image))["/SPARE001.SEG"] as number
    // Two clusters change places in the chain, in both copies.
    for (const at of [fat, fat + image.readUInt32LE(36) * 512]) {
      image.writeUInt32LE(first + 6, at + (first + 4) * 4)
      image.writeUInt32LE(first + 5, at + (first + 6) * 4)
      image.writeUInt32LE(first + 7, at + (first + 5) * 4)
    }
    const logger = startInNode(memoryDisk(image), { format: "meteor", fileBytes: UNIT })
    await logger.time.run(2000)
    const starts = await startsOf(image)
    expect(starts["/SPARE001.SEG"]).toBe(first)
    expect(starts["/LOG00001.MET"]).not.toBe(first)
  })
})

/** Another group where the list has one. */
const [SLOW = FASTEST] = SLOWER

describe("what is told of a card", () => {
  test.each([
    ["meteor", ""],
    ["ddff", ""],
    ["meteor", `${FASTEST} = 20\n${SLOW} = off\nflush = 2000\n`],
    ["ddff", `${FASTEST} = off\n${SLOW} = 0.5\nflush = 100\n`],
    ["meteor", `${FASTEST} = 500\n${SLOW} = 100\n`],
  ] as const)("as sectors a second is what the logger writes (%s, %j)", async (format, text) => {
    const image = await tinyCard({ "LOGGER  CFG": `format = ${format}\n${text}` }, 12_288)
    const settings = readSettings(Buffer.from(`format = ${format}\n${text}`))
    const logger = startInNode(memoryDisk(image), { format, fileBytes: 4 << 20, card: { busy: () => 0 } })
    const SECONDS = 60
    await logger.time.run(SECONDS * 1000 + 100)
    logger.close()
    await logger.time.run(SECONDS * 1000 + 2000)
    const [log] = await logsOn(image)
    const size = (await filesOn(image))[log as string] as number
    const told = sectorRate(settings) * SECONDS
    expect(size / 512).toBeGreaterThan(told * 0.95 - 2)
    expect(size / 512).toBeLessThan(told * 1.05 + groups.length + 4)
  })

  test("tells of a mounted card what a folder can take", async () => {
    const path = folder()
    writeFileSync(join(path, "logger.cfg"), `${FASTEST} = 50\n`)
    const report = await fillFolder(
      path,
      { capacity: 8e9, free: 4e9 },
      { settings: (old) => changedSettings(old, ["format=ddff"]), spec: null, segments: 4, dryRun: false },
    )
    expect(report).toMatchObject({ files: ["LOGGER.CFG", "LOGSPEC.JSN"], segments: 0 })
    expect(readFileSync(join(path, "logger.cfg"), "utf8")).toBe(`${FASTEST} = 50\r\nformat = ddff\r\n`)
    expect(report.outlook.daysUntilFull).toBeCloseTo(4e9 / report.outlook.bytesPerDay)
  })

  test("is an error that writes nothing where the settings or the card are wrong", async () => {
    const image = await tinyCard()
    const path = join(folder(), "card.img")
    writeFileSync(path, image)
    const attempt = (changes: string[], more: Partial<PathPreparation> = {}) =>
      preparePath(path, { settings: (old) => changedSettings(old, changes), spec: null, segments: 4, dryRun: false, ...more })
    await expect(attempt([`${FASTEST}=5000`])).rejects.toThrow(`line 1: ${FASTEST}: 0.001 to 1000 Hz, or off`)
    await expect(attempt([FASTEST])).rejects.toThrow("expected name=value")
    await expect(attempt(groups.map(({ name }) => `${name}=off`))).rejects.toThrow("nothing is logged")
    expect(readFileSync(path).equals(image)).toBe(true)
    await expect(attempt(["file=2048"])).rejects.toThrow("no room in one piece")
    writeFileSync(path, Buffer.alloc(100_000))
    await expect(attempt([])).rejects.toThrow("no boot sector")
    if (process.platform === "linux")
      await expect(preparePath(folder(), { settings: () => null, spec: null, segments: 0, dryRun: false })).rejects.toThrow("no FAT card")
  })
})

async function startsOf(image: Uint8Array): Promise<Record<string, number>> {
  const card = await openImage(memorySource(image))
  return Object.fromEntries(card.entries.map(({ path, firstCluster }) => [path, firstCluster]))
}
