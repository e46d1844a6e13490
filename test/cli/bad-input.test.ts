import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { fieldlog } from "./command.js"

const GOLDEN = join(import.meta.dirname, "../golden/btsf/one_double/file.btsf")
let folder = ""

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-test-"))
  writeFileSync(join(folder, "run.btsf"), readFileSync(GOLDEN))
  writeFileSync(join(folder, "text.txt"), "this is no log\n".repeat(100))
  writeFileSync(join(folder, "empty.met"), "")
  mkdirSync(join(folder, "nothing"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const here = (name: string) => join(folder, name)

/** One or two lines, no stack trace. */
function isOneComplaint(err: string): void {
  expect(err).toMatch(/^fieldlog: /)
  expect(err.trimEnd().split("\n").length).toBeLessThanOrEqual(2)
  expect(err).not.toMatch(/\n\s+at /)
}

describe("bad input ends with one clear message", () => {
  test.each([
    ["a missing file", ["info", "nowhere.met"], 1, "no such file"],
    ["a file that is no log", ["info", "text.txt"], 1, "none of the known formats"],
    ["an empty file", ["info", "empty.met"], 1, "is empty"],
    ["a folder without logs", ["info", "nothing"], 1, "a folder without logs"],
    ["a missing file below a file", ["stats", "run.btsf/x"], 1, "no such file"],
    ["an unknown channel", ["stats", "run.btsf", "-c", "vlaue"], 2, "no channel"],
    ["an unknown format", ["info", "run.btsf", "--format", "btfs"], 2, "did you mean btsf"],
    ["a time that is none", ["cat", "run.btsf", "--start", "soon"], 2, "not a time"],
    ["an unknown option", ["info", "run.btsf", "--jsno"], 2, "--json"],
    ["an unknown command", ["inof", "run.btsf"], 2, "info"],
    ["a missing argument", ["stats"], 2, "missing required argument"],
    ["a missing output", ["convert", "run.btsf"], 2, "--output"],
    ["an output of unknown kind", ["convert", "run.btsf", "-o", "run.xyz"], 2, "nothing is written as .xyz"],
    ["a misspelt target", ["convert", "run.btsf", "-o", "x", "--to", "cvs"], 2, "did you mean csv"],
    ["a specification that is no JSON", ["info", "run.btsf", "--spec", "text.txt"], 1, "not JSON"],
    ["a count that is none", ["stats", "run.btsf", "--buckets", "0"], 2, "whole number"],
  ])("%s", async (_, args, code, text) => {
    const ran = await fieldlog(args, { cwd: folder })
    expect(ran.err).toContain(text)
    expect(ran.code).toBe(code)
    expect(ran.out).toBe("")
    isOneComplaint(ran.err)
  })

  test("with --json the error is a JSON object on standard error", async () => {
    const ran = await fieldlog(["info", "--json", "nowhere.met"], { cwd: folder })
    expect(ran.code).toBe(1)
    expect(ran.out).toBe("")
    expect(JSON.parse(ran.err)).toEqual({ schemaVersion: 1, error: { exit: 1, message: "no such file", path: "nowhere.met" } })
  })

  test("wrong usage is told as JSON too", async () => {
    const ran = await fieldlog(["stats", "run.btsf", "--json", "-c", "nothing"], { cwd: folder })
    expect(JSON.parse(ran.err).error).toMatchObject({ exit: 2 })
    const option = await fieldlog(["stats", "run.btsf", "--json", "--nonsense"], { cwd: folder })
    expect(JSON.parse(option.err).error).toMatchObject({ exit: 2, message: "unknown option '--nonsense'" })
  })

  test("--debug shows where an error comes from", async () => {
    const ran = await fieldlog(["info", "nowhere.met", "--debug"], { cwd: folder })
    expect(ran.err).toMatch(/\n\s+at /)
  })

  test("the other inputs still come, and the worst end counts", async () => {
    const ran = await fieldlog(["info", "nowhere.met", "run.btsf"], { cwd: folder })
    expect(ran.code).toBe(1)
    expect(ran.out).toContain("run.btsf")
    isOneComplaint(ran.err)
  })

  test("a truncated log is read as far as it goes, exit 3", async () => {
    writeFileSync(here("cut.btsf"), readFileSync(GOLDEN))
    truncateSync(here("cut.btsf"), readFileSync(GOLDEN).length - 3)
    const ran = await fieldlog(["info", "cut.btsf"], { cwd: folder })
    expect(ran.out).toContain("damage")
    expect(ran.code).toBe(3)
  })
})

describe("nothing is half-written", () => {
  test("a failing conversion leaves no file", async () => {
    const before = readdirSync(folder)
    const ran = await fieldlog(["convert", "run.btsf", "-o", "new.csv", "-c", "nothing"], { cwd: folder })
    expect(ran.code).toBe(2)
    expect(readdirSync(folder)).toEqual(before)
  })

  test("an existing output needs --force", async () => {
    writeFileSync(here("old.csv"), "mine")
    const refused = await fieldlog(["convert", "run.btsf", "-o", "old.csv"], { cwd: folder })
    expect(refused.code).toBe(2)
    expect(refused.err).toContain("--force")
    expect(readFileSync(here("old.csv"), "utf8")).toBe("mine")
    const forced = await fieldlog(["convert", "run.btsf", "-o", "old.csv", "--force"], { cwd: folder })
    expect(forced.code).toBe(0)
    expect(readFileSync(here("old.csv"), "utf8")).toContain("tick,v")
  })

  test.each(["run.btsf", "./nothing/../run.btsf"])("an input is never overwritten, not as %s", async (output) => {
    const ran = await fieldlog(["convert", "run.btsf", "-o", output, "--to", "csv", "--force"], { cwd: folder })
    expect(ran.code).toBe(2)
    expect(ran.err).toContain("never overwritten")
    expect(readFileSync(here("run.btsf"))).toEqual(readFileSync(GOLDEN))
  })

  test("an output in a folder that cannot be made is one message", async () => {
    const ran = await fieldlog(["convert", "run.btsf", "-o", "run.btsf/x.csv"], { cwd: folder })
    expect(ran.code).toBe(2)
    isOneComplaint(ran.err)
    expect(existsSync(here("run.btsf/x.csv"))).toBe(false)
  })
})
