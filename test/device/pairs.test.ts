import { describe, expect, test } from "vitest"
import { pairs, runPair } from "../sim/device/pairs.js"

describe("a card with two oddities at a time", () => {
  // All of them with more seeds: npm run reliability.
  const all = pairs()
  test.each(all.filter((_, i) => i % 3 === 0))(
    "%s and %s: every row is right and there or counted, and others' files stay",
    async (one, other) => {
      await expect(runPair([one, other], 1)).resolves.toBe(undefined)
    },
  )
})
