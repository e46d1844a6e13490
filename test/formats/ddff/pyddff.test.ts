import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { appendDdff } from "../../../host/formats/ddff/append.js"
import { checkDdff } from "../../../host/formats/ddff/check.js"
import { openDdff } from "../../../host/formats/ddff/read.js"
import { recoverDdff } from "../../../host/formats/ddff/recover.js"
import { writeDdff } from "../../../host/formats/ddff/write.js"
import type { Output } from "../../../host/model/format.js"
import { fieldlog } from "../../cli/command.js"
import { needsPeers } from "../../needs.js"
import { peer } from "../../peers/python.js"
import { memoryDisk } from "../../sim/card/disk.js"
import { logsOn, tinyCard } from "../../sim/device/cards.js"
import { startInNode } from "../../sim/device/in-node.js"
import { type MadeGroup, madeLog } from "./synthetic.js"

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** What `ddff-convert` and pyddff's two views say of a file: rows by stream, columns' lengths by path. */
interface Opened {
  readonly labels: readonly string[]
  readonly tagged: Readonly<Record<string, number>>
  readonly recordings: readonly Readonly<Record<string, number>>[]
  readonly inventoried: Readonly<Record<string, number>>
  readonly hdf5: Readonly<Record<string, number>>
  readonly hdf5Recordings: readonly Readonly<Record<string, number>>[]
}

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-pyddff-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function group(name: string, ticks: readonly number[], channels: readonly string[] = ["v"]): MadeGroup {
  return {
    name,
    channels: channels.map((channel, c) => ({ name: channel, type: c % 2 === 0 ? "i16" : "f32" })),
    ticks,
    columns: channels.map((_, c) => ticks.map((_, i) => i * 10 + c)),
  }
}

const from = (first: number, count: number, step = 1) => Array.from({ length: count }, (_, i) => first + i * step)

async function bytesOf(write: (output: Output) => Promise<unknown>): Promise<Uint8Array> {
  const sink = new MemorySink()
  await write({ name: "x.ddff", sink: () => sink })
  return sink.bytes().slice()
}

const written = (groups: MadeGroup[], options = {}) => bytesOf((output) => writeDdff(madeLog(groups), output, options))
const appended = (file: Uint8Array, groups: MadeGroup[]) =>
  bytesOf((output) => appendDdff(memorySource(file, "x.ddff"), {}, madeLog(groups), output, {}))

let files = 0
async function opened(bytes: Uint8Array): Promise<Opened> {
  const path = join(folder, `${files++}.ddff`)
  writeFileSync(path, bytes)
  return ((await peer("open_ddff.py", [path])) as [Opened])[0]
}

/** Rows by group of each recording, as fieldlog reads them. */
async function recordingsOf(bytes: Uint8Array): Promise<Record<string, number>[]> {
  const log = await openDdff(memorySource(bytes), {})
  const cuts = await log.recordings()
  return log.structure.tags.map((_, k) =>
    Object.fromEntries(
      log.groups.map(({ name }, i) => {
        const { rows = [], total = 0 } = cuts[i] ?? {}
        return [name, (rows[k + 1] ?? total) - (rows[k] ?? total)]
      }),
    ),
  )
}

async function warnings(bytes: Uint8Array): Promise<string[]> {
  const found: string[] = []
  for await (const { severity, rule, text } of checkDdff(memorySource(bytes), {})) {
    if (severity !== "note") found.push(`${rule}: ${text}`)
  }
  return found
}

/** Every stream is there in every view, with all of its rows. */
function whole(found: Opened, rows: Readonly<Record<string, number>>): void {
  expect(found.tagged).toEqual(rows)
  expect(found.inventoried).toEqual(rows)
  for (const [key, count] of Object.entries(rows)) expect(found.hdf5[`${key.replace(/^\//, "")}/tick`], key).toBe(count)
}

