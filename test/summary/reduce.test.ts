import * as fc from "fast-check"
import { expect, test } from "vitest"
import { reduce } from "../../host/summary/reduce.js"
import { type CaseGroup, memoryLog } from "../conformance/memory.js"

const value = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -1000, max: 1000 }) }, fc.constant(Number.NaN), fc.constant(null))
const step = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 3 }) }, fc.integer({ min: -40, max: 400 }))

/** What lies in a bucket, counted row by row. */
function plain(times: readonly number[], values: readonly (number | null)[], from: number, to: number) {
  const inside = values.filter(
    (each, i): each is number => each !== null && !Number.isNaN(each) && (times[i] as number) >= from && (times[i] as number) < to,
  )
  const mean = inside.reduce((sum, each) => sum + each, 0) / inside.length
  const spread = inside.reduce((sum, each) => sum + (each - mean) ** 2, 0) / inside.length
  return { count: inside.length, mean, std: Math.sqrt(spread), min: Math.min(...inside), max: Math.max(...inside) }
}

test("buckets hold what lies in them, whether the clock runs evenly, pauses or goes back", async () => {
  const rows = fc.array(fc.tuple(step, value), { minLength: 1, maxLength: 300 })
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(5, 100, 1000),
      fc.boolean(),
      async (list, buckets, width, isFixed) => {
        let tick = 0
        const ticks = list.map(([by]) => (tick += by))
        const values = list.map(([, each]) => each)
        const channels = [{ name: "x", type: "f64" as const, values }]
        const group: CaseGroup = isFixed
          ? { name: "g", time: { kind: "fixed", rate: 1, offset: 0 }, channels }
          : { name: "g", time: { kind: "stamped", tick: 1 }, ticks, channels }
        const times = isFixed ? values.map((_, i) => i) : ticks
        // Whole seconds a bucket, so that rounding plays no part.
        const [found] = await reduce(memoryLog({ groups: [group] }), { buckets, start: 0, end: buckets * width })
        const got = found?.channels[0]
        for (let b = 0; b < buckets; b++) {
          const want = plain(times, values, b * width, (b + 1) * width)
          expect(got?.count[b]).toBe(want.count)
          if (want.count === 0) {
            expect([got?.mean[b], got?.std[b], got?.min[b], got?.max[b]]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
            continue
          }
          expect([got?.min[b], got?.max[b]]).toEqual([want.min, want.max])
          expect(got?.mean[b]).toBeCloseTo(want.mean, 9)
          expect(got?.std[b]).toBeCloseTo(want.std, 6)
        }
      },
    ),
    { numRuns: 150 },
  )
})

test("the spread of values far from zero is not lost in rounding", async () => {
  const values = Array.from({ length: 1000 }, (_, i) => 1e9 + (i % 2))
  const [found] = await reduce(
    memoryLog({ groups: [{ name: "g", time: { kind: "fixed", rate: 1, offset: 0 }, channels: [{ name: "x", type: "f64", values }] }] }),
    { buckets: 1 },
  )
  expect(found?.channels[0]?.std[0]).toBeCloseTo(0.5, 9)
})
