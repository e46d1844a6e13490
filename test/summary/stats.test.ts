import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { reduce } from "../../host/summary/reduce.js"
import { stats } from "../../host/summary/stats.js"
import { memoryLog } from "../conformance/cases.js"

function logOf(values: readonly unknown[], type: "f64" | "u64" | "text" | "mixed" | "i16" = "f64", windows = 3) {
  return memoryLog({
    window: windows,
    groups: [{ name: "g", time: { kind: "stamped", tick: 1 }, ticks: values.map((_, i) => i), channels: [{ name: "c", type, values }] }],
  })
}

describe("stats", () => {
  test("agree with a direct computation, whatever the windows", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(null), fc.constant(Number.NaN)), { minLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        async (values, window) => {
          const [found] = await stats(logOf(values, "f64", window))
          const there = values.filter((value) => value !== null)
          const numbers = there.filter((value) => !Number.isNaN(value))
          expect(found).toMatchObject({
            rows: values.length,
            count: there.length,
            missing: values.length - there.length,
            nan: there.length - numbers.length,
            first: there[0] ?? null,
            last: there.at(-1) ?? null,
          })
          if (numbers.length === 0) {
            expect(found).toMatchObject({ min: null, max: null, mean: null, std: null })
            return
          }
          const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
          const std = Math.sqrt(numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length)
          expect(found?.min).toBe(numbers.reduce((a, b) => Math.min(a, b)))
          expect(found?.max).toBe(numbers.reduce((a, b) => Math.max(a, b)))
          expect(found?.mean).toBeCloseTo(mean, 5)
          expect(found?.std).toBeCloseTo(std, 5)
        },
      ),
    )
  })

  test("keep their digits far from zero", async () => {
    const [found] = await stats(logOf(Array.from({ length: 10_000 }, (_, i) => 1e9 + (i % 2))))
    expect(found?.mean).toBeCloseTo(1e9 + 0.5, 5)
    expect(found?.std).toBeCloseTo(0.5, 6)
  })

  test("64-bit integers keep every digit of their extremes", async () => {
    const [found] = await stats(logOf([2n ** 63n, null, 2n ** 64n - 1n], "u64"))
    expect(found).toMatchObject({ min: 2n ** 63n, max: 2n ** 64n - 1n, first: 2n ** 63n, last: 2n ** 64n - 1n, count: 2, missing: 1 })
  })

  test("text has a count and two ends", async () => {
    const [found] = await stats(logOf(["on", "off", null, "on"], "text"))
    expect(found).toMatchObject({ count: 3, missing: 1, nan: 0, min: null, mean: null, first: "on", last: "on" })
  })

  test("mixed values are numbers where they are numbers", async () => {
    const [found] = await stats(logOf([1, "x", 3n, Number.NaN, null], "mixed"))
    expect(found).toMatchObject({ count: 4, missing: 1, nan: 1, min: 1, max: 3, mean: 2, first: 1 })
  })

  test("calibration is applied", async () => {
    const log = memoryLog({
      groups: [
        {
          name: "g",
          time: { kind: "fixed", rate: 1, offset: 0 },
          channels: [{ name: "c", type: "i16", values: [0, 10], calibration: { addition: 2, divisor: 4, multiplier: 10 } }],
        },
      ],
    })
    expect((await stats(log))[0]).toMatchObject({ min: 5, max: 30, first: 5, last: 30, mean: 17.5, std: 12.5 })
  })

  test("a log without rows has channels without figures", async () => {
    expect((await stats(logOf([])))[0]).toMatchObject({ rows: 0, count: 0, min: null, first: null, last: null })
  })
})

describe("buckets", () => {
  test("share one axis over all groups, and every row lies in one", async () => {
    const log = memoryLog({
      window: 2,
      groups: [
        {
          name: "a",
          time: { kind: "fixed", rate: 10, offset: 0 },
          channels: [{ name: "a", type: "f64", values: Array.from({ length: 100 }, (_, i) => i) }],
        },
        {
          name: "b",
          time: { kind: "stamped", tick: 0.001 },
          ticks: [0, 5000, 9900],
          channels: [{ name: "b", type: "i16", values: [1, 2, 3] }],
        },
      ],
    })
    const [a, b] = await reduce(log, { buckets: 4 })
    expect(a?.from).toBe(b?.from)
    expect(a?.to).toBe(b?.to)
    expect([...(a?.channels[0]?.count ?? [])].reduce((x, y) => x + y)).toBe(100)
    expect([...(b?.channels[0]?.count ?? [])].reduce((x, y) => x + y)).toBe(3)
    expect(a?.channels[0]?.min[0]).toBe(0)
    expect(a?.channels[0]?.max[3]).toBe(99)
  })

  test("empty buckets are NaN and counted 0", async () => {
    const [group] = await reduce(logOf([1, null, null, 4], "i16"), { buckets: 4 })
    expect([...(group?.channels[0]?.count ?? [])]).toEqual([1, 0, 0, 1])
    expect([...(group?.channels[0]?.mean ?? [])]).toEqual([1, Number.NaN, Number.NaN, 4])
  })

  test("a log without time is cut by rows", async () => {
    const log = memoryLog({
      groups: [
        { name: "g", time: { kind: "stamped", tick: 0 }, ticks: [7, 8, 900], channels: [{ name: "c", type: "i16", values: [1, 2, 3] }] },
      ],
    })
    const [group] = await reduce(log, { buckets: 3 })
    expect(group).toMatchObject({ by: "rows", from: 0, to: 3 })
    expect([...(group?.channels[0]?.mean ?? [])]).toEqual([1, 2, 3])
  })
})
