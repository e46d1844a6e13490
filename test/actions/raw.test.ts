import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { convert, type Log, open, stats, targets } from "../../host/index.js"
import { fieldlog } from "../cli/command.js"

let folder = ""
let log: Log
const at = (name: string) => join(folder, name)
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-raw-"))
  log = await open("examples/lap.met")
})
afterAll(async () => {
  await log.close()
  rmSync(folder, { recursive: true })
})

test.each(
  targets()
    .filter(({ calibrated, folder: isFolder }) => calibrated !== true && isFolder !== true)
    .map(({ name, extensions }) => [name, extensions[0] as string] as const),
)("%s gets stored values without their units when it is asked for raw", async (name, extension) => {
  const losses = await convert(log, at(`${name}${extension}`), { to: name, options: { raw: true } })
  expect(losses).toContainEqual({ kind: "form", count: 19, text: "19 units left out: the values are as stored, not calibrated" })
})

test.each([".jls", ".csv", ".parquet"])("what comes back from %s is what was stored", async (extension) => {
  await convert(log, at(`back${extension}`), { options: { raw: true }, force: true })
  const again = await open(at(`back${extension}`))
  const found = (await stats(again)).find(({ channel }) => channel === "throttle-position")
  expect(found).toMatchObject({ unit: "", max: 4095 })
  await again.close()
})

test("Parquet's notes say how the values are computed", async () => {
  await convert(log, at("notes.parquet"), { options: { raw: true, codec: "none" } })
  const bytes = readFileSync(at("notes.parquet"), "latin1")
  expect(bytes).toContain("(stored + 0) / 4095 * 100")
})

test("cat --raw has no units either, and a log in its own format keeps its calibration", async () => {
  const { out } = await fieldlog(["cat", "--raw", "--as", "csv", "examples/lap.met", "-c", "speed"])
  expect(out.split("\n").slice(0, 2)).toEqual(["time [s],speed", "0.006,4336"])
  await convert(log, at("raw.met"), { options: { raw: true } })
  expect(readFileSync(at("raw.met")).equals(readFileSync("examples/lap.met"))).toBe(true)
})
