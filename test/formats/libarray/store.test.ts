import { appendFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dump, type TreeWarning } from "../../../host/formats/libarray/dump.js"
import { importLines } from "../../../host/formats/libarray/import.js"
import * as store from "../../../host/formats/libarray/store.js"
import { contentOf, emptyRoot, treeOf } from "./tree-of.js"

const series = { net: "SIL", method: "NaI", id: "app_1" }
const { append, insert, update } = store

test("golden operations leave the golden tree, and refuse what they must", () => {
  const folder = "test/golden/libarray/03_operations"
  const { messnetz, methode, kennung, ops } = JSON.parse(readFileSync(`${folder}/ops.json`, "utf8"))
  const golden = { net: messnetz, method: methode, id: kennung }
  const root = emptyRoot()
  const calls: Record<string, typeof append | undefined> = { append, insert, update }
  for (const { op, t, d, error } of ops) {
    const call = calls[op]
    if (error === "unsupported") expect(call).toBeUndefined()
    else if (error === undefined) call?.(golden, t, d, { root })
    else expect(() => call?.(golden, t, d, { root })).toThrow(expect.objectContaining({ refusal: error }))
  }
  expect(contentOf(root)).toEqual(contentOf(`${folder}/expected_tsdir`))
  expect(Buffer.concat([...dump({ root, series: golden })]).toString()).toBe(readFileSync(`${folder}/dump_all.txt`, "utf8"))
})

test("nothing that deletes lines exists", () => {
  expect(Object.keys(store).filter((name) => /delete|remove/i.test(name))).toEqual([])
})

describe("a line that a crash left without its end", () => {
  const at = "SIL/NaI/2004/01/01/app_1"

  test("is ended before the next one is appended", () => {
    const root = treeOf({ [at]: "2004-01-01 06:01:00|1\n2004-01-01 06:02:00|2" })
    append(series, "2004-01-01 06:03:00", "3", { root })
    expect(contentOf(root)[at]).toBe("2004-01-01 06:01:00|1\n2004-01-01 06:02:00|2\n2004-01-01 06:03:00|3\n")
  })

  test("is ended as well when its time is cut", () => {
    const root = treeOf({ [at]: "2004-01-01 06:01:00|1\n2004-01-01 06:0" })
    append(series, "2004-01-01 06:03:00", "3", { root })
    insert(series, "2004-01-01 06:02:00", "2", { root })
    expect(contentOf(root)[at]).toBe("2004-01-01 06:01:00|1\n2004-01-01 06:0\n2004-01-01 06:02:00|2\n2004-01-01 06:03:00|3\n")
    expect(
      Buffer.concat([...dump({ root, series })])
        .toString()
        .split("\n").length,
    ).toBe(4)
  })
})

test("append finds the last line behind data longer than its first look", () => {
  const root = emptyRoot()
  append(series, "2004-01-01 06:01:00", "x".repeat(9000), { root })
  expect(() => append(series, "2004-01-01 06:01:00", "y", { root })).toThrow("exists")
  append(series, "2004-01-01 06:01:01", "y", { root })
  expect(Buffer.concat([...dump({ root, series })]).length).toBe(21 + 9000 + 22)
})

test("append finds the last line behind long lines without a time", () => {
  const root = treeOf({ "SIL/NaI/2004/01/01/app_1": `2004-01-01 06:01:00|1\n${"junk\n".repeat(3000)}` })
  expect(() => append(series, "2004-01-01 06:00:00", "0", { root })).toThrow("out-of-order")
})

test("insert puts a line of equal time behind its equals, if that is allowed", () => {
  const root = emptyRoot()
  append(series, "2004-01-01 06:01:00", "1", { root })
  append(series, "2004-01-01 06:02:00", "2", { root })
  expect(() => insert(series, "2004-01-01 06:01:00", "1b", { root })).toThrow("exists")
  insert(series, "2004-01-01 06:01:00", "1b", { root, allowDuplicate: true })
  update(series, "2004-01-01 06:01:00", "1c", { root })
  expect(Object.values(contentOf(root))).toEqual(["2004-01-01 06:01:00|1\n2004-01-01 06:01:00|1c\n2004-01-01 06:02:00|2\n"])
})

test("update keeps the bytes of every other line, and the fraction and line end of its own", () => {
  const root = treeOf({
    "SIL/NaI/2004/01/01/app_1": Buffer.from("2004-01-01 06:01:00|21\xb0C\r\n\njunk\n2004-01-01T06:02:00.50|a|b\r\n", "latin1"),
  })
  update(series, "2004-01-01 06:02:00.5", "", { root })
  const bytes = readFileSync(join(root, "SIL/NaI/2004/01/01/app_1"))
  expect(bytes.toString("latin1")).toBe("2004-01-01 06:01:00|21\xb0C\r\n\njunk\n2004-01-01T06:02:00.50|\r\n")
})

