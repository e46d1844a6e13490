import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { fieldlog } from "./command.js"

const DAMAGED = join(import.meta.dirname, "../golden/meteor/h36-corrupt-middle/input.met")
const WHY = "61 bytes are no frames"

/** Every command that reads the values or the structure of a log, on a damaged one. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  info: [DAMAGED],
  stats: [DAMAGED],
  "stats --buckets": [DAMAGED, "--buckets", "2"],
  cat: [DAMAGED],
  convert: [DAMAGED, "-o", "out.csv"],
  extract: [DAMAGED, "-o", "out.met", "--start", "0"],
  plot: [DAMAGED],
  check: [DAMAGED],
  recover: [DAMAGED, "-o", "out.met"],
  "dataset add": ["season", DAMAGED],
}
const WITHOUT_JSON = ["cat", "plot"]

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "fieldlog-exit-"))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

describe("a command that ends with 3 says why on standard error", () => {
  test.each(Object.entries(COMMANDS))("%s", async (name, args) => {
    const { code, err } = await fieldlog([...name.split(" ").filter((word) => !word.startsWith("-")), ...args], { cwd: folder() })
    expect(code).toBe(3)
    expect(err.split("\n").filter((line) => line.includes(WHY))).toHaveLength(1)
  })

  const withJson = Object.entries(COMMANDS).filter(([name]) => !WITHOUT_JSON.includes(name))
  test.each(withJson)("%s --json, as one JSON object", async (name, args) => {
    const words = name.split(" ").filter((word) => !word.startsWith("-"))
    const { code, out, err } = await fieldlog([...words, "--json", ...args], { cwd: folder() })
    expect(code).toBe(3)
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1 })
    const { schemaVersion, error } = JSON.parse(err) as { schemaVersion: number; error: { exit: number; message: string } }
    expect({ schemaVersion, exit: error.exit }).toEqual({ schemaVersion: 1, exit: 3 })
    expect(error.message).toContain(WHY)
  })
})

test.each([["cat"], ["stats"], ["plot", "-o", "empty.svg"], ["convert", "-o", "empty.csv"]])(
  "%s says on standard error that no row lies in a part",
  async (command, ...more) => {
    const folder = mkdtempSync(join(tmpdir(), "fieldlog-test-"))
    const log = join(import.meta.dirname, "../golden/meteor/h07-composite-basic/input.met")
    const ran = await fieldlog([command, log, "--start", "100000", ...more], { cwd: folder })
    rmSync(folder, { recursive: true })
    expect(ran.code).toBe(0)
    expect(ran.err).toMatch(/no-rows: no (row|value) lies in the part that was asked for/)
  },
)
