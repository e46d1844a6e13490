import { expect, test } from "vitest"
import { measure } from "./measure.js"

/** A ddff block of 512 bytes holds this many records of a known log; with its CRC gone all of them are. */
const BLOCK_RECORDS = 28

test("Meteor: of a log that is hurt anywhere recover saves every frame that was not hit", async () => {
  for (const { damage, mostLost, silent, refused } of await measure("meteor", 4, 5)) {
    expect({ damage, silent, refused }).toEqual({ damage, silent: 0, refused: 0 })
    expect(mostLost, damage).toBeLessThanOrEqual(damage === "ten bits" ? 10 : 2)
  }
})

test("ddff: of a log that is hurt anywhere recover saves every block that was not hit", async () => {
  for (const { damage, mostLost, wrong, refused } of await measure("ddff", 4, 5)) {
    expect({ damage, wrong, refused }).toEqual({ damage, wrong: 0, refused: 0 })
    expect(mostLost, damage).toBeLessThanOrEqual(BLOCK_RECORDS * (damage === "ten bits" ? 10 : 2))
  }
})
