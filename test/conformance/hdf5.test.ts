import { afterEach, describe, expect, test, vi } from "vitest"
import { writeHdf5 } from "../../host/exports/hdf5.js"
import { UnsupportedError } from "../../host/model/errors.js"
import { needsPeers } from "../needs.js"
import { cases, MemoryOutput, memoryLog } from "./cases.js"
import { type Cell, groupTables } from "./expected.js"
import { declared, names, readBack } from "./harness.js"

interface Answer {
  tables: {
    name: string
    columns: { name: string; type: string; values: Cell[]; attributes: Record<string, unknown>; coordinate: string[] }[]
  }[]
  metadata: { start: string | null; groups: { name: string }[]; annotations: unknown[] }
}

describe("HDF5", needsPeers(), () => {
  const read = readBack<Answer>("hdf5", "read_hdf5.py")
  const tableOf = ({ tables }: Answer, name: string) => tables.find((table) => table.name === name)

  test.each(names)("h5py reads back: %s", (name) => {
    const { data, answer, losses } = read(name)
    expect(answer.tables.map((table) => table.name).sort()).toEqual(data.groups.map((group) => group.name).sort())
    for (const [g, want] of groupTables(data).entries()) {
      const table = tableOf(answer, data.groups[g]?.name ?? "")
      const kept = declared(data, want, g, (cell, { type }) => {
        const isText = type === "text" || type === "bytes" || type === "mixed"
        if (cell === null) return isText ? "" : "NaN"
        return type === "bool" ? Number(cell) : cell
      })
      expect(table?.columns.map(({ values }) => values)).toEqual(kept)
      const channels = data.groups[g]?.channels ?? []
      expect(table?.columns.slice(1).map((column) => column.name)).toEqual(channels.map((channel) => channel.name))
      expect(table?.columns.slice(1).map(({ attributes }) => attributes.units ?? "")).toEqual(channels.map(({ unit }) => unit ?? ""))
      expect(table?.columns.slice(1).every(({ coordinate }) => coordinate.includes("time"))).toBe(true)
    }
    expect(answer.metadata.groups.map((group) => group.name)).toEqual(data.groups.map((group) => group.name))
    expect(answer.metadata.annotations).toHaveLength(data.annotations?.length ?? 0)
    expect(answer.metadata.start).toBe(data.start?.toString() ?? null)
    const absent = data.groups.flatMap(({ channels }) => channels.flatMap(({ values }) => values)).filter((value) => value === null).length
    expect(losses.map(({ kind, count }) => [kind, count])).toEqual(
      name === "clashing names" ? [["form", 1]] : absent > 0 ? [["form", absent]] : [],
    )
  })

  test("integers keep their type, calibration stands in attributes", () => {
    const types = Object.fromEntries(
      tableOf(read("64-bit edges").answer, "edges")?.columns.map((column) => [column.name, column.type]) ?? [],
    )
    expect(types).toMatchObject({ u64: "uint64", i64: "int64", u32: "uint32", i8: "int8", i24: "int32", u40: "float64", f32: "float32" })
    const ay = tableOf(read("two rates").answer, "imu")?.columns.find(({ name }) => name === "ay")
    expect(ay?.attributes).toMatchObject({ type: "i16", addition: -3, divisor: 8, multiplier: 2 })
  })
})

describe("HDF5", () => {
  test("names that it has no place for, rounded integers and cut texts are told", async () => {
    const time = { kind: "stamped", tick: 0.001 } as const
    const log = memoryLog({
      groups: [
        {
          name: "A/B",
          time,
          ticks: [1, 2],
          channels: [
            { name: "n", type: "u64", values: [2n ** 63n, null] },
            { name: "t", type: "text", values: [`${"x".repeat(65_535)}ü`, "short"] },
          ],
        },
      ],
    })
    const losses = await writeHdf5(log, new MemoryOutput(), {})
    expect(losses.map(({ kind, count }) => [kind, count])).toEqual([
      ["form", 1],
      ["form", 1],
      ["values", 1],
      ["values", 1],
    ])
  })

  test("one of several groups, stored values", async () => {
    const output = new MemoryOutput()
    await writeHdf5(memoryLog(cases["two rates"] as (typeof cases)[string]), output, { raw: true, selection: { groups: [1] } })
    expect(Buffer.from(output.bytes().subarray(0, 8)).toString("latin1")).toBe("\x89HDF\r\n\x1a\n")
    expect(Buffer.from(output.bytes()).includes("temp")).toBe(true)
    expect(Buffer.from(output.bytes()).includes('"imu"')).toBe(true)
  })

  describe("without the optional package", () => {
    afterEach(() => vi.doUnmock("h5wasm/node"))

    test("the error says which one and what else there is", async () => {
      vi.doMock("h5wasm/node", () => {
        throw new Error("not installed")
      })
      const output = new MemoryOutput()
      const writing = writeHdf5(memoryLog(cases["one sample"] as (typeof cases)[string]), output, {})
      await expect(writing).rejects.toThrow(UnsupportedError)
      await expect(writing).rejects.toMatchObject({
        message: expect.stringContaining("h5wasm"),
        hint: expect.stringContaining("npm install"),
      })
      expect(output.files.size).toBe(0)
    })
  })
})
