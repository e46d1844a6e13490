import { describe, expect, test } from "vitest"
import { TimeMap } from "../../host/model/time-map.js"

const SECOND = 1_000_000_000n
const map = (...pairs: [at: number, ns: bigint][]) =>
  new TimeMap(
    pairs.map(([at, ns]) => ({ at, ns })),
    1e6,
  )

describe("a time map", () => {
  test("runs along the line between two pairs, and on along the first and the last one", () => {
    const uneven = map([0, 0n], [100, SECOND], [200, 3n * SECOND])
    expect([-10, 0, 50, 100, 150, 200, 250].map((at) => uneven.nsAt(at))).toEqual(
      [-0.1, 0, 0.5, 1, 2, 3, 4].map((seconds) => BigInt(Math.round(seconds * 1e9))),
    )
    expect([-100_000_000n, 500_000_000n, SECOND, 2n * SECOND, 4n * SECOND].map((ns) => uneven.sampleAt(ns))).toEqual([
      -10, 50, 100, 150, 250,
    ])
    expect(uneven.line()).toBeNull()
  })

  test("with one pair runs at the nominal step", () => {
    const one = map([10, 5n * SECOND])
    expect([one.nsAt(0), one.nsAt(1010), one.sampleAt(6n * SECOND), one.line(), one.drift()]).toEqual([
      4_990_000_000n,
      6n * SECOND,
      1010,
      1e6,
      0,
    ])
  })

  test("tells how fast the clock drifts, and takes pairs on one line as a rate", () => {
    // 1000 Hz by name; 1,000,100 samples in 1000 s are 100 ppm more.
    const fast = map([0, 0n], [500_050, 500n * SECOND], [1_000_100, 1000n * SECOND])
    expect(fast.drift()).toBeCloseTo(100, 6)
    expect(1e9 / (fast.line() as number)).toBeCloseTo(1000.1, 9)
    expect(map([0, 0n], [1000, SECOND], [5000, 5n * SECOND]).line()).toBe(1e6)
  })

  test("never runs backwards: a pair that is earlier than the one before is counted and ignored", () => {
    const back = map([0, 100n * SECOND], [1000, 101n * SECOND], [2000, 50n * SECOND], [3000, 103n * SECOND])
    expect([back.back, back.nsAt(2000), back.nsAt(3000)]).toEqual([1, 102n * SECOND, 103n * SECOND])
    // The last pair of a sample wins, one of an earlier sample is ignored, and time may stand still.
    const odd = map([0, 0n], [10, 1n], [10, SECOND], [5, 7n], [20, SECOND], [30, 2n * SECOND])
    expect([odd.back, odd.nsAt(10), odd.nsAt(15), odd.nsAt(25), odd.sampleAt(SECOND)]).toEqual([0, SECOND, SECOND, 1_500_000_000n, 10])
  })

  test("names the stretch that is furthest from nominal", () => {
    expect(map([0, 0n], [1000, SECOND + 9_000_000n], [2000, 2n * SECOND]).worst()).toBeNull()
    expect(map([0, 0n], [1000, SECOND], [1001, 5n * SECOND], [2001, 7n * SECOND]).worst()).toEqual({
      ...{ from: 1000, to: 1001, ns: 4e9, nominal: 1e6 },
    })
  })

  test("stamps rows in whole ns, in numbers where they hold them", () => {
    const whole = { first: 0, end: 300 }
    const uneven = map([0, 7n * SECOND], [100, 8n * SECOND], [200, 10n * SECOND])
    const ticks = uneven.ticks(95, 105, 7n * SECOND, whole)
    expect(ticks).toBeInstanceOf(Float64Array)
    expect([...ticks]).toEqual([0.95, 0.96, 0.97, 0.98, 0.99, 1, 1.02, 1.04, 1.06, 1.08].map((seconds) => Math.round(seconds * 1e9)))
    const far = map([0, 0n], [1, 2n ** 61n], [2, 2n ** 61n + 3n])
    expect(far.ticks(0, 3, 0n, { first: 0, end: 3 })).toEqual(BigInt64Array.of(0n, 2n ** 61n, 2n ** 61n + 3n))
    for (const sample of [0, 99, 100, 101, 250])
      expect(BigInt(uneven.ticks(sample, sample + 1, 0n, whole)[0] ?? -1)).toBe(uneven.nsAt(sample))
  })
})
