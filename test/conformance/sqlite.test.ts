import { describe, expect, test } from "vitest"
import { needsPeers } from "../needs.js"
import { groupTables, type Read } from "./expected.js"
import { declared, names, readBack } from "./harness.js"

interface Answer {
  tables: (Read & { name: string })[]
  annotations: string[]
  metadata: { start: string | null }
  integrity: string
}

describe("SQLite", needsPeers(), () => {
  const read = readBack<Answer>("sqlite", "read_sqlite.py")

  test.each(names)("Python's sqlite3 reads back: %s", (name) => {
    const { data, answer, losses } = read(name)
    expect(answer.integrity).toBe("ok")
    expect(answer.tables.map((table) => table.name)).toEqual(data.groups.map((group) => group.name))
    for (const [g, want] of groupTables(data).entries()) {
      const kept = declared(data, want, g, (cell, { type }) => {
        if (cell === "NaN") return null
        return type === "bool" && cell !== null ? Number(cell) : cell
      })
      expect(answer.tables[g]?.columns.map(({ values }) => values)).toEqual(kept)
    }
    expect(answer.annotations).toEqual(data.annotations?.map(({ text }) => text) ?? [])
    expect(answer.metadata.start).toBe(data.start?.toString() ?? null)
    const lost: Record<string, [string, number][]> = {
      "not a number": [["values", 2]],
      "64-bit edges": [["form", 1]],
      "clashing names": [["form", 1]],
    }
    expect(losses.map(({ kind, count }) => [kind, count])).toEqual(lost[name] ?? [])
  })
})
