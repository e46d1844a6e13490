import { readFileSync } from "node:fs"
import { join } from "node:path"
import { GPIOPinState } from "rp2040js"
import { describe, expect, test } from "vitest"
import { memoryDisk } from "../card/disk.js"
import { deviceFolder } from "../device/build.js"
import { levelTwoFiles } from "./bundle.js"
import { bootLogger } from "./firmware.js"

const budget = JSON.parse(readFileSync(join(deviceFolder, "..", "test", "device", "budget.json"), "utf8")) as {
  cycles: Readonly<Record<string, { measured: number }>>
}
const files = levelTwoFiles()
const reason = "missing" in files ? ` (${files.missing})` : ""
const MARK_PIN = 20
/** The program's round: see test/device/programs/cycles.ts. */
const KINDS = ["the bare loop", "meteorLone", "meteorTen", "ddffLone", "ddffTen", "ddffFour"] as const
const ROWS = 100
const ROUNDS = 10

/** What a row costs on the real firmware, for the table in docs/logger.md. */
describe.skipIf("missing" in files)(`level 2, cycles of a row in rp2040js${reason}`, () => {
  test("a row takes the cycles that docs/logger.md says", { timeout: 900_000 }, () => {
    if ("missing" in files) throw new Error(files.missing)
    const { machine } = bootLogger(files, memoryDisk(Buffer.alloc(1 << 20)), "meteor", "test/device/programs/cycles.ts")
    const spans: number[] = []
    let rose = -1
    machine.mcu.gpio[MARK_PIN]?.addListener((state) => {
      if (state === GPIOPinState.High) rose = machine.nanos
      else if (state === GPIOPinState.Low && rose >= 0) spans.push(machine.nanos - rose)
    })
    const all = (ROUNDS + 1) * KINDS.length
    machine.run(30e9, () => spans.length === all)
    expect(spans).toHaveLength(all)
    for (const [i, kind] of KINDS.entries()) {
      // The first round finds another heap.
      const own = spans.filter((_, n) => n >= KINDS.length && n % KINDS.length === i)
      const cycles = (own.reduce((sum, nanos) => sum + nanos, 0) / ROUNDS / ROWS) * 0.125
      console.log(`${kind}: ${cycles.toFixed(0)} cycles a row`)
      const budgeted = budget.cycles[kind]
      if (budgeted !== undefined) expect(Math.abs(cycles / budgeted.measured - 1), kind).toBeLessThan(0.1)
    }
  })
})
