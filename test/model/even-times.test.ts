import * as fc from "fast-check"
import { expect, test } from "vitest"
import { evenTime, evenTimes } from "../../host/model/even-times.js"

const fixed = (rate: number, offset: number) => evenTimes({ kind: "fixed", rate, offset, first: 0 })

test("a row at 2.5 s + 119 ms is at the number 2.619, as row 2619 from second 0", () => {
  expect(evenTime(fixed(1000, 2.5), 119)).toBe(2.619)
  expect(evenTime(fixed(1000, 0), 2619)).toBe(2.619)
})

test("groups that share a grid share its numbers, wherever each begins", () => {
  const rates = fc.constantFrom(1, 7, 33.3, 100, 1000, 2500, 44100, 1e6)
  fc.assert(
    fc.property(rates, fc.nat(1e6), fc.nat(1e6), (rate, begin, row) => {
      expect(evenTime(fixed(rate, begin / rate), row)).toBe(evenTime(fixed(rate, 0), begin + row))
    }),
  )
})

test("rates that divide a second into whole ns meet in equal numbers", () => {
  const rates = fc.constantFrom(1, 8, 100, 250, 1000, 2500)
  fc.assert(
    fc.property(rates, rates, fc.nat(1e6), fc.nat(1000), (a, b, ms, second) => {
      const offset = ms / 1000
      expect(evenTime(fixed(a, offset), a * second)).toBe(evenTime(fixed(b, offset), b * second))
    }),
  )
})

test("an offset that is neither whole samples nor whole ns is kept to half a ns", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 1e5, noNaN: true }),
      fc.double({ min: -1e4, max: 1e4, noNaN: true }),
      fc.nat(1e5),
      (rate, offset, row) => {
        expect(Math.abs(evenTime(fixed(rate, offset), row) - (offset + row / rate))).toBeLessThan(
          0.6e-9 + (Math.abs(offset) + row / rate) * 1e-15,
        )
      },
    ),
  )
})
