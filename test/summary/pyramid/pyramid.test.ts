import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { convert, open, Pyramid, windowOf } from "../../../host/index.js"
import type { Log } from "../../../host/model/log.js"
import { rowTimes } from "../../../host/model/time.js"
import { physicalColumn } from "../../../host/model/values.js"
import { roundedDown, roundedUp } from "../../../host/summary/pyramid/levels.js"
import { Random } from "../../generate/random.js"

const ROWS = 60_000
const SPIKE = { row: 41_777, value: 900 }
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-pyramid-"))
  const rows = ["time (s),level (V),count"]
  for (let i = 0; i < ROWS; i++) {
    const time = ((i + (i > 20_000 ? 5000 : 0)) / 100).toFixed(2)
    const level = i === SPIKE.row ? SPIKE.value : i % 1000 === 7 ? "" : Math.round(Math.sin(i / 300) * 100)
    rows.push(`${time},${level},${i % 50}`)
  }
  writeFileSync(join(folder, "run.csv"), `${rows.join("\n")}\n`)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The log in another format. */
async function written(target: string): Promise<Log> {
  const path = join(folder, `run.${target === "meteor" ? "met" : target}`)
  const csv = await open(join(folder, "run.csv"))
  await convert(csv, path, { to: target, force: true })
  await csv.close()
  return open(path)
}

/** Extremes of a channel's values with `from <= time < to`, by a plain loop. */
function extremes({ times, values }: Column, from: number, to: number): { min: number; max: number; count: number } {
  const found = { min: Number.NaN, max: Number.NaN, count: 0 }
  for (const [i, time] of times.entries()) {
    const value = values[i] as number
    if (time < from || time >= to || Number.isNaN(value)) continue
    if (!(found.min <= value)) found.min = value
    if (!(found.max >= value)) found.max = value
    found.count++
  }
  return found
}

interface Column {
  times: number[]
  values: number[]
}

async function columnOf(log: Log, g: number, c: number): Promise<Column> {
  const [times, values]: [number[], number[]] = [[], []]
  const group = log.groups[g] as Log["groups"][number]
  for await (const chunk of log.chunks({ groups: [g] })) {
    times.push(...rowTimes(group, chunk))
    const { calibration = null } = group.channels[c] ?? {}
    values.push(...(physicalColumn(chunk.columns[c] as Float64Array, calibration, chunk.missing[c] ?? null) ?? []))
  }
  return { times, values }
}

describe("the pyramid of a log", () => {
  test.each(["meteor", "ddff", "btsf", "jls", "libarray", "csv"])(
    "never hides a spike, nor shows it beside its place: %s",
    async (format) => {
      const log = format === "csv" ? await open(join(folder, "run.csv")) : await written(format)
      const pyramid = new Pyramid()
      await pyramid.fill(log)
      const places = log.groups.flatMap(({ channels }, g) => channels.map(({ name }, c) => ({ name, g, c })))
      const { g, c } = places.find(({ name }) => /level/.test(name)) ?? { g: 0, c: 0 }
      const column = await columnOf(log, g, c)
      expect(Math.max(...column.values.filter((value) => !Number.isNaN(value)))).toBe(SPIKE.value)
      const [begin, end] = [column.times[0] as number, column.times.at(-1) as number]
      const random = new Random(7)
      const next = () => random.next()
      for (let n = 0; n < (format === "csv" ? 20 : 200); n++) {
        const length = (end - begin) * next() ** 3
        const from = begin + (end - begin - length) * next()
        const window = { from, to: from + length, buckets: 1 + Math.floor(next() * 300) }
        const found = (await windowOf(log, pyramid, g, window))[c]
        const want = extremes(column, window.from, window.to)
        const there = (values: ArrayLike<number> | undefined) => Array.from(values ?? []).filter((value) => !Number.isNaN(value))
        const place = `${n}: ${JSON.stringify(window)}`
        expect(Math.min(Number.POSITIVE_INFINITY, ...there(found?.min)), place).toBe(want.count === 0 ? Number.POSITIVE_INFINITY : want.min)
        expect(Math.max(Number.NEGATIVE_INFINITY, ...there(found?.max)), place).toBe(want.count === 0 ? Number.NEGATIVE_INFINITY : want.max)
        expect(there(found?.max).filter((value) => value === SPIKE.value).length, place).toBeLessThanOrEqual(1)
        if (format !== "jls")
          expect(
            there(found?.count).reduce((sum, count) => sum + count, 0),
            place,
          ).toBe(want.count)
      }
      await log.close()
    },
  )

  test("takes at most 3 % of the file, and is read while it grows", async () => {
    const log = await written("meteor")
    const pyramid = new Pyramid()
    const seen: number[] = []
    const rows = () => pyramid.groups.reduce((sum, group) => sum + group.rows, 0)
    await pyramid.fill(log, { grown: () => void seen.push(rows()) })
    expect(pyramid.bytes).toBeLessThanOrEqual(Math.max(64 * 1024, 0.03 * ROWS * 26))
    expect(seen.at(-1)).toBe((await log.survey()).groups.reduce((sum, group) => sum + group.rows, 0))
    expect(seen.length).toBeGreaterThan(1)
    await log.close()
  })
})

test("what f32 cannot hold is rounded outwards", () => {
  for (const x of [0.1, -0.1, 2 ** 53 + 2, -(2 ** 60) - 4096, 1e-60, -1e-60, 3e38, 0]) {
    expect(roundedDown(x)).toBeLessThanOrEqual(x)
    expect(roundedUp(x)).toBeGreaterThanOrEqual(x)
    expect([roundedDown(x), roundedUp(x)]).toEqual([Math.fround(roundedDown(x)), Math.fround(roundedUp(x))])
  }
  expect([roundedDown(0.5), roundedUp(0.5)]).toEqual([0.5, 0.5])
  expect(roundedUp(1e300)).toBe(Number.POSITIVE_INFINITY)
})
