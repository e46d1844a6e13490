import * as fc from "fast-check"
import { expect, test } from "vitest"
import { timeAxisTitle, timeTicks, valueAxis, valueTicks } from "../../host/plot/axes.js"

function labels(ticks: { label: string }[]): string {
  return ticks.map(({ label }) => label).join(" ")
}

test("times stand on round numbers and read as people say them", () => {
  expect(labels(timeTicks(0, 0.01, 5))).toBe("0.000 0.002 0.004 0.006 0.008 0.010")
  expect(labels(timeTicks(0, 10, 5))).toBe("0 2 4 6 8 10")
  expect(labels(timeTicks(0, 100, 6))).toBe("0 30 60 90")
  expect(labels(timeTicks(0, 600, 5))).toBe("0:00 2:00 4:00 6:00 8:00 10:00")
  expect(labels(timeTicks(0, 7200, 4))).toBe("0:00 0:30 1:00 1:30 2:00")
  expect(labels(timeTicks(0, 10 * 86_400, 5))).toBe("0 d 2 d 4 d 6 d 8 d 10 d")
  expect(labels(timeTicks(1_700_000_000, 1_700_086_400, 4))).toBe("11-15 06:00 12:00 18:00")
})

test("values stand on 1, 2 or 5 times a power of ten", () => {
  expect(labels(valueTicks(0, 1, 5))).toBe("0.0 0.2 0.4 0.6 0.8 1.0")
  expect(labels(valueTicks(-3, 3, 6))).toBe("−3 −2 −1 0 1 2 3")
  expect(labels(valueTicks(0, 2e7, 4))).toBe("0.0 0.5e7 1.0e7 1.5e7 2.0e7")
})

test("values far from 0 and close together are counted from what they share", () => {
  const counter = valueAxis(1_754_764_800, 1_754_764_899, 3)
  expect([labels(counter.ticks), counter.offset]).toEqual(["+0 +50", "from 1754764800"])
  const degrees = valueAxis(-122.12345611, -122.12345599, 3)
  expect([labels(degrees.ticks), degrees.offset]).toEqual(["+0.90e-6 +0.95e-6 +1.00e-6", "from −122.123457"])
  expect(valueAxis(1000, 1100, 3)).toMatchObject({ offset: "" })
})

test("marks lie inside the axis, rise, have distinct labels and are about as many as wanted", () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  const span = fc.double({ min: 1e-3, max: 1e7, noNaN: true })
  fc.assert(
    fc.property(number, span, fc.integer({ min: 3, max: 12 }), (from, length, wanted) => {
      const to = from + length
      for (const ticks of [valueTicks(from, to, wanted), timeTicks(from, to, wanted)]) {
        expect(ticks.length).toBeLessThanOrEqual(wanted * 1.34 + 2)
        for (const [i, { at }] of ticks.entries()) {
          expect(at).toBeGreaterThanOrEqual(from - length * 1e-6)
          expect(at).toBeLessThanOrEqual(to + length * 1e-6)
          if (i > 0) expect(at).toBeGreaterThan(ticks[i - 1]?.at as number)
        }
        expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length)
      }
    }),
  )
})

test("a range too small for decimals, and one beyond the calendar, have labels", () => {
  expect(timeTicks(0, 1e-200, 2).every(({ label }) => label.includes("e"))).toBe(true)
  expect(timeTicks(1e13, 2e13, 2).length).toBeGreaterThan(0)
  expect(timeAxisTitle(1e13, 2e13)).toBe("time in days")
})
