import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { fieldlog, SHELL_COMMAND, shell } from "./command.js"

const GOLDEN = join(import.meta.dirname, "../golden/btsf/one_double/file.btsf")
let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-test-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe("pipes", () => {
  test("standard input is a log like any other", async () => {
    const input = readFileSync(GOLDEN)
    const piped = await fieldlog(["cat", "-"], { input, env: { TMPDIR: folder } })
    const plain = await fieldlog(["cat", GOLDEN])
    expect(piped.code).toBe(0)
    expect(piped.out.replaceAll('"group":"stdin"', '"group":"file"')).toBe(plain.out)
    expect(readdirSync(folder)).toEqual([])
  })

  test("a process substitution is a log too", async () => {
    const ran = await shell(`${SHELL_COMMAND} info <(cat '${GOLDEN}')`)
    expect(ran.code).toBe(0)
    expect(ran.out).toContain("btsf")
  })

  test("a reader that goes away is a quiet success", async () => {
    const ran = await shell(`for i in 1 2 3; do ${SHELL_COMMAND} cat '${GOLDEN}'; echo "code $?" >&2; done | true`)
    expect(ran.err.trim().split("\n")).toEqual(["code 0", "code 0", "code 0"])
  })

  test("convert to standard output writes text and nothing else", async () => {
    const ran = await fieldlog(["convert", GOLDEN, "-o", "-", "--to", "csv"])
    expect(ran.code).toBe(0)
    expect(ran.out.split("\n")[0]).toContain("tick,v")
  })

  test("all of standard output is the document, with --json", async () => {
    const ran = await fieldlog(["stats", GOLDEN, "--json"])
    expect(JSON.parse(ran.out)).toMatchObject({ schemaVersion: 1 })
    expect(ran.err).toBe("")
  })
})
