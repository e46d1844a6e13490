import { describe, expect, test } from "vitest"
import { UsageError } from "../../host/model/errors.js"
import type { Log } from "../../host/model/log.js"
import { selectFrom } from "../../host/views/select.js"
import { type Case, memoryLog } from "../conformance/cases.js"

const imu: Case = {
  start: 1_700_000_000_000_000_000n,
  groups: [
    {
      name: "imu",
      time: { kind: "stamped", tick: 0.001 },
      ticks: [0, 10, 20, 30, 40],
      channels: [
        { name: "ax", type: "i16", values: [1, 2, 3, 4, 5] },
        { name: "ay", type: "i16", values: [5, null, 3, 2, 1] },
        { name: "a[0]", type: "u8", values: [0, 0, 0, 0, 0] },
      ],
    },
    { name: "temp", time: { kind: "fixed", rate: 50, offset: 0 }, channels: [{ name: "temp", type: "f32", values: [20, 21, 22] }] },
    { name: "gps", time: { kind: "stamped", tick: 0.001 }, ticks: [5], channels: [{ name: "ax", type: "f64", values: [9] }] },
  ],
  annotations: [
    { group: 0, time: 0.02, tick: 20, kind: "text", text: "hit", data: null, y: null },
    { group: 2, time: 0.05, tick: 50, kind: "text", text: "late", data: null, y: null },
  ],
}

async function names(log: Log): Promise<string[]> {
  return log.groups.flatMap((group) => group.channels.map(({ name }) => `${group.name}.${name}`))
}

async function values(log: Log): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {}
  for await (const chunk of log.chunks()) {
    const group = log.groups[chunk.group]
    for (const [c, channel] of (group?.channels ?? []).entries()) {
      const key = `${group?.name}.${channel.name}`
      found[key] = [
        ...(found[key] ?? []),
        ...Array.from(chunk.columns[c] ?? [], (value, i) => (chunk.missing[c]?.[i] === 1 ? null : value)),
      ]
    }
  }
  return found
}

describe("channels", () => {
  test.each([
    [["ay"], ["imu.ay"]],
    [["ax"], ["imu.ax", "gps.ax"]],
    [["gps.ax"], ["gps.ax"]],
    [
      ["temp", "imu.ay"],
      ["imu.ay", "temp.temp"],
    ],
    [["imu.*"], ["imu.ax", "imu.ay", "imu.a[0]"]],
    [["a?"], ["imu.ax", "imu.ay", "gps.ax"]],
    [["a[xy]"], ["imu.ax", "imu.ay", "gps.ax"]],
    [["a[0]"], ["imu.a[0]"]],
    [["/^a[xy]$/"], ["imu.ax", "imu.ay", "gps.ax"]],
    [["/TEMP/i"], ["temp.temp"]],
  ])("%j means %j", async (channels, expected) => {
    expect(await names(await selectFrom(memoryLog(imu), { channels }))).toEqual(expected)
  })

  test("an unknown name is an error that names the nearest", async () => {
    await expect(selectFrom(memoryLog(imu), { channels: ["tmep"] })).rejects.toThrow('no channel "tmep": did you mean "temp"?')
    await expect(selectFrom(memoryLog(imu), { channels: ["imu.axx"] })).rejects.toThrow('"imu.ax"')
    await expect(selectFrom(memoryLog(imu), { channels: ["zzzzzz"] })).rejects.toMatchObject({ hint: "there are ax, ay, a[0], temp" })
  })

  test("a broken regular expression is wrong usage", async () => {
    await expect(selectFrom(memoryLog(imu), { channels: ["/(/"] })).rejects.toThrow(UsageError)
  })

  test("a group that turns up late is found", async () => {
    const log = await selectFrom(memoryLog({ ...imu, known: 1 }), { channels: ["temp"] })
    expect(await values(log)).toEqual({ "temp.temp": [20, 21, 22] })
  })

  test("only the columns of the chosen channels come, under the view's own indexes", async () => {
    const log = await selectFrom(memoryLog(imu), { channels: ["ay", "gps.ax"] })
    expect(await values(log)).toEqual({ "imu.ay": [5, null, 3, 2, 1], "gps.ax": [9] })
    expect(log.annotations.map(({ text, group }) => [text, group])).toEqual([
      ["hit", 0],
      ["late", 1],
    ])
    const survey = await log.survey()
    expect(survey.groups.map(({ rows }) => rows)).toEqual([5, 1])
  })
})

describe("times", () => {
  test.each([
    [{ start: "0.01", end: "0.03" }, [2, 3]],
    [{ start: "-20ms" }, [3, 4, 5]],
    [{ end: "@1700000000.02" }, [1, 2]],
    [{ start: "2023-11-14T22:13:20.03Z" }, [4, 5]],
  ])("%j is half open", async (wanted, expected) => {
    const log = await selectFrom(memoryLog(imu), { channels: ["imu.ax"], ...wanted })
    expect((await values(log))["imu.ax"]).toEqual(expected)
  })

  test("rows are counted by reading when a range is asked for", async () => {
    const log = await selectFrom(memoryLog(imu), { start: "0.01", end: "0.03" })
    const survey = await log.survey()
    expect(survey.groups.map(({ rows }) => rows)).toEqual([2, 1, 0])
    expect(survey.groups[0]).toEqual({ rows: 2, first: 10, last: 20 })
    expect(survey.duration).toBeCloseTo(0.01)
    expect(log.annotations.map(({ text }) => text)).toEqual(["hit"])
  })

  test("an end that is not after the start is wrong usage", async () => {
    await expect(selectFrom(memoryLog(imu), { start: "5", end: "5" })).rejects.toThrow(UsageError)
    await expect(selectFrom(memoryLog(imu), { start: "5", end: "5" })).rejects.toThrow(/^end 5 is not after start 5/)
  })

  test("a wall time needs a log that says when it started", async () => {
    await expect(selectFrom(memoryLog({ ...imu, start: null }), { start: "@1700000000" })).rejects.toThrow("does not say when it started")
  })
})
