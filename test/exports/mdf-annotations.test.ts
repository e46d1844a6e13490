import { expect, test } from "vitest"
import { targetFor } from "../../host/registry/targets.js"
import { MemoryOutput, memoryLog } from "../conformance/memory.js"

test("MDF tells of an annotation whose time no marker can hold", async () => {
  const channels = [{ name: "v", type: "u8", values: [1, 2] }] as const
  const groups = [{ name: "g", time: { kind: "fixed", rate: 1, offset: 0 }, channels }] as const
  const annotations = [1, 1e12].map((time) => ({ group: 0, time, tick: null, kind: "text", text: "x", data: null, y: null }) as const)
  const losses = await targetFor("", "mf4").write(memoryLog({ groups, annotations }), new MemoryOutput(), {})
  expect(losses).toContainEqual({ kind: "form", count: 1, text: expect.stringContaining("1 annotation dropped") })
})
