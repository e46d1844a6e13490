import { expect, test } from "vitest"
import { seedFiles } from "./seeds.js"
import { readAndWrite, trialOf } from "./trial.js"

/** More of them, in processes of their own and as commands: `npm run fuzz`. */
const TRIALS = 100

test("a changed file of any format is read, or refused by a clear error, and what is read can be written", async () => {
  const seeds = await seedFiles()
  expect(new Set(seeds.map(({ name }) => name.split(".").at(-1))).size).toBeGreaterThan(6)
  for (let number = 0; number < TRIALS; number++) {
    await expect(readAndWrite(trialOf(seeds, 1, number)), `seed 1, input ${number}`).resolves.toBeUndefined()
  }
})