test("names that could leave the root are refused", () => {
  const root = emptyRoot()
  for (const id of ["../x", "..", "a/b", "a\\b", "/etc", "", "a b", "-x", "ä", "a\u0000", "x".repeat(241)]) {
    expect(() => append({ ...series, id }, "2004-01-01 06:01:00", "1", { root })).toThrow("bad-name")
    expect(() => append({ ...series, net: id }, "2004-01-01 06:01:00", "1", { root })).toThrow("bad-name")
  }
  expect(readdirSync(root)).toEqual([])
  for (const net of ["..", ".", "a/b", "a\\b", "/etc", ""]) {
    expect(() => [...dump({ root, series: { ...series, net } })]).toThrow("is no name of a file")
  }
})

test("a tree of a file a month is never written to", () => {
  const root = treeOf({ "SIL/NaI/2004/04/app_1": "2004-04-29 00:00:00|1\n" })
  expect(() => append(series, "2004-04-30 00:00:00", "2", { root })).toThrow("month-file")
})

test("the root is TSDIR where that is set", () => {
  const root = emptyRoot()
  const before = process.env.TSDIR
  process.env.TSDIR = root
  try {
    append(series, "2004-01-01 06:01:00", "1")
  } finally {
    if (before === undefined) delete process.env.TSDIR
    else process.env.TSDIR = before
  }
  expect(Object.keys(contentOf(root))).toEqual(["SIL/NaI/2004/01/01/app_1"])
})

describe("an import", () => {
  const bytesOf = (text: string) => [Buffer.from(text)]

  test("sorts, groups by day and merges with what is there", async () => {
    const root = treeOf({ "SIL/NaI/2004/01/01/app_1": "2004-01-01 00:00:02|old\njunk\n2004-01-01 00:00:09|9" })
    const text = "2004-01-02 00:00:00|next\n2004-01-01 00:00:05|5\nbad\n2004-01-01T00:00:02|new\r\n2004-01-01 00:00:01.5|1"
    const told: number[] = []
    const result = await importLines(series, bytesOf(text), { root, warn: ({ line }) => told.push(line) })
    expect(result).toEqual({ lines: 4, days: 2, same: 0, bad: 1 })
    expect(told).toEqual([3])
    expect(contentOf(root)).toEqual({
      "SIL/NaI/2004/01/01/app_1":
        "2004-01-01 00:00:01.5|1\n2004-01-01 00:00:02|old\njunk\n2004-01-01 00:00:02|new\n2004-01-01 00:00:05|5\n2004-01-01 00:00:09|9\n",
      "SIL/NaI/2004/01/02/app_1": "2004-01-02 00:00:00|next\n",
    })
    expect(await importLines(series, bytesOf(text), { root })).toEqual({ lines: 0, days: 0, same: 4, bad: 1 })
  })

  test("gives the same tree when its lines do not fit into memory, whatever the pieces", { tags: "slow" }, async () => {
    const line = fc.record({ second: fc.integer({ min: 0, max: 4 * 86_400 }), data: fc.string({ maxLength: 12 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 60 }), fc.integer({ min: 1, max: 50 }), async (lines, size) => {
        const texts = lines.map(({ second, data }) => {
          const time = new Date(Date.UTC(2004, 0, 1) + second * 1000).toISOString().slice(0, 19).replace("T", " ")
          return `${time}|${data.replace(/[\r\n\0]/g, "_")}\n`
        })
        const bytes = Buffer.from(texts.join(""))
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
        const [one, two] = [emptyRoot(), emptyRoot()]
        await importLines(series, [bytes], { root: one })
        await importLines(series, pieces, { root: two, memory: 100 })
        expect(contentOf(two)).toEqual(contentOf(one))
        const sorted = texts
          .map((text, i) => ({ text, i }))
          .sort((a, b) => a.text.slice(0, 19).localeCompare(b.text.slice(0, 19)) || a.i - b.i)
        if (lines.length > 0) {
          expect(Buffer.concat([...dump({ root: one, series })]).toString()).toBe(sorted.map(({ text }) => text).join(""))
        }
      }),
      { numRuns: 40 },
    )
  })
})

test("a reader leaves out a line without its end if asked to, and says so of it else", () => {
  const root = treeOf({ "SIL/NaI/2004/01/01/app_1": "2004-01-01 00:00:00|12.5\n2004-01-01 00:00:01|12." })
  const told: TreeWarning[] = []
  const text = (endedOnly: boolean) => Buffer.concat([...dump({ root, series, endedOnly, warn: (each) => told.push(each) })]).toString()
  expect(text(true)).toBe("2004-01-01 00:00:00|12.5\n")
  expect(told).toEqual([])
  expect(text(false)).toBe("2004-01-01 00:00:00|12.5\n2004-01-01 00:00:01|12.\n")
  expect(told).toMatchObject([{ kind: "no-line-end", severity: "note", line: 2 }])
})

test("a reader beside a writer never sees part of a line, wherever a write is cut", () => {
  const root = emptyRoot()
  const path = join(root, "SIL/NaI/2004/01/01/app_1")
  mkdirSync(dirname(path), { recursive: true })
  appendFileSync(path, "")
  let whole = ""
  for (let i = 0; i < 9; i++) {
    const line = `2004-01-01 00:00:0${i}|value ${i}\n`
    for (const byte of line) {
      const seen = Buffer.concat([...dump({ root, series, endedOnly: true })]).toString()
      expect(seen).toBe(whole)
      appendFileSync(path, byte)
    }
    whole += line
  }
})
