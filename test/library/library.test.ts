import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import * as library from "../../host/index.js"
import { convert, LogError, open, stats, UsageError } from "../../host/index.js"
import { deviceSize } from "../../host/io/file-source.js"
import { spool } from "../../host/io/spool.js"

const METEOR = join(import.meta.dirname, "../golden/meteor/h07-composite-basic")
let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-test-"))
})
afterEach(() => rmSync(folder, { recursive: true }))
const here = (...names: string[]) => join(folder, ...names)

describe("open", () => {
  test("takes a path, bytes, or a source", async () => {
    const path = join(METEOR, "input.met")
    const byPath = await open(path)
    const byBytes = await open(new Uint8Array(readFileSync(path)), { spec: JSON.parse(readFileSync(join(METEOR, "spec.json"), "utf8")) })
    expect(await stats(byBytes)).toEqual(await stats(byPath))
    await byPath.close()
    await byBytes.close()
  })

  test("throws the library's own errors, with the path", async () => {
    await expect(open(here("nowhere.met"))).rejects.toThrow(LogError)
    await expect(open(here("nowhere.met"))).rejects.toMatchObject({ path: here("nowhere.met") })
  })
})

describe("what belongs to one format", () => {
  test("stands under its name, and nowhere else", () => {
    expect(Object.keys(library.jls).sort()).toEqual(["Writer", "appendTo", "dataType", "open"])
    expect(Object.keys(library.btsf).sort()).toEqual(["Appender", "composeHeader", "deviceHeader", "openForAppend"])
    expect(Object.keys(library.libarray)).toEqual(
      expect.arrayContaining(["append", "insert", "update", "dump", "readRange", "importLines", "RefusedError"]),
    )
    const names = Object.keys(library)
    for (const name of [...Object.keys(library.jls), ...Object.keys(library.btsf), ...Object.keys(library.libarray)]) {
      if (name !== "open") expect(names).not.toContain(name)
    }
    expect(names.filter((name) => /jls|btsf|libarray|meteor|ddff/i.test(name)).sort()).toEqual(["btsf", "jls", "libarray"])
  })
})

describe("the side file", () => {
  const channels = async () => {
    const log = await open(here("run.met"))
    await log.survey()
    await log.close()
    return log.groups.flatMap((group) => group.channels.map(({ name }) => name))
  }
  const spec = (key: string) => JSON.stringify({ topics: [{ id: 1, key, data: { type: "unsigned-number" } }], composites: [] })

  test("is <name>.spec.json, else LOGSPEC.JSN, else spec.json in the log's folder, in any case of letters", async () => {
    copyFileSync(join(import.meta.dirname, "../golden/meteor/h27-timestamp-backward/input.met"), here("run.met"))
    expect((await channels())[0]).toMatch(/^topic-\d+$/)
    const id = Number((await channels())[0]?.slice("topic-".length))
    const named = (key: string) => spec(key).replace('"id":1', `"id":${id}`)
    writeFileSync(here("spec.json"), named("third"))
    expect(await channels()).toContain("third")
    writeFileSync(here("logspec.jsn"), named("second"))
    expect(await channels()).toContain("second")
    writeFileSync(here("run.spec.json"), named("first"))
    expect(await channels()).toContain("first")
  })

  test("that is broken is an error that names it", async () => {
    copyFileSync(join(METEOR, "input.met"), here("run.met"))
    writeFileSync(here("run.spec.json"), "{")
    await expect(open(here("run.met"))).rejects.toMatchObject({ path: here("run.spec.json") })
  })
})

describe("convert", () => {
  test("writes a file when it is complete, and tells what was left out", async () => {
    const log = await open(join(METEOR, "input.met"))
    const losses = await convert(log, here("run.csv"))
    expect(losses.every(({ kind }) => kind === "form")).toBe(true)
    expect(readdirSync(folder)).toEqual(["run.csv"])
    await expect(convert(log, here("run.csv"))).rejects.toThrow(UsageError)
    await convert(log, here("run.csv"), { force: true, options: { layout: "long" } })
    expect(readFileSync(here("run.csv"), "utf8")).toMatch(/^time.*,group,channel,value,unit/)
    await log.close()
  })

  test("leaves nothing when it fails", async () => {
    const log = await open(join(METEOR, "input.met"))
    await expect(convert(log, here("run.csv"), { options: { layout: "sideways" } })).rejects.toThrow(UsageError)
    expect(readdirSync(folder)).toEqual([])
    await log.close()
  })
})

describe("sources", () => {
  test("a pipe becomes a file without a name", async () => {
    mkdirSync(here("tmp"))
    const before = process.env.TMPDIR
    process.env.TMPDIR = here("tmp")
    try {
      const source = await spool(pieces(), "stdin")
      expect(readdirSync(here("tmp"))).toEqual([])
      expect(source.size).toBe(5)
      expect([...(await source.read(0, 5))]).toEqual([1, 2, 3, 4, 5])
      await source.close()
    } finally {
      if (before === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = before
    }
  })

  test.each([0, 1, 2, 3, 7, 8, 1000, 62_333_952])("a card reader's size is found by reading: %d sectors", async (sectors) => {
    let reads = 0
    const size = await deviceSize(async (at, length) => {
      reads++
      return Math.max(0, Math.min(length, sectors * 512 - at))
    })
    expect(size).toBe(sectors * 512)
    expect(reads).toBeLessThan(64)
  })
})

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(1, 2)
  yield Uint8Array.of(3, 4, 5)
}
