import fc from "fast-check"
import { expect, test } from "vitest"
import { summarise } from "../../../host/formats/jls/samples/summary.js"

const odd = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, -1e300, 3e38]
const sample = fc.oneof({ weight: 40, arbitrary: fc.double({ min: -1e6, max: 1e6 }) }, { weight: 1, arbitrary: fc.constantFrom(...odd) })

test.each([Float32Array, Float64Array])(
  "entries summed side by side are those of a plain sum in sample order, bit for bit (%o)",
  (Samples) => {
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 32, maxLength: 600 }),
        fc.constantFrom(1, 2, 5, 8, 12, 16),
        fc.nat(9),
        (numbers, perEntry, before) => {
          // Neither the samples nor the entries start where the memory is aligned.
          const samples = Samples.from([...numbers.slice(0, before), ...numbers]).subarray(before)
          const entries = Math.floor(samples.length / perEntry)
          const out = new Float64Array(4 + entries * 4).fill(7)
          summarise(samples, entries, perEntry, out, 4)
          expect([...out.subarray(0, 4)]).toEqual([7, 7, 7, 7])
          for (let e = 0; e < entries; e++) {
            expect([...out.subarray(4 + e * 4, 8 + e * 4)]).toEqual(plain([...samples.subarray(e * perEntry, (e + 1) * perEntry)]))
          }
        },
      ),
    )
  },
)

test("entries that do not fit the module's memory are summed as well", () => {
  const samples = Float64Array.from({ length: 8 * 40_000 }, (_, i) => Math.sin(i))
  for (const perEntry of [20_000, 4]) {
    const entries = samples.length / perEntry
    const out = new Float64Array(entries * 4)
    summarise(samples, entries, perEntry, out)
    for (const e of [0, 1, entries >> 1, entries - 1]) {
      expect([...out.subarray(e * 4, e * 4 + 4)]).toEqual(plain([...samples.subarray(e * perEntry, (e + 1) * perEntry)]))
    }
  }
})

/** Mean, population deviation, minimum and maximum of the finite samples. */
function plain(samples: readonly number[]): number[] {
  const finite = samples.filter(Number.isFinite)
  if (finite.length === 0) return [Number.NaN, Number.NaN, Number.NaN, Number.NaN]
  const mean = finite.reduce((sum, x) => sum + x, 0) / finite.length
  const square = finite.reduce((sum, x) => sum + (x - mean) * (x - mean), 0)
  const least = finite.reduce((a, b) => (b < a ? b : a))
  const most = finite.reduce((a, b) => (b > a ? b : a))
  return [mean, Math.sqrt(square / finite.length), least, most]
}
