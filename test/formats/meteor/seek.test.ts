import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { memorySource, type Source } from "../../../host/bytes/source.js"
import { openMeteor } from "../../../host/formats/meteor/read.js"
import { indexMeteor } from "../../../host/formats/meteor/seek.js"
import { open } from "../../../host/index.js"
import { fileSource } from "../../../host/io/file-source.js"
import { FileOutput } from "../../../host/io/output.js"
import type { Chunk } from "../../../host/model/log.js"
import { fieldlog } from "../../cli/command.js"
import { raceLapBytes, raceLapSpec } from "../../generate/race-lap.js"

/** 2.4 MB: five blocks. */
const SECONDS = 150
/** When the logs were last changed. */
const TIME = 1_700_000_000
let sound: Uint8Array
/** The same with damage, a wrong stamp, a clock step back and a wrap of the 32-bit clock. */
let hurt: Uint8Array

beforeAll(() => {
  sound = raceLapBytes({ seconds: SECONDS, seed: 6 })
  hurt = sound.slice()
  const view = new DataView(hurt.buffer)
  for (let at = 38, n = 0; at < hurt.length; at += 7 + (hurt[at + 6] as number), n++) {
    const stamp = view.getUint32(at)
    view.setUint32(at, n === 70_000 ? stamp ^ 0x4000_0000 : stamp < 100_000 ? stamp - 150_000 : stamp - 150_000 - 20_000)
  }
  hurt.fill(0xff, 1_000_000, 1_004_096)
  hurt.fill(0, 2_000_100, 2_000_400)
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "fieldlog-index-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A log on disk with its specification beside it, and with its index. */
async function indexed(bytes: Uint8Array): Promise<string> {
  const path = join(folder(), "run.met")
  writeFileSync(path, bytes)
  writeFileSync(join(path, "..", "run.spec.json"), JSON.stringify(raceLapSpec))
  utimesSync(path, TIME, TIME)
  await index(path)
  return path
}

async function index(path: string): Promise<number> {
  const output = new FileOutput(`${path}.idx`, { force: true })
  const source = await fileSource(path)
  const places = await indexMeteor(source, output, { spec: raceLapSpec })
  output.commit()
  await source.close()
  return places
}

/** The rows of a range, and the bytes that were read for them. */
async function rowsOf(
  path: string,
  start: number,
  end: number,
  withIndex = true,
): Promise<{ rows: string[]; bytes: number; notes: string[] }> {
  let bytes = 0
  const inner = await fileSource(path)
  const source: Source = {
    name: inner.name,
    size: inner.size,
    ...(inner.modified === undefined ? {} : { modified: inner.modified }),
    async read(at, length, into) {
      const part = await inner.read(at, length, into)
      bytes += part.length
      return part
    },
    refresh: () => inner.refresh(),
    close: () => inner.close(),
  }
  const beside = async (name: string) => fileSource(join(path, "..", name))
  const log = await openMeteor(source, { spec: raceLapSpec, ...(withIndex ? { beside } : {}) })
  bytes = 0
  const rows: string[] = []
  for await (const chunk of log.chunks({ start, end })) rows.push(...asText(chunk))
  await log.close()
  return { rows: rows.sort(), bytes, notes: log.issues.map(({ kind }) => kind) }
}

function asText({ group, first, rows, ticks, columns, missing }: Chunk): string[] {
  return Array.from(
    { length: rows },
    (_, i) => `${group} ${first + i} ${ticks?.[i]} ${columns.map((column, c) => (missing[c]?.[i] ? "-" : column[i]))}`,
  )
}

describe("an index", () => {
  test.each([
    [
      "a sound log",
      () => sound,
      [
        [0, 1],
        [100, 101.5],
        [149.9, 1e9],
        [-5, 0.1],
      ],
    ],
    [
      "a damaged log",
      () => hurt,
      [
        [4_294_817, 4_294_820],
        [4_294_900, 4_294_901],
        [4_294_950, 4_294_960],
      ],
    ],
  ] as const)("gives the same rows of %s as reading all of it, numbers of the rows included", async (_, bytes, ranges) => {
    const path = await indexed(bytes())
    for (const [start, end] of ranges) {
      expect((await rowsOf(path, start, end)).rows).toEqual((await rowsOf(path, start, end, false)).rows)
    }
  })

  test("lets a range be read without what lies outside it", async () => {
    const path = await indexed(sound)
    const whole = await rowsOf(path, 100, 101, false)
    const part = await rowsOf(path, 100, 101)
    expect(whole.rows.length).toBeGreaterThan(1000)
    expect(part.rows).toEqual(whole.rows)
    expect(whole.bytes).toBeGreaterThan(sound.length * 0.9)
    // Two blocks and one read ahead, and the 128 KiB by which the index is known to be of this log.
    expect(part.bytes).toBeLessThan(3.5 * 512 * 1024)
  })

  test.each([
    ["grown", (path: string) => appendFileSync(path, sound.subarray(38, 200))],
    ["changed in place", (path: string) => writeFileSync(path, hurt)],
    ["touched", (path: string) => utimesSync(path, 1, 1)],
    [
      "replaced by one of the same size and time",
      (path: string) => {
        writeFileSync(
          path,
          sound.map((byte, i) => (i === 30 ? byte ^ 1 : byte)),
        )
        utimesSync(path, TIME, TIME)
      },
    ],
  ])("of a log that was %s is not used, and that is said", async (_, change) => {
    const path = await indexed(sound)
    change(path)
    const { rows, notes } = await rowsOf(path, 100, 101)
    expect(rows).toEqual((await rowsOf(path, 100, 101, false)).rows)
    expect(notes).toContain("stale-index")
  })

  test("with a flipped bit is not used", async () => {
    const path = await indexed(sound)
    const bytes = readFileSync(`${path}.idx`)
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] as number) ^ 1
    writeFileSync(`${path}.idx`, bytes)
    expect((await rowsOf(path, 100, 101)).notes).toContain("stale-index")
  })

  test("of a log that is read with another specification is not used", async () => {
    const path = await indexed(sound)
    const topics = raceLapSpec.spec.topics.slice(1)
    writeFileSync(join(path, "..", "run.spec.json"), JSON.stringify({ topics, composites: [] }))
    const log = await open(path)
    for await (const _ of log.chunks({ start: 100, end: 101 }));
    expect(log.issues.map(({ kind }) => kind)).toContain("stale-index")
    await log.close()
  })
})

