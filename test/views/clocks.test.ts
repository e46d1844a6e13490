import { expect, test } from "vitest"
import { reshaped } from "../../host/actions/reshape.js"
import { gridOf } from "../../host/exports/parts/grid.js"
import { headRates } from "../../host/model/usual-rate.js"
import { overview } from "../../host/summary/overview.js"
import { reduce } from "../../host/summary/reduce.js"
import { clocksOf } from "../../host/views/clocks.js"
import { resample } from "../../host/views/resample.js"
import { memoryLog } from "../conformance/cases.js"

const ms = { kind: "stamped", tick: 0.001 } as const

function log(ticks: number[]) {
  return memoryLog({ groups: [{ name: "g", time: ms, ticks, channels: [{ name: "x", type: "u32", values: ticks.map((_, i) => i) }] }] })
}

const even = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i * 100)

test.each([
  ["18 s back, as at a leap second message", [...even(100, 1_000_000), ...even(100, 992_000)]],
  ["2^32 ms", [...even(100, 2 ** 32 - 10_000), ...even(100)]],
  ["a GPS week rollover", [...even(100, 1024 * 604_800_000), ...even(100)]],
])("%s: duration and rate come from the stretches, and the step is told", async (_, ticks) => {
  const { duration, groups, issues } = await overview(log(ticks))
  expect(duration).toBeCloseTo(19.9, 6)
  expect(groups[0]?.rate).toBeCloseTo(10, 6)
  expect(issues).toMatchObject([{ kind: "clock-jump", severity: "warning", group: "g" }])
})

test.each([
  ["in the middle", [...even(10), 1e15, ...even(10, 1000)], [10]],
  ["twice in a row", [...even(10), 1e15, 1e14, ...even(10, 1000)], [10, 11]],
  ["early", [...even(10, 1e12), 0, ...even(10, 1e12 + 1000)], [10]],
  ["first", [1e12, ...even(20)], [0]],
  ["last", [...even(20), 1e15], [20]],
])("a wild stamp %s is odd: left out of a grid and of bins, and told", async (_, ticks, odd) => {
  const [clock] = await clocksOf(log(ticks))
  expect([...(clock?.odd ?? [])]).toEqual(odd)
  expect(clock?.jumps).toEqual([])
  const { duration, issues } = await overview(log(ticks))
  expect(duration).toBeCloseTo(1.9, 6)
  expect(issues.map(({ kind }) => kind)).toEqual(["odd-stamp"])
  const grid = await resample(log(ticks), { rate: 10, hold: 1, fill: "last" })
  let rows = 0
  for await (const chunk of grid.chunks()) rows += chunk.rows
  expect(rows).toBe(20)
  expect(grid.losses).toMatchObject([{ kind: "rows", count: odd.length }])
  const bins = await reshaped(log(ticks), { maxRows: 10 })
  for await (const chunk of bins.log.chunks()) expect(chunk.columns[0]).toHaveLength(10)
  expect(bins.losses).toMatchObject([{ kind: "rows", count: odd.length }])
})

test("a picture's buckets reach over all rows of a clock that goes back", async () => {
  const [buckets] = await reduce(log([...even(50, 100_000), ...even(50)]), { buckets: 20 })
  expect(buckets?.channels[0]?.count.reduce((sum, n) => sum + n, 0)).toBe(100)
})

test("a pause, jitter of stamps and rows that come once a day are no faults", async () => {
  for (const ticks of [[...even(5), ...even(5, 3_000_000)], [0, 100, 90, 200, 300], Array.from({ length: 9 }, (_, i) => i * 86_400_000)]) {
    const { issues, duration } = await overview(log(ticks))
    expect(issues).toEqual([])
    expect(duration).toBeCloseTo(((ticks.at(-1) as number) - (ticks[0] as number)) / 1000, 6)
  }
})

test("rows without a time are counted, and stand in no grid, bin or bucket", async () => {
  for (const wild of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const ticks = [wild, ...even(9), wild, ...even(11, 900)]
    const { duration, groups, issues } = await overview(log(ticks))
    expect(duration).toBeCloseTo(1.9, 6)
    expect(groups[0]?.rate).toBeCloseTo(10, 6)
    expect(issues).toMatchObject([{ kind: "no-time", severity: "warning", text: "2 rows of g have no time" }])
    for (const { log: view, losses } of [await gridded(ticks), await reshaped(log(ticks), { maxRows: 20 })]) {
      const cells: number[] = []
      for await (const { columns } of view.chunks()) cells.push(...(columns[0] as Float64Array))
      expect(cells).toEqual([...Array.from({ length: 9 }, (_, i) => i + 1), ...Array.from({ length: 11 }, (_, i) => i + 11)])
      expect(losses).toMatchObject([{ kind: "rows", count: 2, text: "2 rows left out: they have no time" }])
    }
  }
})

async function gridded(ticks: number[]) {
  const grid = await resample(log(ticks), { rate: 10, hold: 0, fill: "last" })
  return { log: grid, losses: grid.losses }
}

test("the rate of a grid is that of the stretches between steps back", async () => {
  const grid = await gridOf(log([...even(8, 100_000), ...even(8)]), {})
  expect(grid.rate).toBe(10)
})

test.each([
  ["a pause of an hour", [...even(50), ...even(50, 3_600_000)], 10],
  ["a third of its rows lost", Array.from({ length: 900 }, (_, i) => i * 100).filter((_, i) => i % 30 < 20), 10],
  ["400 Hz in ms", Array.from({ length: 5000 }, (_, i) => Math.round(i * 2.5)), 400],
  ["333.33 Hz in ms, over a pause, more rows than are kept", rounded(1000 / 333.33, 40_000), 333.33],
  ["1500 Hz in ms", rounded(2 / 3, 3000), 1500],
  ["20 kHz in ms", rounded(0.05, 10_000), 20_000],
  ["two rows", [0, 250], 4],
  ["equal stamps alone", [5, 5, 5], null],
])("the rate is the usual one: %s", async (_, ticks, rate) => {
  const found = (await overview(log(ticks))).groups[0]?.rate
  if (rate === null) expect(found).toBeNull()
  else expect(Math.abs((found as number) / rate - 1)).toBeLessThan(0.004)
  const [head] = await headRates(log(ticks))
  if (rate === null) expect(head).toBeNull()
  else expect(Math.abs((head as number) / rate - 1)).toBeLessThan(0.004)
})

function rounded(step: number, n: number): number[] {
  return Array.from({ length: n }, (_, i) => Math.round(i * step) + (i > n / 2 ? 77_000 : 0))
}
