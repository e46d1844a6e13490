import { describe, expect, test, vi } from "vitest"
import { installed } from "../needs.js"
import { cuts, type State, torn } from "../sim/card/cut-states.js"
import { memoryDisk, SparseDisk } from "../sim/card/disk.js"
import { complaints, HARMLESS } from "../sim/card/fsck-remarks.js"
import { fsck } from "../sim/card/images.js"
import { logsOn, TEN_AT_100_HZ, textOn, tinyCard } from "../sim/device/cards.js"
import { FASTEST, RATES } from "../sim/device/list.js"
import { compareSeries, openRecording } from "../sim/device/recording.js"
import { inMachine, inNode, type Trial } from "../sim/device/trial.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const CFG = "LOGGER  CFG"
const DAY = 86_400_000
const NAMES = [FASTEST, ...Object.keys(RATES)]

const places = [
  ["in Node", inNode],
  ["in the machine", inMachine],
] as const

describe.each(places)("after 48 days without a restart, %s", (_, start) => {
  test.each(["meteor", "ddff"] as const)(
    "the %s file is closed with every row in it, the board starts anew, and the next file goes on",
    async (format) => {
      const image = await tinyCard({ [CFG]: `${TEN_AT_100_HZ}start = 2026-11-21 22:45:00\n` })
      const before = await start(memoryDisk(image), { format, fileBytes: 1 << 20, uptime: 48 * DAY - 20_000 })
      await before.run(48 * DAY + 3000)
      expect(before.states.map(({ state }) => state)).toEqual(["starting", "logging", "starting"])
      const [restart] = before.restarts as [number]
      expect(before.restarts).toEqual([restart])
      const first = await compareSeries(image, await logsOn(image), RATES)
      expect(first.dropped).toBe(0)
      for (const name of NAMES) expect(first.groups[name], name).toMatchObject({ wrong: 0, missing: 0 })
      if (installed("fsck.vfat")) expect(fsck(image).clean).toBe(true)
      // Sampled until the clock says so, and confirmed within a fraction of a second.
      expect(restart - 48 * DAY).toBeLessThan(250)
      const last = tickZero(before) + (first.groups[FASTEST]?.last ?? 0)
      expect(last).toBeGreaterThanOrEqual(48 * DAY - 10)

      const after = await start(memoryDisk(image), { format, fileBytes: 1 << 20, seed: 2 })
      await after.run(10_000)
      after.close()
      await after.run(12_000)
      const [one, two, ...more] = await logsOn(image)
      expect([one, two, more]).toEqual([expect.stringContaining("00001"), expect.stringContaining("00002"), []])
      const second = await compareSeries(image, [two as string], RATES)
      for (const name of NAMES) expect(second.groups[name], name).toMatchObject({ wrong: 0, missing: 0 })
      // With the 1.1 s that the firmware takes before it starts a program.
      const gap = restart - last + tickZero(after)
      expect(gap).toBeLessThan(900)
      // The time goes on from LOGGER.CFG's, once.
      const elapsed = (await startTime(image, two as string, format)) - Date.UTC(2026, 10, 21, 22, 45)
      expect(Math.abs(elapsed - (restart - tickZero(before)) - 1500)).toBeLessThan(1000)
      expect(await textOn(image, "/LOGTIME.TXT")).toBe("")
    },
  )
})

describe("a restart that is due", () => {
  test("does not wait for a card that is not there, nor for the button", async () => {
    for (const trouble of ["no card", "closed"] as const) {
      const logger = await inNode(memoryDisk(await tinyCard()), { format: "meteor", uptime: 48 * DAY - 10_000 })
      await logger.run(48 * DAY - 6000)
      if (trouble === "closed") logger.close()
      else logger.card.remove()
      await logger.run(48 * DAY + 12_000)
      expect(logger.restarts, trouble).toHaveLength(1)
    }
  })
})

test("the power may go at any write of a restart: every row is there, the next start logs, and its time is the old one or the new", async () => {
  const image = await tinyCard({ [CFG]: "start = 2026-11-21 22:45:00\n" })
  const base = memoryDisk(Buffer.from(image))
  const logger = await inNode(memoryDisk(image), { format: "meteor", fileBytes: 65_536, uptime: 48 * DAY - 10_000 })
  await logger.run(48 * DAY + 1000)
  const { journal, barriers } = logger.card
  const first = journal.findIndex(({ at }) => at >= 48 * DAY * 1000)
  let states = 0
  const times = new Set<number>()
  const trace = { base, journal, barriers, isLogData: () => false }
  for (const { disk, sure, text } of both(cuts(trace), torn(trace))) {
    if (sure < first) continue
    states++
    const after = new SparseDisk(disk.sectors, disk)
    const next = await inNode(after, { format: "meteor", fileBytes: 65_536 })
    await next.run(1500)
    expect(next.states.at(-1)?.state, text).toBe("logging")
    const found = await compareSeries(after.image(), ["/LOG00001.MET"])
    expect(found.groups[FASTEST], text).toMatchObject({ wrong: 0, missing: 0 })
    expect(found.groups[FASTEST]?.last, text).toBeGreaterThan(9000)
    times.add((await startTime(after.image(), "/LOG00002.MET", "meteor")) - Date.UTC(2026, 10, 21, 22, 45))
    const remarks = installed("fsck.vfat") ? complaints(fsck(after.image()).text) : []
    expect(
      remarks.filter((line) => !HARMLESS.test(line)),
      text,
    ).toEqual([])
  }
  expect(states).toBeGreaterThan(25)
  const [old, today, ...others] = [...times].sort((a, b) => a - b)
  expect([old, others]).toEqual([0, []])
  expect(Math.abs((today ?? 0) - 11_500)).toBeLessThanOrEqual(500)
})

function* both(first: Iterable<State>, second: Iterable<State>): Generator<State> {
  yield* first
  yield* second
}

/** When the first tick of a run was: a tenth of a second after the first file is there. */
function tickZero({ states }: Trial): number {
  return (states.find(({ state }) => state === "logging")?.at ?? 0) + 105
}

async function startTime(image: Buffer, path: string, format: string): Promise<number> {
  const log = await openRecording(image, path)
  if (format === "meteor") return Number(log.start) / 1e6
  const [, time] = /(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)/.exec(log.annotations[0]?.text ?? "") ?? []
  return Date.parse(`${time}Z`)
}
