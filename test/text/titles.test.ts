import { expect, test } from "vitest"
import { channelTitles } from "../../host/text/unique.js"
import { memoryLog } from "../conformance/cases.js"

const time = { kind: "stamped", tick: 0.001 } as const

function titles(sources: readonly (string | undefined)[]): string[] {
  const log = memoryLog({
    start: null,
    groups: sources.map(() => ({ name: "current", time, ticks: [0], channels: [{ name: "current", type: "u8" as const, values: [1] }] })),
  })
  for (const [g, source] of sources.entries()) {
    const notes = log.groups[g]?.channels[0]?.notes as Record<string, string>
    if (source !== undefined) notes.source = source
  }
  return channelTitles(log).flat()
}

test("equal names are told apart by their source, then by their group and a number", () => {
  expect(titles(["JS220-001", "JS220-002"])).toEqual(["JS220-001.current", "JS220-002.current"])
  expect(titles(["JS220-001", "JS220-001"])).toEqual(["current.current", "current.current-2"])
  expect(titles([undefined, "JS220-001"])).toEqual(["current.current", "current.current-2"])
  expect(titles(["JS220-001"])).toEqual(["current"])
})