describe("fieldlog index", () => {
  test("writes the index beside the log, which is then found; no other command writes one", async () => {
    const path = join(folder(), "run.met")
    writeFileSync(path, sound)
    writeFileSync(join(path, "..", "LOGSPEC.JSN"), JSON.stringify(raceLapSpec))
    const before = await fieldlog(["stats", path, "--start", "100", "--end", "101", "--json"])
    await expect(fileSource(`${path}.idx`)).rejects.toThrow("no such file")
    const { code, out } = await fieldlog(["index", path])
    expect([code, out]).toEqual([0, expect.stringMatching(/run\.met\.idx: \d places where reading may begin/)])
    expect((await fieldlog(["stats", path, "--start", "100", "--end", "101", "--json"])).out).toBe(before.out)
  })

  test("replaces an index, and no other file", async () => {
    const path = join(folder(), "run.met")
    writeFileSync(path, sound.subarray(0, 5000))
    await index(path)
    expect((await fieldlog(["index", path])).code).toBe(0)
    writeFileSync(`${path}.idx`, "mine")
    expect(await fieldlog(["index", path])).toMatchObject({ code: 2, err: expect.stringContaining("exists already") })
    expect(readFileSync(`${path}.idx`, "utf8")).toBe("mine")
  })

  test("says of other formats that they need none", async () => {
    const path = join(folder(), "run.ddff")
    copyFileSync("test/golden/ddff/cpp_base_128/file.ddff", path)
    expect(await fieldlog(["index", path])).toMatchObject({ code: 1, err: expect.stringContaining("needs no index") })
  })
})

describe("a log that was read once, to remember places", () => {
  test.each([
    ["sound", () => sound],
    ["hurt", () => hurt],
  ])("finds a range without an index file, and gives the same rows: %s", async (_, bytes) => {
    let read = 0
    const inner = memorySource(bytes(), "run.met")
    const source: Source = {
      ...inner,
      async read(at, length, into) {
        const part = await inner.read(at, length, into)
        read += part.length
        return part
      },
    }
    const options = { spec: raceLapSpec }
    const log = await openMeteor(source, options)
    for await (const _ of log.chunks({ remember: true, reuse: true }));
    for (const [start, end] of [
      [0, 2],
      [71.5, 73.5],
      [148, 200],
      [130, 131],
    ] as const) {
      read = 0
      const rows = await told(log.chunks({ start, end }))
      const bytesRead = read
      const fresh = await openMeteor(memorySource(bytes(), "run.met"), options)
      expect(rows).toEqual(await told(fresh.chunks({ start, end })))
      if (bytes() === sound) expect(bytesRead).toBeLessThanOrEqual(3 * 512 * 1024)
    }
  })

  test("reads all of it again when it has grown", async () => {
    const bytes = sound.subarray(0, 2_000_000)
    const source = { ...memorySource(bytes, "run.met"), size: bytes.length }
    const log = await openMeteor(source, { spec: raceLapSpec })
    for await (const _ of log.chunks({ remember: true, reuse: true }));
    const whole = memorySource(sound, "run.met")
    Object.assign(source, { size: whole.size, read: whole.read })
    const fresh = await openMeteor(whole, { spec: raceLapSpec })
    expect(await told(log.chunks({ start: 120, end: 160 }))).toEqual(await told(fresh.chunks({ start: 120, end: 160 })))
  })

  async function told(chunks: AsyncIterable<Chunk>): Promise<string[]> {
    const rows: string[] = []
    for await (const { group, first, ticks, columns, ...chunk } of chunks) {
      for (let i = 0; i < chunk.rows; i++) rows.push(`${group} ${first + i} ${ticks?.[i]} ${columns.map((column) => column[i])}`)
    }
    return rows.sort()
  }
})
