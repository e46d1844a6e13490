import { describe, expect, test } from "vitest"
import type { Log } from "../../host/log.js"
import { memoryDisk } from "../card/disk.js"
import { fatfsImage } from "../card/images.js"
import { type Comparison, compare, openRecording } from "../device/recording.js"
import { levelTwoFiles } from "./bundle.js"
import { bootLogger } from "./firmware.js"

const files = levelTwoFiles()
const reason = "missing" in files ? ` (${files.missing})` : ""
const SECONDS = 4
/** Rows of the last second: the logger's own row about them is not in the log yet. */
const UNREPORTED = 125

/** Level 2: the real DeviceScript firmware and the real program; see docs/emulation.md. */
describe.skipIf("missing" in files)(`level 2, the real firmware in rp2040js${reason}`, () => {
  test.each(["meteor", "ddff"] as const)(
    "logs %s; after a power cut every row on the card is true",
    { timeout: 600_000 },
    async (format) => {
      const { logger, image } = await booted(format)
      const from = logger.machine.nanos
      const asleep = logger.machine.asleepNanos
      const blocks = logger.card.blocks
      logger.machine.run(SECONDS * 1e9)
      const seconds = (logger.machine.nanos - from) / 1e9
      // The power goes here: the emulator is dropped, the card is kept.
      const log = await openRecording(image, `/LOG00001.${format === "meteor" ? "MET" : "DDF"}`)
      const { rows, wrong, missing } = total(await compare(log))
      const dropped = await counted(log)
      const sectors = (logger.card.blocks - blocks) / seconds
      const share = (logger.machine.asleepNanos - asleep) / 1e7 / seconds
      console.log(
        `${format}: ${rows} rows, ${missing} missing, ${dropped} counted as dropped, ${sectors.toFixed(1)} sectors/s, ` +
          `${((125e6 * seconds) / rows).toFixed(0)} cycles a row, asleep ${share.toFixed(0)} %, woken ${logger.machine.guardKicks} times`,
      )
      expect(wrong).toBe(0)
      expect(rows).toBeGreaterThan(80 * (SECONDS - 1))
      // What the machine had no time for is in the log's own count.
      expect(missing).toBeLessThanOrEqual(dropped + UNREPORTED)
    },
  )

  test("closes its file when it is asked to", { timeout: 600_000 }, async () => {
    const { logger, image } = await booted("meteor")
    logger.machine.run(1e9)
    logger.close()
    logger.machine.run(2e9)
    const log = await openRecording(image, "/LOG00001.MET")
    const { rows, wrong, missing } = total(await compare(log))
    expect(rows).toBeGreaterThan(80)
    expect(wrong).toBe(0)
    expect(missing).toBeLessThanOrEqual((await counted(log)) + UNREPORTED)
    expect(log.issues.filter(({ severity }) => severity === "error")).toEqual([])
  })
})

/** A logger that has begun its file. */
async function booted(format: "meteor" | "ddff") {
  if ("missing" in files) throw new Error(files.missing)
  const image = await fatfsImage(40, 512)
  const logger = bootLogger(files, memoryDisk(image), format)
  expect(logger.machine.run(10e9, () => logger.streams()).why).toBe("done")
  return { logger, image }
}

function total(groups: Record<string, Comparison>): { rows: number; wrong: number; missing: number } {
  const all = Object.values(groups)
  const sum = (pick: (group: Comparison) => number) => all.reduce((n, group) => n + pick(group), 0)
  return { rows: sum(({ rows }) => rows), wrong: sum(({ wrong }) => wrong), missing: sum(({ missing }) => missing) }
}

/** Rows that the logger says it dropped. */
async function counted(log: Log): Promise<number> {
  const group = log.groups.findIndex(({ name }) => name === "logger")
  const channel = log.groups[group]?.channels.findIndex(({ name }) => name === "dropped") ?? -1
  let dropped = 0
  for await (const chunk of log.chunks({ groups: [group] })) {
    for (let i = 0; i < chunk.rows; i++) dropped += Number(chunk.columns[channel]?.[i])
  }
  return dropped
}