describe("pyddff's views and ddff-convert open", needsPeers(), () => {
  test("a file with a stream without rows, and one without any row", async () => {
    const bytes = await written([group("imu", from(0, 30)), group("gps", [])])
    const found = await opened(bytes)
    whole(found, { imu: 30, gps: 0 })
    expect(found.recordings).toEqual([{ imu: 30, gps: 0 }])
    expect(await warnings(bytes)).toEqual([])
    whole(await opened(await written([group("imu", []), group("gps", [])])), { imu: 0, gps: 0 })
  })

  test("a recording whose ticks begin anywhere, by its own range of ticks", async () => {
    const found = await opened(await written([group("imu", from(100_000, 100)), group("late", from(100_050, 3))]))
    whole(found, { imu: 100, late: 3 })
    expect(found.recordings).toEqual([{ imu: 100, late: 3 }])
    expect(found.hdf5Recordings[0]?.["imu/tick"]).toBe(100)
  })

  test("recordings that a stream has no rows of, and ones appended to them", async () => {
    const first = await written([group("imu", [...from(0, 40), ...from(0, 50)]), group("gps", from(5, 4, 10)), group("none", [])], {
      block: 128,
    })
    const found = await opened(first)
    whole(found, { imu: 90, gps: 4, none: 0 })
    expect(found.recordings.at(-1)).toEqual({ imu: 50, gps: 0, none: 0 })
    const both = await appended(first, [group("gps", from(700, 20)), group("none", from(700, 2))])
    const more = await opened(both)
    whole(more, { imu: 90, gps: 24, none: 2 })
    expect(more.recordings.at(-1)).toEqual({ imu: 0, gps: 20, none: 2 })
    expect(await recordingsOf(both)).toEqual([
      { imu: 40, gps: 4, none: 0 },
      { imu: 50, gps: 0, none: 0 },
      { imu: 0, gps: 20, none: 2 },
    ])
    expect(await warnings(both)).toEqual([])
  })

  test("a file that got a new stream, many times and beyond the first block of its tags", async () => {
    let bytes = await written([group("imu", from(0, 10))], { block: 128 })
    const rows: Record<string, number> = { imu: 10 }
    for (let i = 1; i <= 8; i++) {
      bytes = await appended(bytes, [group("imu", from(i * 1000, 10)), group(`new-${i}`, from(i * 1000, i))])
      rows.imu = (rows.imu as number) + 10
      rows[`new-${i}`] = i
    }
    const found = await opened(bytes)
    whole(found, rows)
    expect(found.recordings.map((recording) => recording.imu)).toEqual(Array.from({ length: 9 }, () => 10))
    expect(found.recordings.at(-1)).toMatchObject({ "new-8": 8, "new-7": 0 })
    expect(await warnings(bytes)).toEqual([])
    const log = await openDdff(memorySource(bytes), {})
    expect(log.issues).toEqual([])
    expect(await recordingsOf(bytes)).toEqual(
      from(0, 9).map((k) => ({ imu: 10, ...Object.fromEntries(from(1, 8).map((i) => [`new-${i}`, i === k ? i : 0])) })),
    )
  })

  test("equal names of groups and channels, each with its own rows", async () => {
    const bytes = await written([group("imu", from(0, 10), ["v", "v", "v-2"]), group("imu", from(0, 20)), group("imu-2", from(0, 30))])
    const found = await opened(bytes)
    whole(found, { imu: 10, "imu-2": 20, "imu-2-2": 30 })
    expect(Object.keys(found.hdf5).filter((name) => name.startsWith("imu/data"))).toEqual(["imu/data/v", "imu/data/v-2", "imu/data/v-2-2"])
    const again = await appended(bytes, [group("imu", from(100, 1), ["v", "v", "v-2"]), group("imu", from(100, 2))])
    whole(await opened(again), { imu: 11, "imu-2": 22, "imu-2-2": 30 })
    // The same name, other channels: a stream of its own.
    whole(await opened(await appended(again, [group("imu", from(200, 7), ["other"])])), { imu: 11, "imu-2": 22, "imu-2-2": 30, "imu-3": 7 })
    expect(await warnings(again)).toEqual([])
  })

  test("groups of more than 15 channels, by the names of their channels", async () => {
    const names = from(0, 40).map((i) => `c${i}`)
    const bytes = await written([group("wide", from(0, 12), names)])
    whole(await opened(bytes), { wide: 12 })
    const log = await openDdff(memorySource(bytes), {})
    expect(log.groups[0]?.channels.map(({ name }) => name)).toEqual(names)
  })

  test("what recover saves of them", async () => {
    const bytes = await written([group("imu", [...from(0, 40), ...from(0, 50)]), group("gps", from(5, 4, 10)), group("none", [])], {
      block: 128,
    })
    const damaged = bytes.slice()
    damaged[bytes.length - 100] = (damaged[bytes.length - 100] as number) ^ 1
    const saved = await bytesOf((output) => recoverDdff(memorySource(damaged, "x.ddff"), output, {}))
    const log = await openDdff(memorySource(saved), {})
    const { groups } = await log.survey()
    whole(await opened(saved), Object.fromEntries(log.groups.map(({ name }, i) => [name, groups[i]?.rows ?? 0])))
  })

  test("a log of the board as `card get` copies it, and only then", async () => {
    const image = await tinyCard()
    const logger = startInNode(memoryDisk(image), { format: "ddff", fileBytes: 1 << 20 })
    await logger.time.run(9000)
    logger.close()
    await logger.time.run(11_000)
    const [path = ""] = await logsOn(image)
    writeFileSync(join(folder, "card.img"), image)
    const got = await fieldlog(["card", "get", "card.img", path, "-o", "linked"], { cwd: folder })
    expect(got).toMatchObject({ code: 0 })
    expect(got.err).toMatch(/^\/LOG00001\.DDF: \d+ blocks linked for other readers; --raw copies it as it is$/m)
    expect((await fieldlog(["card", "get", "card.img", path, "-o", "raw", "--raw"], { cwd: folder })).err).not.toContain("linked")

    const raw = join(folder, "raw", path)
    const checked = await fieldlog(["check", raw], { cwd: folder })
    expect(checked.code).toBe(0)
    expect(checked.out).toMatch(/0 errors, 0 warnings, 1 note/)
    expect((await fieldlog(["check", join(folder, "linked", path)], { cwd: folder })).out).toContain("clean")

    const log = JSON.parse((await fieldlog(["info", "--json", raw], { cwd: folder })).out).logs[0]
    const rows = Object.fromEntries(log.groups.map(({ name, rows }: { name: string; rows: number }) => [name, rows]))
    expect(rows.imu).toBeGreaterThan(700)
    const [plain, linked] = (await peer("open_ddff.py", [raw, join(folder, "linked", path)])) as [Opened, Opened]
    expect(plain.tagged.imu).toBeLessThan(rows.imu)
    whole(linked, rows)
    expect(linked.recordings).toEqual([rows])
  })
})
