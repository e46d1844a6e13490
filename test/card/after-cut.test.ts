import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import "../../host/bytes/device-buffer.js"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import { openMeteor } from "../../host/formats/meteor/read.js"
import type { Log } from "../../host/model/log.js"
import { openSource } from "../../host/registry/open.js"
import { recoverLogs } from "../../shared/card/recovery.js"
import { memoryDisk } from "../sim/card/disk.js"
import { type Kind, writeLog } from "../sim/card/logs.js"
import { machine } from "../sim/card/machine.js"
import { tinyVolume } from "../sim/card/tiny-volume.js"

const KINDS: readonly Kind[] = ["meteor", "ddff"]
const spec = JSON.parse(readFileSync(new URL("../../shared/LOGSPEC.JSN", import.meta.url), "utf8"))

/** Rows and last tick of each group. */
async function rowsOf(log: Log): Promise<[number, number][]> {
  const rows = log.groups.map((): [number, number] => [0, 0])
  for await (const chunk of log.chunks()) {
    const group = (rows[chunk.group] ??= [0, 0])
    group[0] += chunk.rows
    group[1] = Number(chunk.ticks?.[chunk.rows - 1])
  }
  return rows
}

/** The last sector that was written to a log which is not closed. */
async function lastSector(image: Buffer, path: string): Promise<Buffer> {
  const file = (await openImage(memorySource(image))).open(path)
  const bytes = Buffer.from(await file.read(0, file.size))
  let end = bytes.length / 512
  while (bytes.subarray(end * 512 - 512, end * 512).every((byte) => byte === bytes[end * 512 - 1])) end--
  return bytes.subarray(end * 512 - 512, end * 512)
}

describe.each(KINDS)("a log in %s that a power cut has ended", (kind) => {
  test.each([
    [0xff, false],
    [0xff, true],
    ["nothing", false],
    ["nothing", true],
  ] as const)("has its own rows and none of the older log in the same place (erase: %s, recovered: %s)", async (erase, recovered) => {
    const image = tinyVolume(6144, 1, () => {})
    const m = machine(memoryDisk(image), { erase })
    await m.card.init()
    await m.volume.mount()
    await writeLog(m, kind, { number: 1, session: 0x11111111, rows: 400, close: true })
    const old = await m.volume.root.nextLog(1, 10)
    if (old === null) throw new Error("the older log is missing")
    await m.volume.remove(old)
    // The next log takes the same space.
    image.writeUInt32LE(2, 512 + 492)
    await m.volume.mount()
    const path = await writeLog(m, kind, { number: 2, session: 0x22222222, rows: 100, close: false })
    if (recovered) await recoverLogs(m.card, m.volume, Buffer.alloc(512))
    const file = (await openImage(memorySource(image))).open(path)
    const log = await openSource(file, { spec })
    const rows = await rowsOf(log)
    expect(rows).toHaveLength(5)
    for (const row of rows) expect(row).toEqual([100, 990])
    if (kind === "ddff") return
    // The same where the file is longer than what is in memory at once.
    for (const row of await rowsOf(await openMeteor(file, { spec }, 8192))) expect(row).toEqual([100, 990])
  })

  test.each([30, 35, 256])("holds nothing when the power went in its first sector, whatever lies behind (torn at %i)", async (tear) => {
    const older = tinyVolume(6144, 1, () => {})
    const before = machine(memoryDisk(older))
    await before.card.init()
    await before.volume.mount()
    const path = await writeLog(before, kind, { number: 1, session: 0x11111111, rows: 400, close: true })
    const file = (await openImage(memorySource(older))).open(path)
    const stale = Buffer.from(await file.read(0, file.size))
    const torn = Buffer.alloc(65_536, 0xff)
    stale.copy(torn, 0, 0, tear)
    stale.copy(torn, 40 * 512, 512, 60 * 512)
    const log = await openSource(memorySource(torn, file.name), { spec }).catch((error: Error) => error)
    if (log instanceof Error) return expect(log.message).toContain("nothing yet")
    for (const [rows] of await rowsOf(log)) expect(rows).toBe(0)
  })

  test.each([0xff, 0x00])("keeps the whole rows of a sector that was torn (behind the tear: %i)", async (fill) => {
    const image = tinyVolume(6144, 1, (sector) => sector.fill(fill))
    const m = machine(memoryDisk(image), { erase: fill as 0xff })
    await m.card.init()
    await m.volume.mount()
    const path = await writeLog(m, kind, { number: 2, session: 0x22222222, rows: 100, close: false })
    const written = Buffer.from(image)
    const at = image.lastIndexOf(await lastSector(image, path))
    for (const tear of [1, 10, 100, 255, 256, 257, 300, 400]) {
      written.copy(image, 0)
      image.fill(fill, at + tear, at + 512)
      const rows = await rowsOf(await openSource((await openImage(memorySource(image))).open(path), { spec }))
      // Each group's rows are the first ones: no row is made of what lay behind the tear.
      for (const [n, last] of rows.filter(([count]) => count > 0)) expect(last, `torn at ${tear}`).toBe(n * 10 - 10)
    }
  })
})
