import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { type FoundLog, findLogs, foundSource } from "../../host/card/find-logs.js"
import { openImage } from "../../host/card/image.js"
import { fileHeader, frameHeader } from "../../shared/meteor/layout.js"
import { memoryDisk } from "../sim/card/disk.js"
import { type Kind, writeLog } from "../sim/card/logs.js"
import { type Machine, machine, slotOf } from "../sim/card/machine.js"
import type { CardOptions } from "../sim/card/sd-options.js"
import { tinyVolume } from "../sim/card/tiny-volume.js"

const KINDS: readonly Kind[] = ["meteor", "ddff"]

async function card(options: Partial<CardOptions> = {}): Promise<{ image: Buffer; m: Machine }> {
  const image = tinyVolume(6144, 1, (sector, lba) => slotOf(lba).copy(sector, 0, 2, 514))
  const m = machine(memoryDisk(image), options)
  await m.card.init()
  await m.volume.mount()
  return { image, m }
}

async function fileBytes(image: Buffer, path: string): Promise<Buffer> {
  const file = (await openImage(memorySource(image))).open(path)
  return Buffer.from(await file.read(0, file.size))
}

/** Boot sector, FATs and root folder are gone. */
function wreck(image: Buffer): Buffer {
  const wrecked = Buffer.from(image)
  const end = 32 + 2 * image.readUInt32LE(36) + 4
  for (let i = 0; i < end * 512; i++) wrecked[i] = (i * 73) & 0xff
  return wrecked
}

async function all(image: Buffer): Promise<FoundLog[]> {
  const logs: FoundLog[] = []
  for await (const log of findLogs(memorySource(image))) logs.push(log)
  return logs
}

async function bytesOf(image: Buffer, log: FoundLog | undefined): Promise<Buffer> {
  if (log === undefined) throw new Error("no log was found")
  return Buffer.from(await foundSource(memorySource(image), log).read(0, log.length))
}

describe.each(KINDS)("logs in %s on a card without file system", (kind) => {
  test("are found whole, with name and session", async () => {
    const { image, m } = await card()
    const first = await fileBytesAfter(m, image, kind, 7, 0x12345678)
    const second = await fileBytesAfter(m, image, kind, 8, 0x9abcdef0)
    const logs = await all(wreck(image))
    const extension = kind === "ddff" ? "DDF" : "MET"
    expect(logs.map((log) => [log.name, log.session])).toEqual([
      [`LOG00007.${extension}`, 0x12345678],
      [`LOG00008.${extension}`, 0x9abcdef0],
    ])
    expect((await bytesOf(image, logs[0])).equals(first)).toBe(true)
    expect((await bytesOf(image, logs[1])).equals(second)).toBe(true)
  })

  test.each([0xff, "nothing"] as const)("end where the power went, whatever older log lies behind (erase: %s)", async (erase) => {
    const { image, m } = await card({ erase })
    const path = await writeLog(m, kind, { number: 1, session: 0x11111111, rows: 400, close: true })
    const old = await m.volume.root.nextLog(1, 10)
    if (old === null) throw new Error(`${path} is missing`)
    await m.volume.remove(old)
    // The next log takes the same space.
    image.writeUInt32LE(2, 512 + 492)
    await m.volume.mount()
    await writeLog(m, kind, { number: 2, session: 0x22222222, rows: 100, close: false })
    const written = m.segment.position
    const logs = await all(wreck(image))
    const mine = logs.filter((log) => log.session === 0x22222222)
    expect(mine).toHaveLength(1)
    expect(mine[0]?.length).toBe(written * 512)
    expect(mine[0]?.ended).toBe("blank")
  })

  test("go on behind a damaged sector", async () => {
    const { image, m } = await card()
    const whole = await fileBytesAfter(m, image, kind, 3, 0x33333333)
    const [log] = await all(image)
    if (log === undefined) throw new Error("no log was found")
    const damaged = wreck(image)
    for (let i = 0; i < 512; i++) damaged[log.at + 10 * 512 + i] = (i * 91) & 0xff
    const again = await all(damaged)
    expect(again).toHaveLength(1)
    expect(again[0]?.length).toBe(whole.length)
    expect(again[0]?.damaged).toBe(1)
  })
})

