import { describe, expect, test } from "vitest"
import { writeMat } from "../../host/exports/mat.js"
import { needsPeers } from "../needs.js"
import { MemoryOutput, memoryLog } from "./cases.js"
import { groupTables } from "./expected.js"
import { declared, names, readBack } from "./harness.js"

interface Answer {
  tables: { name: string; columns: { name: string; type: string; shape: number[]; values: (number | string)[] }[]; units: string[] }[]
  metadata: { groups: { name: string }[]; annotations: unknown[] }
}

describe("MATLAB v5", needsPeers(), () => {
  const read = readBack<Answer>("mat", "read_mat.py")

  test.each(names)("scipy reads back: %s", (name) => {
    const { data, answer, losses } = read(name)
    for (const [g, want] of groupTables(data).entries()) {
      const table = answer.tables[g]
      const kept = declared(data, want, g, (cell, { type }, values) => {
        const isText = type === "text" || type === "bytes" || type === "mixed"
        if (cell === null) return isText ? "" : "NaN"
        if (type === "bool") return cell === true ? 1 : 0
        return values.includes(null) && !isText ? Number(cell) : cell
      })
      expect(table?.columns.map(({ values }) => values)).toEqual(kept)
      expect(table?.units).toEqual(data.groups[g]?.channels.map(({ unit }) => unit ?? ""))
      for (const { shape, values } of table?.columns ?? []) expect(shape).toEqual([values.length, 1])
    }
    expect(answer.metadata.groups.map((group) => group.name)).toEqual(data.groups.map((group) => group.name))
    expect(answer.metadata.annotations).toHaveLength(data.annotations?.length ?? 0)
    expect(losses.filter(({ kind }) => kind !== "form")).toEqual([])
    const absent = data.groups.flatMap(({ channels }) => channels.flatMap(({ values }) => values)).filter((value) => value === null).length
    expect(losses.map(({ count }) => count)).toEqual([
      ...(name === "unicode" ? [2] : name === "clashing names" ? [1] : []),
      ...(absent > 0 ? [absent] : []),
    ])
  })

  test("integers keep their class", () => {
    const types = Object.fromEntries(read("64-bit edges").answer.tables[0]?.columns.map((column) => [column.name, column.type]) ?? [])
    expect(types).toMatchObject({ u64: "uint64", i64: "int64", u32: "uint32", i8: "int8", i24: "int32", u40: "float64", f32: "float32" })
  })
})

test("a group over MATLAB's limit is refused before anything is written", async () => {
  const log = memoryLog({
    groups: [{ name: "big", time: { kind: "fixed", rate: 1, offset: 0 }, channels: [{ name: "x", type: "f64", values: [1] }] }],
  })
  const huge = {
    ...log,
    async *chunks() {
      for await (const chunk of log.chunks()) yield { ...chunk, rows: 200_000_000 }
    },
  }
  await expect(writeMat(huge, new MemoryOutput(), {})).rejects.toThrow(/big needs 32\d+ bytes/)
})
