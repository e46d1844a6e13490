import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { convert, open, recover } from "../../host/index.js"
import { fieldlog } from "./command.js"

/** Where outputs go, and how many logs a name means. */

const root = mkdtempSync(join(tmpdir(), "fieldlog-places-"))
let folder = ""
let n = 0
const at = (name: string) => join(folder, name)
const golden = (name: string) => `test/golden/meteor/${name}/input.met`

beforeEach(() => {
  folder = join(root, `${n++}`)
  mkdirSync(at("logs/a"), { recursive: true })
  copyFileSync(golden("r01-basic"), at("logs/a/run.met"))
  copyFileSync(golden("h01-unsigned-all-widths"), at("logs/run.met"))
  writeFileSync(at("file"), "something else")
})
afterAll(() => rmSync(root, { recursive: true }))

describe("a folder of logs", () => {
  test("becomes a folder that is made, with a file for each under a name of its own", async () => {
    const { code, err } = await fieldlog(["convert", at("logs"), "-o", `${at("out/of/logs")}/`, "--to", "csv"])
    expect([code, readdirSync(at("out/of/logs"))]).toEqual([0, ["run-2.csv", "run.csv"]])
    expect(err).toContain(`${at("logs/a/run.met")}: written as ${at("out/of/logs/run.csv")}`)
  })

  test("never loses a log that is still to be read, also with --force", async () => {
    const before = [readFileSync(at("logs/run.met")), readFileSync(at("logs/a/run.met"))]
    const { code, err } = await fieldlog(["convert", at("logs"), "-o", `${at("logs")}/`, "--to", "meteor", "--force"])
    expect([code, err]).toEqual([2, expect.stringContaining(`${at("logs/run.met")}: is an input and is never overwritten`)])
    expect([readFileSync(at("logs/run.met")), readFileSync(at("logs/a/run.met"))]).toEqual(before)
  })

  test("is not put into one file without an extension", async () => {
    const { code, err } = await fieldlog(["convert", at("logs"), "-o", at("out"), "--to", "csv"])
    expect([code, existsSync(at("out"))]).toEqual([2, false])
    expect(err).toBe(
      `fieldlog: ${at("out")}: has no extension, and 2 logs are to be written\n  -o ${at("out")}/ writes a file for each, -o ${at("out")}.csv one with all of them side by side\n`,
    )
    // Of one log it is clear.
    expect((await fieldlog(["convert", at("logs/run.met"), "-o", at("out"), "--to", "csv"])).code).toBe(0)
  })

  test("tells how many logs it has", async () => {
    expect((await fieldlog(["info", at("logs")])).out).toMatch(new RegExp(`\n\n${at("logs")}: 2 logs, each a recording of its own\n$`))
    const { found } = JSON.parse((await fieldlog(["info", "--json", at("logs"), at("logs/run.met")])).out) as { found: unknown }
    expect(found).toEqual([
      { name: at("logs"), files: 2, recordings: 2 },
      { name: at("logs/run.met"), files: 1, recordings: 1 },
    ])
    expect((await fieldlog(["info", at("logs/run.met")])).out).not.toContain("recording")
  })
})

test.each([
  ["convert", ["convert", "LOG", "-o", "file/", "--to", "csv"]],
  ["convert below it", ["convert", "LOG", "-o", "file/x.csv"]],
  ["convert deep below it", ["convert", "LOG", "-o", "file/x/y/z.csv"]],
  ["convert to a tree", ["convert", "LOG", "-o", "file/", "--to", "libarray"]],
  ["convert behind an end", ["convert", "LOG", "-o", "file/x.met", "--append"]],
  ["recover", ["recover", "LOG", "-o", "file/x.met"]],
  ["recover of a folder", ["recover", "LOGS", "-o", "file"]],
  ["the report of recover", ["recover", "LOG", "-o", "x.met", "--report", "file/x.json"]],
  ["extract", ["extract", "LOG", "-o", "file/x.met", "--start", "0"]],
  ["plot", ["plot", "LOG", "-o", "file/x.svg"]],
  ["dataset add", ["dataset", "add", "file", "LOG"]],
])("%s says in a sentence that a file stands where a folder is needed", async (_, args) => {
  const named = args.map((arg) =>
    arg === "LOG" ? at("logs/run.met") : arg === "LOGS" ? at("logs") : /^(file|x)\b/.test(arg) ? at(arg) : arg,
  )
  const { code, err } = await fieldlog(named)
  expect([code, err]).toEqual([2, expect.stringMatching(/file\/?: is a file, expected a folder for the output/)])
  expect(err).not.toMatch(/ENO|EEX|\bstat\b|internal/)
  expect(readFileSync(at("file"), "utf8")).toBe("something else")
})

test("a name that is too long is told, by the command and by the library", async () => {
  const name = `${"x".repeat(300)}.csv`
  const { code, err } = await fieldlog(["convert", at("logs/run.met"), "-o", at(name)])
  expect([code, err]).toEqual([2, expect.stringContaining("has a name of 304 bytes, file systems take 255")])
  const log = await open(at("logs/run.met"))
  await expect(convert(log, at(name))).rejects.toMatchObject({ name: "UsageError" })
  await expect(convert(log, at("file/x.csv"))).rejects.toMatchObject({ name: "UsageError" })
  await expect(recover(at("logs/run.met"), at("file/x.met"))).rejects.toMatchObject({ name: "UsageError" })
  await log.close()
})
