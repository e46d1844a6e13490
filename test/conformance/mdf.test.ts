import { describe, expect, test } from "vitest"
import { needsPeers } from "../needs.js"
import { type Cell, cellOf, groupTables } from "./expected.js"
import { names, readBack } from "./harness.js"

interface Answer {
  tables: { name: string; columns: { name: string; unit: string; raw: Cell[]; physical: Cell[]; present: number[] }[] }[]
  events: { name: string; at: number }[]
  start: string
  comment: string
  version: string
}

describe("MDF 4.10", needsPeers(), () => {
  const read = readBack<Answer>("mf4", "read_mdf.py")

  test.each(names)("asammdf reads back: %s", (name) => {
    const { data, answer, losses } = read(name)
    expect(answer.version).toBe("4.10")
    expect(answer.start).toBe(String(data.start ?? 0n))
    for (const [g, want] of groupTables(data).entries()) {
      const group = data.groups[g]
      const table = answer.tables[g]
      expect(table?.name).toBe(group?.name)
      expect(table?.columns.map((column) => column.name)).toEqual([
        "time",
        ...(group?.channels ?? []).map((channel) => channel.name.trimEnd().replace(/^time$/, "time-2")),
      ])
      expect(table?.columns[0]?.raw).toEqual(want.columns[0]?.values)
      for (const [c, channel] of (group?.channels ?? []).entries()) {
        const column = table?.columns[c + 1]
        const gone = (i: number) => channel.values[i] === null
        const keep = (cells: readonly unknown[] | undefined) => cells?.filter((_, i) => !gone(i))
        expect(column?.unit).toBe(channel.unit ?? "")
        expect(keep(column?.raw)).toEqual(keep(channel.type === "mixed" ? want.columns[c + 1]?.values : channel.values.map(cellOf)))
        expect(column?.present).toEqual(keep(want.columns[0]?.values))
        if (channel.calibration === undefined) continue
        for (const [i, value] of (want.columns[c + 1]?.values ?? []).entries()) expect(column?.physical[i]).toBeCloseTo(value as number, 12)
      }
    }
    expect(answer.events.map(({ at }) => at)).toEqual(data.annotations === undefined ? [] : [0.005, 0])
    expect(JSON.parse(answer.comment).annotations).toHaveLength(data.annotations?.length ?? 0)
    expect(losses.filter(({ kind }) => kind !== "form")).toEqual([])
  })
})
