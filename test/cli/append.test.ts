import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { btsf, open } from "../../host/index.js"
import { fieldlog } from "./command.js"

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "fieldlog-append-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Rows of one channel as a CSV file. */
function csv(path: string, from: number): void {
  const rows = Array.from({ length: 10 }, (_, i) => `${from + i},${from * 10 + i}`)
  writeFileSync(path, `time [s],speed [km/h]\n${rows.join("\n")}\n`)
}

async function speeds(path: string): Promise<number[]> {
  const log = await open(path)
  const values: number[] = []
  for await (const { columns } of log.chunks()) values.push(...(columns[0] as Float64Array))
  expect(log.issues.filter(({ severity }) => severity === "error")).toEqual([])
  await log.close()
  return values
}

const upTo = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i)

test.each(["met", "ddff"])(
  "convert --append makes a .%s log, goes on in it, and overwrites nothing",
  async (ending) => {
    const at = folder()
    const log = join(at, `run.${ending}`)
    const [first, second] = [join(at, "a.csv"), join(at, "b.csv")]
    csv(first, 0)
    csv(second, 100)
    expect((await fieldlog(["convert", first, "-o", log, "--append"])).code).toBe(0)
    expect(await fieldlog(["convert", second, "-o", log, "--append"])).toMatchObject({ code: 0, err: "" })
    expect(await speeds(log)).toEqual([...upTo(10), ...upTo(10, 1000)])
  },
  60_000,
)

test("convert --append refuses a ddff file torn by a crash, and leaves it as it is", async () => {
  const at = folder()
  const [log, rows] = [join(at, "run.ddff"), join(at, "a.csv")]
  copyFileSync("test/golden/ddff/cpp_tagged_fixed_128/file.ddff", log)
  truncateSync(log, 2000)
  const torn = readFileSync(log)
  csv(rows, 0)
  const ran = await fieldlog(["convert", rows, "-o", log, "--append"])
  expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("recover it, then append") })
  expect(readFileSync(log).equals(torn)).toBe(true)
}, 60_000)

test("convert --append never takes the log itself as input, and says what cannot be appended to", async () => {
  const at = folder()
  const [log, rows, table] = [join(at, "run.met"), join(at, "a.csv"), join(at, "run.btsf")]
  csv(rows, 0)
  copyFileSync("test/golden/meteor/r01-basic/input.met", log)
  copyFileSync("test/golden/meteor/r01-basic/spec.json", join(at, "run.spec.json"))
  writeFileSync(table, btsf.composeHeader({ metrics: [{ identifier: "time", code: "d", isTime: true }] }).bytes)
  const before = readFileSync(log)
  expect((await fieldlog(["convert", log, "-o", log, "--append"])).code).not.toBe(0)
  expect(readFileSync(log).equals(before)).toBe(true)
  const ran = await fieldlog(["convert", rows, "-o", table, "--append"])
  expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("cannot be appended to") })
}, 60_000)

test("convert --to-spec writes by a given specification", async () => {
  const at = folder()
  const [log, rows, spec] = [join(at, "run.met"), join(at, "a.csv"), join(at, "mine.json")]
  csv(rows, 0)
  const topics = [{ id: 77, key: "speed", length: 4, data: { type: "unsigned-number", divisor: 2 } }]
  writeFileSync(spec, JSON.stringify({ topics, composites: [] }))
  expect(await fieldlog(["convert", rows, "-o", log, "--to-spec", spec])).toMatchObject({ code: 0 })
  expect([...readFileSync(log).subarray(-22)]).toEqual([0, 0, 31, 64, 1, 77, 4, 16, 0, 0, 0, 0, 0, 35, 40, 1, 77, 4, 18, 0, 0, 0])
}, 60_000)
