import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { composeHeader } from "../../host/formats/btsf/compose.js"
import { fieldlog } from "./command.js"

// A libarray tree counts a wall clock from 1970, a btsf file whatever its time metric counts. Joined, each keeps its own ticks.
const folder = mkdtempSync(join(tmpdir(), "naive-clock-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tree = join(folder, "tree")
const us = join(folder, "us.btsf")
const ms = join(folder, "ms.btsf")
const PLACE = "N/M/k"
const ORDERS = [
  [us, tree],
  [tree, us],
  [us, ms, tree],
  [us, tree, ms],
  [tree, ms, us],
]

beforeAll(() => {
  const month = join(tree, "N/M/1970/01/01")
  mkdirSync(month, { recursive: true })
  writeFileSync(join(month, "k"), [1, 2, 3, 4].map((second) => `1970-01-01 00:00:0${second}|${second + 4}\n`).join(""))
  writeFileSync(us, timedFile("us", 1_000_000n))
  writeFileSync(ms, timedFile("ms", 1000n))
})

/** Rows at 1, 2, 3 and 4 s. */
function timedFile(unit: string, perSecond: bigint): Uint8Array {
  const metrics = [
    { identifier: "time", code: "q", unit, isTime: true },
    { identifier: "x", code: "f", unit: "V" },
  ] as const
  const { bytes, structSize } = composeHeader({ metrics, byteOrder: "<", padTo: 8, sections: [] })
  const rows = Buffer.alloc(structSize * 4)
  for (let i = 0; i < 4; i++) {
    rows.writeBigInt64LE(BigInt(i + 1) * perSecond, i * structSize)
    rows.writeFloatLE(i, i * structSize + 8)
  }
  return Buffer.concat([bytes, rows])
}

interface Row {
  readonly group: string
  readonly tick: number | string
  readonly time: number
}

async function converted(inputs: readonly string[], ...options: string[]): Promise<Row[]> {
  const { code, out, err } = await fieldlog(["convert", ...inputs, "-o", "-", "--to", "ndjson", ...options])
  expect(code, err).toBe(0)
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
}

const ticksOf = (rows: readonly Row[], group: string) => rows.filter((row) => row.group === group).map(({ tick }) => tick)

describe("logs with a naive clock among others", () => {
  test("are joined in any order with the ticks of each file", { timeout: 120_000 }, async () => {
    for (const inputs of ORDERS) {
      const rows = await converted(inputs)
      expect(ticksOf(rows, "us"), inputs.join(" ")).toEqual([1000000, 2000000, 3000000, 4000000])
      expect(ticksOf(rows, PLACE)).toEqual([1, 2, 3, 4].map((second) => `1970-01-01 00:00:0${second}`))
      if (inputs.includes(ms)) expect(ticksOf(rows, "ms")).toEqual([1000, 2000, 3000, 4000])
    }
  })

  test("--start means the same instant in any order, in NDJSON and in CSV", { timeout: 120_000 }, async () => {
    for (const inputs of ORDERS) {
      const rows = await converted(inputs, "--start", "2")
      // From the first row, which stands at 1 s.
      expect([...new Set(rows.map(({ time }) => time))], inputs.join(" ")).toEqual([3, 4])
      expect(rows).toHaveLength(2 * inputs.length)
      const csv = await fieldlog(["convert", ...inputs, "-o", "-", "--to", "csv", "--start", "2"])
      const lines = csv.out.trim().split("\n")
      expect(csv.code, csv.err).toBe(0)
      expect(lines.slice(1).map((line) => Number(line.split(",")[0]))).toEqual([3, 4])
    }
  })

  test("--start counts from the first row of the tree alone, and from second 0 of the file alone", { timeout: 60_000 }, async () => {
    const counts = async (input: string) => {
      const { code, out, err } = await fieldlog(["stats", input, "--start", "2", "--json"])
      expect(code, err).toBe(0)
      return JSON.parse(out).channels.map(({ count }: { count: number }) => count)
    }
    expect(await counts(tree)).toEqual([2])
    expect(await counts(us)).toEqual([3, 3])

    const part = join(folder, "part")
    const extracted = await fieldlog(["extract", tree, "-o", part, "--start", "2"])
    expect(extracted.code, extracted.err).toBe(0)
    expect(ticksOf(await converted([part]), PLACE)).toEqual(["1970-01-01 00:00:03", "1970-01-01 00:00:04"])
  })

  test("info shows the tree's ticks as dates and no start", { timeout: 60_000 }, async () => {
    const { out } = await fieldlog(["info", tree, "--json"])
    const [log] = JSON.parse(out).logs ?? [JSON.parse(out)]
    expect(log.start).toBeNull()
    expect(log.groups[0]).toMatchObject({ first: "1970-01-01 00:00:01", last: "1970-01-01 00:00:04", time: { naive: true } })
  })
})
