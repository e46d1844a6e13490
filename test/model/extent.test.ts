import { expect, test } from "vitest"
import { rowsInRange } from "../../host/model/chunk.js"
import { durationOf, endTimes, extent, NO_ROWS } from "../../host/model/extent.js"
import type { Chunk, Group, TimeBase } from "../../host/model/log.js"

const group = (time: TimeBase): Group => ({ name: "g", id: 0, time, channels: [] })
const ms = group({ kind: "stamped", tick: 0.001 })
const tickless = group({ kind: "stamped", tick: 0 })
const fixed = group({ kind: "fixed", rate: 10, offset: 2 })

test("an extent reaches over all groups with rows and times, from each group's first row on", () => {
  const surveys = [{ rows: 3, first: 500, last: 1500 }, NO_ROWS, { rows: 11, first: null, last: null }]
  expect(extent([ms, ms, fixed], surveys)).toEqual({ from: 0.5, to: 3 })
  expect(extent([ms, ms, fixed], surveys, [0, 0, 20])).toEqual({ from: 0.5, to: 5 })
  expect(durationOf([ms, ms, fixed], surveys)).toBe(2.5)
  expect(extent([tickless, ms], [{ rows: 2, first: 1, last: 9 }, NO_ROWS])).toBeNull()
  expect(extent([ms], [])).toBeNull()
})

test("where a clock goes back the extent holds both ends, and there is no duration", () => {
  const back = { rows: 2, first: 9000, last: 1000 }
  expect(endTimes(ms, back)).toEqual({ first: 9, last: 1 })
  expect(extent([ms, ms], [back, { rows: 2, first: 0, last: 20_000 }])).toEqual({ from: 0, to: 20 })
  expect(extent([ms], [back])).toEqual({ from: 1, to: 9 })
  expect(durationOf([ms, ms], [back, { rows: 2, first: 0, last: 20_000 }])).toBeNull()
})

test("a range takes every row inside it and no other, also where the clock goes back", () => {
  const ticks = Float64Array.of(0, 1000, 2000, 3000, 500, 1500, 2500)
  const chunk: Chunk = { group: 0, first: 10, rows: 7, window: 0, ticks, columns: [ticks.slice()], missing: [null], order: null }
  const within = (g: Group, range: { start?: number; end?: number }) =>
    [...rowsInRange(g, chunk, range)].map(({ first, rows, columns }) => [first, rows, [...(columns[0] as Float64Array)]])
  expect(within(ms, { start: 1, end: 2.5 })).toEqual([
    [11, 2, [1000, 2000]],
    [15, 1, [1500]],
  ])
  expect(within(ms, { start: 9 })).toEqual([])
  expect([...rowsInRange(ms, chunk, {})]).toEqual([chunk])
  expect([...rowsInRange(tickless, chunk, { start: 9 })]).toEqual([chunk])
})
