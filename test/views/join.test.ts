import { describe, expect, test } from "vitest"
import type { Log } from "../../host/model/log.js"
import { joinLogs } from "../../host/views/join.js"
import { mergeRows } from "../../host/views/merge.js"
import { type Case, memoryLog } from "../conformance/cases.js"

const SECOND = 1_000_000_000n

function lap(name: string, start: bigint | null, times: number[], window = 2): Case {
  return {
    name,
    start,
    window,
    groups: [
      {
        name: "imu",
        time: { kind: "stamped", tick: 0.001 },
        ticks: times.map((t) => t * 1000),
        channels: [{ name: "ax", type: "f64", values: times }],
      },
      { name: `only-${name}`, time: { kind: "fixed", rate: 1, offset: 0 }, channels: [{ name: "v", type: "u8", values: [1, 2, 3] }] },
    ],
    annotations: [{ group: 0, time: 1, tick: 1000, kind: "text", text: name, data: null, y: null }],
  }
}

async function rows(log: Log): Promise<[number, string][]> {
  const found: [number, string][] = []
  for await (const merged of mergeRows(log)) {
    for (let i = 0; i < merged.rows; i++) {
      const chunk = merged.chunks[merged.slot[i] as number]
      found.push([merged.key[i] as number, log.groups[chunk?.group ?? -1]?.name ?? "?"])
    }
  }
  return found
}

describe("logs joined", () => {
  test("stand where their start times put them, every row in time order", async () => {
    const log = joinLogs([memoryLog(lap("a", 100n * SECOND, [0, 1, 5, 9])), memoryLog(lap("b", 103n * SECOND, [0, 1, 2]))])
    expect(log.start).toBe(100n * SECOND)
    expect(log.groups.map(({ name }) => name)).toEqual(["a.imu", "only-a", "b.imu", "only-b"])
    const found = await rows(log)
    expect(found.map(([time]) => time)).toEqual([...found.map(([time]) => time)].sort((a, b) => a - b))
    expect(found.filter(([, name]) => name === "b.imu").map(([time]) => time)).toEqual([3, 4, 5])
    expect(found.filter(([, name]) => name === "only-b").map(([time]) => time)).toEqual([3, 4, 5])
    expect(found).toHaveLength(13)
    expect(log.annotations.map(({ time, text, group }) => [time, text, group])).toEqual([
      [1, "a", 0],
      [4, "b", 2],
    ])
    expect(log.issues[0]?.text).toContain("aligned by their start times: a +0 s, b +3 s")
    const survey = await log.survey()
    expect(survey.groups.map(({ rows: n }) => n)).toEqual([4, 3, 3, 3])
    expect(survey.duration).toBe(9)
  })

  test("keep the name of their run in a channel that is called as its group", () => {
    const run = (name: string) => {
      const channels = [{ name: "current", type: "f32", values: [1] }] as const
      return memoryLog({ name, groups: [{ name: "current", time: { kind: "fixed", rate: 1, offset: 0 }, channels }] })
    }
    const { groups } = joinLogs([run("a"), run("b")])
    expect(groups.map(({ name, channels }) => [name, channels[0]?.name])).toEqual([
      ["a.current", "a.current"],
      ["b.current", "b.current"],
    ])
  })

  test("all begin at 0 when one of them does not say when it started, and a warning says so", async () => {
    const log = joinLogs([memoryLog(lap("a", 100n * SECOND, [0, 1])), memoryLog(lap("b", null, [0, 1]))])
    expect(log.start).toBeNull()
    expect((await rows(log)).filter(([, name]) => name === "b.imu").map(([time]) => time)).toEqual([0, 1])
    expect(log.issues[0]).toMatchObject({ severity: "warning" })
  })

  test("of the same name are told apart", () => {
    const log = joinLogs([memoryLog(lap("a", null, [0])), memoryLog(lap("a", null, [0]))])
    expect(new Set(log.groups.map(({ name }) => name)).size).toBe(4)
  })

  test("a range and a choice of groups are handed down in each log's own time", async () => {
    const log = joinLogs([memoryLog(lap("a", 0n, [0, 1, 2, 3])), memoryLog(lap("b", 2n * SECOND, [0, 1, 2, 3]))])
    const times: [number, number][] = []
    for await (const chunk of log.chunks({ groups: [0, 2], start: 2, end: 4 })) {
      for (const tick of chunk.ticks ?? []) times.push([chunk.group, Number(tick)])
    }
    expect(times.sort()).toEqual([
      [0, 2000],
      [0, 3000],
      [2, 2000],
      [2, 3000],
    ])
  })

  test("stand where offsets put them, ticks beside the rows too", async () => {
    const own = {
      ...lap("b", 500n * SECOND, [0, 1]),
      utc: [
        { group: 0, tick: 1000n, utc: 7n },
        { group: 1, tick: 2n, utc: 8n },
      ],
    }
    const log = joinLogs([memoryLog(lap("a", 100n * SECOND, [0, 1])), memoryLog(own)], [0, 2])
    expect(log.start).toBe(100n * SECOND)
    expect((await rows(log)).filter(([, name]) => name === "b.imu").map(([time]) => time)).toEqual([2, 3])
    expect(log.annotations.map(({ time, tick }) => [time, tick])).toEqual([
      [1, 1000],
      [3, 3000],
    ])
    expect(log.utc).toEqual([
      { group: 2, tick: 3000n, utc: 7n },
      { group: 3, tick: 4n, utc: 8n },
    ])
    expect(log.issues[0]).toMatchObject({ severity: "note", text: "the logs are aligned by the offsets given: a +0 s, b +2 s" })
  })

  test("are aligned as asked, or not at all", () => {
    const [a, b] = [lap("a", 100n * SECOND, [0]), lap("b", null, [0])]
    const logs = () => [memoryLog(a), memoryLog(b)]
    expect(() => joinLogs(logs(), "utc")).toThrow("b does not say when it started")
    expect(() => joinLogs(logs(), [1])).toThrow("1 offsets for 2 logs")
    expect(joinLogs([memoryLog(a), memoryLog(a)], "start").issues[0]).toMatchObject({ severity: "note" })
  })
})
