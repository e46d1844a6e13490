import { describe, expect, onTestFailed, test, vi } from "vitest"
import { loggerHealth } from "../../host/summary/logger-health.js"
import { without } from "../needs.js"
import { fatfsImage } from "../sim/card/images.js"
import { type Comparison, compare, openRecording } from "../sim/device/recording.js"
import type { Target, TargetKind } from "../sim/target/target.js"
import { targets } from "../sim/target/targets.js"

// Emulators and boards take their time.
vi.setConfig({ testTimeout: 900_000 })

const SECONDS = 4
/** A card's preparation and the firmware's own start. */
const BOOT_MS = 15_000
/** Rows of the last second: the logger's own row about them is not in the log yet. */
const UNREPORTED = 125
const FIRST = { meteor: "/LOG00001.MET", ddff: "/LOG00001.DDF" } as const

/** The same scenarios on everything that runs the logger: docs/emulation.md says what each proves. */
for (const kind of targets()) {
  const missing = kind.missing()
  describe(kind.title, without(missing), () => {
    test.each(["meteor", "ddff"] as const)("logs %s; after a power cut every row on the card is true", async (format) => {
      const target = await booted(kind, await fatfsImage(64, 512), format)
      const from = target.figures()
      await target.run(SECONDS * 1000)
      const to = target.figures()
      await target.cut()
      const log = await openRecording(await target.card(), FIRST[format])
      const { rows, wrong, missing } = total(await compare(log))
      const dropped = (await loggerHealth(log))?.dropped ?? 0
      console.log(`${kind.name}, ${format}: ${rows} rows, ${missing} missing, ${dropped} counted as dropped${measured(from, to, rows)}`)
      expect(wrong).toBe(0)
      expect(rows).toBeGreaterThan(80 * (SECONDS - 1))
      // What the machine had no time for is in the log's own count.
      expect(missing).toBeLessThanOrEqual(dropped + UNREPORTED)
    })

    test("closes its file when it is asked to, and says so", async () => {
      const target = await booted(kind, await fatfsImage(64, 512), "meteor")
      await target.run(1000)
      await target.pin("GP21", true)
      const closed = () => target.console().includes("closed")
      expect(await target.run(5000, closed), `the console says:\n${target.console()}`).toBe(true)
      await target.cut()
      const log = await openRecording(await target.card(), FIRST.meteor)
      const { rows, wrong, missing } = total(await compare(log))
      expect(rows).toBeGreaterThan(80)
      expect(wrong).toBe(0)
      expect(missing).toBeLessThanOrEqual(((await loggerHealth(log))?.dropped ?? 0) + UNREPORTED)
      expect(log.issues.filter(({ severity }) => severity === "error")).toEqual([])
    })

    test("keeps a cut log as it was, and goes on in the next file", async () => {
      const first = await booted(kind, await fatfsImage(64, 512), "meteor")
      await first.run(2000)
      await first.cut()
      const card = await first.card()
      const before = await compare(await openRecording(card, FIRST.meteor))
      const second = await booted(kind, card, "meteor")
      await second.run(2000)
      await second.cut()
      const after = await second.card()
      expect(await compare(await openRecording(after, FIRST.meteor))).toEqual(before)
      const { rows, wrong } = total(await compare(await openRecording(after, "/LOG00002.MET")))
      expect(rows).toBeGreaterThan(80)
      expect(wrong).toBe(0)
    })
  })
}

/** A logger that puts rows onto its card. */
async function booted(kind: TargetKind, card: Uint8Array, format: "meteor" | "ddff"): Promise<Target> {
  const target = await kind.boot({ card, format })
  // Nothing goes on running behind a scenario that fails.
  onTestFailed(() => target.cut())
  expect(await target.run(BOOT_MS, target.logging), `the console says:\n${target.console()}`).toBe(true)
  return target
}

function measured(from: ReturnType<Target["figures"]>, to: ReturnType<Target["figures"]>, rows: number): string {
  const seconds = (to.ms - from.ms) / 1000
  const parts: string[] = []
  if (from.sectors !== null && to.sectors !== null) parts.push(`${((to.sectors - from.sectors) / seconds).toFixed(1)} sectors/s`)
  if (to.cyclesPerSecond !== null) parts.push(`${((to.cyclesPerSecond * seconds) / rows).toFixed(0)} cycles a row`)
  if (from.asleepMs !== null && to.asleepMs !== null) parts.push(`asleep ${((to.asleepMs - from.asleepMs) / seconds / 10).toFixed(0)} %`)
  return parts.map((part) => `, ${part}`).join("")
}

function total(groups: Record<string, Comparison>): { rows: number; wrong: number; missing: number } {
  const all = Object.values(groups)
  const sum = (pick: (group: Comparison) => number) => all.reduce((n, group) => n + pick(group), 0)
  return { rows: sum(({ rows }) => rows), wrong: sum(({ wrong }) => wrong), missing: sum(({ missing }) => missing) }
}
