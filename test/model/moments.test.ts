import { describe, expect, test } from "vitest"
import { Moments } from "../../host/model/moments.js"

const { POSITIVE_INFINITY: UP, NEGATIVE_INFINITY: DOWN, NaN: NONE } = Number

function counted(values: readonly number[], skipped: "nan" | "non-finite") {
  const moments = new Moments(1, skipped)
  moments.add(0, Float64Array.from(values), 0, values.length)
  const { count, mean, std, min, max } = moments.reduced()
  return [count[0], mean[0], std[0], min[0], max[0]]
}

describe("moments", () => {
  test("skip NaN, and infinities where they are no values", () => {
    expect(counted([NONE, 1, 3], "nan")).toEqual([2, 2, 1, 1, 3])
    expect(counted([1, UP, 3], "nan")).toEqual([3, UP, NONE, 1, UP])
    expect(counted([UP, NONE, 1, DOWN, 3, UP], "non-finite")).toEqual([2, 2, 1, 1, 3])
    expect(counted([UP, DOWN, NONE], "non-finite")).toEqual([0, NONE, NONE, NONE, NONE])
    expect(counted([], "nan")).toEqual([0, NONE, NONE, NONE, NONE])
  })

  test("merged are those of all values together", () => {
    const values = Float64Array.from({ length: 1000 }, (_, i) => 1e6 + ((i * 7919) % 1000) / 8)
    const whole = new Moments(1)
    whole.add(0, values, 0, 1000)
    const merged = new Moments(1)
    for (const [from, to] of [
      [0, 1],
      [1, 300],
      [300, 1000],
    ] as const) {
      const part = new Moments(1)
      part.add(0, values, from, to)
      const n = part.count[0] as number
      merged.merge(0, n, part.mean[0] as number, part.std(0) ** 2 * n, part.min[0] as number, part.max[0] as number)
    }
    expect(merged.count[0]).toBe(1000)
    expect(merged.mean[0]).toBeCloseTo(whole.mean[0] as number, 6)
    expect(merged.std(0)).toBeCloseTo(whole.std(0), 6)
    expect([merged.min[0], merged.max[0]]).toEqual([whole.min[0], whole.max[0]])
  })
})
