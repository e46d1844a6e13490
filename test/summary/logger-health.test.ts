import { describe, expect, test } from "vitest"
import { infoText } from "../../host/cli/text/info.js"
import { loggerHealth } from "../../host/summary/logger-health.js"
import { overview } from "../../host/summary/overview.js"
import { type Case, memoryLog } from "../conformance/cases.js"

function logged(group: string, channels: Record<string, (number | null)[]>): Case {
  const names = Object.keys(channels)
  const n = channels[names[0] as string]?.length ?? 0
  return {
    groups: [
      { name: "imu", time: { kind: "stamped", tick: 0.001 }, ticks: [0], channels: [{ name: "ax", type: "i16", values: [1] }] },
      {
        name: group,
        time: { kind: "stamped", tick: 0.001 },
        ticks: Array.from({ length: n }, (_, i) => i * 1000),
        channels: names.map((name) => ({ name, type: "u32", values: channels[name] ?? [] })),
      },
    ],
  }
}

const ISSUE = { kind: "gap", severity: "error", at: 10, length: 3, group: null, text: "3 bytes are no frames" } as const
const look = { all: false, width: 80, room: 80, paint: (_: string, text: string) => text }

describe("what the logger counted", () => {
  test("dropped rows only grow, so the most is the sum; waiting and slowest are the worst", async () => {
    const log = memoryLog(logged("logger", { dropped: [0, 5, 37], waiting: [3, 11, 2], slowest: [4, 250, 9] }))
    expect(await loggerHealth(log)).toEqual({ dropped: 37, waiting: 11, slowestMs: 250, clock: null })
  })

  test("is found in a composite without a name", async () => {
    const log = memoryLog(logged("composite-5", { dropped: [2], waiting: [1] }))
    expect(await loggerHealth(log)).toEqual({ dropped: 2, waiting: 1, slowestMs: null, clock: null })
  })

  test("says where the time is from", async () => {
    const log = memoryLog(logged("logger", { dropped: [0], waiting: [3], slowest: [4], clock: [2] }))
    expect(await loggerHealth(log)).toMatchObject({ clock: "the clock chip" })
    expect(infoText({ path: "run.met", size: 1 }, await overview(log), look)).toContain("time from the clock chip")
  })

  test("is not invented for other people's logs", async () => {
    expect(await loggerHealth(memoryLog(logged("parcels", { dropped: [3] })))).toBeNull()
    expect(await loggerHealth(memoryLog(logged("logger", { dropped: [] })))).toBeNull()
  })

  test("leads the text, before damage and groups", async () => {
    const lost = { ...logged("logger", { dropped: [37], waiting: [11], slowest: [250] }), issues: [ISSUE] }
    const lines = infoText({ path: "run.met", size: 1 }, await overview(memoryLog(lost)), look).split("\n")
    const at = (text: string) => lines.findIndex((line) => line.includes(text))
    expect(lines[at("LOST")]).toBe("  logger    37 rows LOST while recording, at most 11 sectors waiting, slowest card write 250 ms")
    expect(at("LOST")).toBeLessThan(at("damage"))
    expect(at("damage")).toBeLessThan(at("group / channel"))
    const fine = memoryLog(logged("logger", { dropped: [0], waiting: [1], slowest: [2] }))
    expect(infoText({ path: "run.met", size: 1 }, await overview(fine), look)).toContain("nothing lost")
    const torn = { ...logged("logger", { dropped: [0], waiting: [1], slowest: [2] }), issues: [ISSUE] }
    expect(infoText({ path: "run.met", size: 1 }, await overview(memoryLog(torn)), look)).not.toContain("nothing lost")
  })
})
