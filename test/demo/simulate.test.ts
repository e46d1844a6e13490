import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { logsOn } from "../sim/device/cards.js"
import { compareSeries } from "../sim/device/recording.js"
import { simulate, simulationOf } from "./simulate.js"

test("simulate leaves a card image whose recording is what the sensors gave, over all its files", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-simulate-"))
  try {
    const output = join(folder, "card.img")
    expect(await simulate(["--minutes", "0.1", "-o", output, "--format", "ddff"], () => {})).toBe(0)
    const card = readFileSync(output)
    const { groups } = await compareSeries(card, await logsOn(card))
    for (const { rows, wrong, missing } of Object.values(groups)) {
      expect(rows).toBeGreaterThan(0)
      expect([wrong, missing]).toEqual([0, 0])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("simulate says how it is called when it cannot tell what is wanted", async () => {
  expect(simulationOf([])).toEqual({ minutes: 2, format: "meteor", mib: 48, output: "card.img" })
  const said: string[] = []
  expect(await simulate(["--minutes", "many"], (line) => said.push(line))).toBe(2)
  expect(said.join()).toContain("npm run simulate -- --minutes 2 -o card.img")
  for (const wrong of [["--minutes", "0"], ["--format", "csv"], ["--mib", "1"], ["--nothing"]]) expect(simulationOf(wrong)).toBeNull()
})
