import { describe, expect, test, vi } from "vitest"
import { memoryDisk } from "../sim/card/disk.js"
import { logsOn, tinyCard } from "../sim/device/cards.js"
import { endureBusyCard, endureHours } from "../sim/device/endurance.js"
import { FASTEST, RATES } from "../sim/device/list.js"
import { compareSeries } from "../sim/device/recording.js"
import { inMachine, inNode } from "../sim/device/trial.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const HOUR = 3_600_000

describe.each(["meteor", "ddff"] as const)("a logger writing %s", (format) => {
  test("loses nothing on a card that is busy for up to half a second", async () => {
    const run = await endureBusyCard(format, 120_000)
    expect(run.dropped).toBe(0)
    expect(run.slowestMs).toBeGreaterThan(400)
    for (const name of [FASTEST, ...Object.keys(RATES)]) expect(run.groups[name], name).toMatchObject({ wrong: 0, missing: 0 })
  })

  test("gives no number twice, hour after hour", async () => {
    const run = await endureHours(format, 60)
    expect(run.numbers.at(-1)).toBeGreaterThanOrEqual(58)
    expect(new Set(run.numbers).size).toBe(run.files)
    expect(run.groups[FASTEST]?.wrong).toBe(0)
    expect(run.groups[FASTEST]?.last).toBeGreaterThan(59 * 3_600_000)
  })
})

describe.each([
  ["in Node", inNode],
  ["in the machine", inMachine],
] as const)("the clock, %s", (_, start) => {
  test("goes on past 2^31 ms, and every row that was not taken is counted", async () => {
    const edge = 2 ** 31
    let leaps = 1
    const image = await tinyCard()
    const logger = await start(memoryDisk(image), { format: "meteor", fileBytes: 65_536 })
    await logger.run(3000)
    // The machine's own timer counts microseconds in 32 bits: it must be looked at once an hour, as on any board.
    for (let now = 3000; now < edge - HOUR - 3000; now += HOUR) {
      leaps++
      logger.jump(HOUR - 10)
      await logger.run(now + HOUR)
    }
    await logger.run(Math.floor((edge - 3000) / HOUR) * HOUR + 3000)
    logger.jump((edge - 3000) % HOUR)
    await logger.run(edge + 2000)
    logger.close()
    await logger.run(edge + 4000)
    expect(logger.states.at(-1)?.state).toBe("closed")
    const { groups, dropped } = await compareSeries(image, await logsOn(image))
    expect(groups[FASTEST]?.wrong).toBe(0)
    expect(groups[FASTEST]?.last).toBeGreaterThan(edge + 1000)
    const missing = Object.values(groups).reduce((sum, group) => sum + group.missing, 0)
    // The row that comes late after a leap is on no tick that was due.
    expect(missing).toBeGreaterThan(200_000_000)
    expect(Math.abs(missing - dropped)).toBeLessThan(leaps)
  })
})
