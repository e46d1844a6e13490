import { expect, test } from "vitest"
import type { Log, Selection } from "../../host/model/log.js"
import { overview } from "../../host/summary/overview.js"
import { clocksOf } from "../../host/views/clocks.js"
import { repairClock } from "../../host/views/repair-clock.js"
import { type CaseGroup, memoryLog } from "../conformance/cases.js"

const ms = { kind: "stamped", tick: 0.001 } as const
const GPS = 1_700_000_000_000

function group(name: string, ticks: number[]): CaseGroup {
  return { name, time: ms, ticks, channels: [{ name, type: "u32", values: ticks.map((_, i) => i) }] }
}

async function ticksOf(log: Log, selection?: Selection): Promise<number[][]> {
  const ticks: number[][] = []
  for await (const chunk of log.chunks(selection)) (ticks[chunk.group] ??= []).push(...(chunk.ticks as Float64Array))
  return ticks
}

const jumping = () =>
  memoryLog({
    groups: [group("imu", [0, 10, 20, 30, GPS, GPS + 10, GPS + 20]), group("temp", [5, GPS - 25 + 5, GPS + 15])],
  })

test("1970 and then GPS time is found in every group", async () => {
  expect((await clocksOf(jumping())).map((clock) => clock?.jumps.map(({ row }) => row))).toEqual([[4], [1]])
})

test("repaired, the clock is continuous up to the true time, by one shift for all groups, and says so", async () => {
  const log = await repairClock(jumping())
  const [imu, temp] = await ticksOf(log)
  expect(imu).toEqual([GPS - 40, GPS - 30, GPS - 20, GPS - 10, GPS, GPS + 10, GPS + 20])
  expect(temp?.slice(1)).toEqual([GPS - 20, GPS + 15])
  expect(log.issues.map(({ kind, group }) => [kind, group])).toEqual([
    ["clock-jump", "imu"],
    ["clock-jump", "temp"],
  ])
  expect(log.issues[0]?.text).toMatch(/set ahead by 1699999999\.960 s at row 4/)
  const { groups, duration } = await log.survey()
  expect(groups[0]).toMatchObject({ first: GPS - 40, last: GPS + 20 })
  expect(duration).toBeLessThan(1700000000)
})

test("a clock that was set back is joined, too", async () => {
  const log = await repairClock(memoryLog({ groups: [group("a", [100_000, 100_010, 100_020, 50_000, 50_010])] }))
  expect(await ticksOf(log)).toEqual([[49_970, 49_980, 49_990, 50_000, 50_010]])
})

test("a time range is meant in repaired time", async () => {
  const log = await repairClock(jumping())
  expect((await ticksOf(log, { start: (GPS - 30) / 1000, end: GPS / 1000 }))[0]).toEqual([GPS - 30, GPS - 20, GPS - 10])
})

test("pauses, jitter and slow groups are no jumps, and such a log comes back as it is", async () => {
  const quiet = memoryLog({
    groups: [group("pause", [0, 10, 20, 3_000_000]), group("jitter", [0, 10, 9, 20]), group("slow", [0, 7_200_000, 14_400_000])],
  })
  expect((await clocksOf(quiet)).slice(0, 2).map((clock) => clock?.jumps)).toEqual([[], []])
  const steady = memoryLog({ groups: [group("a", [0, 10, 20])] })
  expect(await repairClock(steady)).toBe(steady)
})

test("what was noted before the clock was set moves with its rows, and so do UTC points", async () => {
  const note = (time: number, tick: number) => ({ group: 0, time, tick, kind: "text", text: "", data: null, y: null }) as const
  const log = await repairClock(
    memoryLog({
      groups: [group("imu", [0, 10, 20, 30, GPS, GPS + 10])],
      annotations: [note(0.015, 15), { ...note(0.02, 20), group: null }, note((GPS + 5) / 1000, GPS + 5)],
      utc: [
        { group: 0, tick: 20n, utc: 5n },
        { group: 0, tick: BigInt(GPS) + 10n, utc: 6n },
      ],
    }),
  )
  expect(log.annotations.map(({ tick }) => tick)).toEqual([GPS - 25, GPS - 20, GPS + 5])
  expect(log.annotations.map(({ time }) => time?.toFixed(3))).toEqual(
    [(GPS - 25) / 1000, (GPS - 20) / 1000, (GPS + 5) / 1000].map((each) => each.toFixed(3)),
  )
  expect(log.utc.map(({ tick }) => tick)).toEqual([BigInt(GPS) - 20n, BigInt(GPS) + 10n])
})

test("an overview warns of a clock that was set, and of no other log", async () => {
  const { issues } = await overview(jumping())
  expect(issues.map(({ kind, severity, group }) => [kind, severity, group])).toEqual([
    ["clock-jump", "warning", "imu"],
    ["clock-jump", "warning", "temp"],
  ])
  expect(issues[0]?.text).toContain("convert --repair-clock")
  expect((await overview(memoryLog({ groups: [group("a", [0, 10, 3_000_000])] }))).issues).toEqual([])
})
