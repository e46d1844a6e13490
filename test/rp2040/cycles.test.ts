import "../../host/bytes/device-buffer.js"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { GPIOPinState } from "rp2040js"
import { describe, expect, test } from "vitest"
import { DDFF_FOUR, DDFF_LONE, DDFF_TEN, METEOR_LONE, METEOR_TEN } from "../device/programs/kinds.js"
import { without } from "../needs.js"
import { memoryDisk } from "../sim/card/disk.js"
import { deviceFolder } from "../sim/device/build.js"
import { levelTwoFiles } from "../sim/rp2040/bundle.js"
import { bootLogger } from "../sim/rp2040/firmware.js"

/** As in test/device/budget.test.ts: FIELDLOG_BUDGET=write writes the figures down. */
const path = join(deviceFolder, "..", "test", "device", "budget.json")
const writing = process.env.FIELDLOG_BUDGET === "write"
const budget = JSON.parse(readFileSync(path, "utf8")) as { cycles: Readonly<Record<string, { limit: number; measured: number }>> }
const files = levelTwoFiles()
const MARK_PIN = 20
/** The program's round, and the rows that each part of it encodes: ten calls, see test/device/programs/cycles.ts. */
const KINDS = [
  ["the bare loop", 10],
  ["meteorLone", 10 * METEOR_LONE.groups],
  ["meteorTen", 10 * METEOR_TEN.groups],
  ["ddffLone", 10 * DDFF_LONE.groups],
  ["ddffTen", 10 * DDFF_TEN.groups],
  ["ddffFour", 10 * DDFF_FOUR.groups],
] as const
const ROUNDS = 10

/** What a row costs on the real firmware, for the table in docs/logger.md. */
describe("level 2, cycles of a row in rp2040js", without("missing" in files ? files.missing : null), () => {
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
    for (const [i, [kind, rows]] of KINDS.entries()) {
      // The first round finds another heap.
      const own = spans.filter((_, n) => n >= KINDS.length && n % KINDS.length === i)
      const cycles = (own.reduce((sum, nanos) => sum + nanos, 0) / ROUNDS / rows) * 0.125
      console.log(`${kind}: ${cycles.toFixed(0)} cycles a row`)
      const budgeted = budget.cycles[kind]
      if (budgeted === undefined) continue
      expect(cycles, kind).toBeLessThanOrEqual(budgeted.limit)
      if (writing) budgeted.measured = Math.round(cycles)
      else expect(Math.abs(cycles / budgeted.measured - 1), kind).toBeLessThan(0.1)
    }
    if (writing) writeFileSync(path, `${JSON.stringify(budget, null, 2)}\n`)
  })
})