test("a log in ddff is not followed into another one's sectors", async () => {
  const { image, m } = await card()
  await fileBytesAfter(m, image, "ddff", 4, 0x44444444)
  await fileBytesAfter(m, image, "ddff", 5, 0x55555555)
  const [first, second] = await all(image)
  if (first === undefined || second === undefined) throw new Error("two logs were written")
  const spliced = wreck(image)
  // The second log's later sectors, laid into the first: a card that mixed up its pages.
  image.copy(spliced, first.at + 20 * 512, second.at + 30 * 512, second.at + 60 * 512)
  const [found] = await all(spliced)
  expect(found?.length).toBe(20 * 512)
})

test.each([["cpp_tagged_512"], ["cpp_tagged_fixed_4096"]])("a log of another program is found too: %s", async (name) => {
  const log = readFileSync(new URL(`../golden/ddff/${name}/file.ddff`, import.meta.url))
  const image = Buffer.concat([Buffer.alloc(5 * 512, 0x42), log, Buffer.alloc(20 * 512)])
  const found = await all(image)
  expect(found).toEqual([
    { format: "ddff", at: 5 * 512, length: log.length, session: null, name: "found-00000005.DDF", ended: "blank", damaged: 0 },
  ])
})

test.each([0x00, 0xff])("a Meteor log keeps its last sector, filled up with byte %i, when it is longer than a second", async (fill) => {
  const { image, m } = await card()
  const log = await fileBytesAfter(m, image, "meteor", 6, 0x66666666)
  const cut = lastFrameEnd(log)
  expect(cut % 512).toBeGreaterThan(0)
  const sectors = Math.ceil(cut / 512)
  const filled = Buffer.concat([Buffer.alloc(5 * 512, 0x42), log.subarray(0, cut), Buffer.alloc((sectors + 20) * 512 - cut, fill)])
  const found = await all(filled)
  expect(found.map(({ at, length, damaged }) => [at, length, damaged])).toEqual([[5 * 512, sectors * 512, 0]])
})

describe.each(KINDS)("directly behind a log in %s", (kind) => {
  test.each([
    ["btsf", "btsf/pad_8/file.btsf"],
    ["jls", "jls/tail_data/file.jls.gz"],
  ])("a log in %s is found as its own", async (format, path) => {
    const { image, m } = await card()
    const first = await fileBytesAfter(m, image, kind, 9, 0x99999999)
    const golden = readFileSync(new URL(`../golden/${path}`, import.meta.url))
    const second = path.endsWith(".gz") ? gunzipSync(golden) : golden
    const found = await all(Buffer.concat([first, second, Buffer.alloc(512 - (second.length % 512), 0xff)]))
    expect(found.map((log) => [log.format, log.at])).toEqual([
      [kind, 0],
      [format, first.length],
    ])
    expect((await bytesOf(Buffer.concat([first, second]), found[0])).equals(first)).toBe(true)
  })
})

test("nothing is found in noise, text and empty cards", async () => {
  const noise = Buffer.alloc(300_000)
  for (let i = 0, x = 1; i < noise.length; i++) {
    x = (Math.imul(x, 1103515245) + 12345) >>> 0
    noise[i] = x >>> 16
  }
  expect(await all(noise)).toEqual([])
  expect(await all(Buffer.alloc(100_000, "a text about logs "))).toEqual([])
  expect(await all(Buffer.alloc(100_000))).toEqual([])
  expect(await all(Buffer.alloc(0))).toEqual([])
})

/** Where the last frame ends that begins well before the log's end. */
function lastFrameEnd(log: Buffer): number {
  let at = fileHeader.size + log.readUInt8(fileHeader.fields.nameLength.at)
  while (at < log.length - 700) at += frameHeader.size + log.readUInt8(at + frameHeader.fields.length.at)
  return at
}

async function fileBytesAfter(m: Machine, image: Buffer, kind: Kind, number: number, session: number): Promise<Buffer> {
  return fileBytes(image, await writeLog(m, kind, { number, session, rows: 300, close: true }))
}
