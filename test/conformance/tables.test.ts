import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parse } from "csv-parse/sync"
import { parquetReadObjects } from "hyparquet"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { WriteOptions } from "../../host/model/format.js"
import type { Loss } from "../../host/model/log.js"
import { targetFor } from "../../host/registry/targets.js"
import { needsPeers } from "../needs.js"
import { peer } from "../peers/python.js"
import { type Case, cases, MemoryOutput } from "./cases.js"
import { type Cell, caseLog, cellOf, type Read, wideTable } from "./expected.js"

const names = Object.keys(cases)
const folder = mkdtempSync(join(tmpdir(), "fieldlog-tables-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function written(target: string, data: Case, options: WriteOptions = {}): Promise<{ bytes: Uint8Array; losses: Loss[] }> {
  const output = new MemoryOutput(`case.${target}`)
  const losses = await targetFor("", target).write(caseLog(data), output, options)
  return { bytes: output.bytes(), losses }
}

async function onDisk(target: string, options: WriteOptions = {}): Promise<string[]> {
  return Promise.all(
    names.map(async (name, i) => {
      const path = join(folder, `${i}.${target}`)
      writeFileSync(path, (await written(target, cases[name] as Case, options)).bytes)
      return path
    }),
  )
}

/** f32 values that a reader widened to f64 stay what they were; -0 and 0 are one. */
function same(read: Read["columns"], want: Read["columns"]): void {
  expect(read.map(({ name }) => name)).toEqual(want.map(({ name }) => name))
  for (const [c, column] of want.entries()) expect(read[c]?.values, column.name).toEqual(column.values)
}

describe("Parquet", () => {
  test.each(names)("hyparquet reads back: %s", async (name) => {
    const { bytes } = await written("parquet", cases[name] as Case)
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
    const zstd = (await import("@foxglove/wasm-zstd")).default
    const compressors = { ZSTD: (input: Uint8Array, length: number) => zstd.decompress(input, length) }
    const rows = await parquetReadObjects({ file, compressors, utf8: false })
    const want = wideTable(cases[name] as Case)
    expect(rows).toHaveLength(want.columns[0]?.values.length ?? 0)
    for (const { name: column, values } of want.columns) expect(rows.map((row) => cellOf(row[column]))).toEqual(values)
  })

  describe("read by others", needsPeers(), () => {
    type Answer = Record<"pyarrow" | "duckdb", Read["columns"]> & {
      pandasRows: number
      metadata: { start: string; annotations: unknown[] }
    }
    let answers: Answer[] = []
    beforeAll(async () => {
      answers = (await peer("read_parquet.py", await onDisk("parquet"))) as Answer[]
    }, 60_000)

    test.each(names)("pyarrow, pandas and DuckDB read back: %s", (name) => {
      const answer = answers[names.indexOf(name)] as Answer
      const want = wideTable(cases[name] as Case).columns
      same(answer.pyarrow, want)
      same(answer.duckdb, want)
      expect(answer.pandasRows).toBe(want[0]?.values.length)
      expect(answer.metadata.start).toBe(cases[name]?.start?.toString() ?? null)
      expect(answer.metadata.annotations).toHaveLength(cases[name]?.annotations?.length ?? 0)
    })
  })
})

describe("Arrow", () => {
  describe("read by others", needsPeers(), () => {
    type Answer = Record<"pyarrow" | "duckdb", Read["columns"]> & { fields: Record<string, string>[]; metadata: { start: string } }
    let answers: Answer[] = []
    let streams: Answer[] = []
    beforeAll(async () => {
      answers = (await peer("read_arrow.py", await onDisk("arrow"))) as Answer[]
      streams = (await peer("read_arrow.py", await onDisk("arrow", { stream: true }))) as Answer[]
    }, 60_000)

    test.each(names)("pyarrow and DuckDB read back: %s", (name) => {
      const want = wideTable(cases[name] as Case).columns
      for (const answer of [answers[names.indexOf(name)], streams[names.indexOf(name)]]) {
        same((answer as Answer).pyarrow, want)
        same((answer as Answer).duckdb, want)
        const units = cases[name]?.groups.flatMap(({ channels }) => channels.map(({ unit }) => unit ?? "")) ?? []
        expect(answer?.fields.slice(1).map(({ unit }) => unit)).toEqual(units)
      }
    })
  })
})

describe("CSV", () => {
  test.each(names)("csv-parse reads back: %s", async (name) => {
    const { bytes } = await written("csv", cases[name] as Case, { units: "none" })
    const [head, ...rows] = parse(Buffer.from(bytes).toString("utf8"), {
      cast: (value, { quoting }) => (value === "" && !quoting ? null : value),
    }) as (string | null)[][]
    const want = wideTable(cases[name] as Case)
    expect(head?.slice(1)).toEqual(want.columns.slice(1).map((column) => column.name))
    for (const [c, { values }] of want.columns.entries()) {
      expect(rows.map((row) => fromText(row[c] ?? null, values[rows.indexOf(row)] ?? null, cases[name] as Case, c))).toEqual(values)
    }
  })

  describe("read by others", needsPeers(), () => {
    let answers: Read["columns"][] = []
    beforeAll(async () => {
      answers = (await peer("read_csv.py", await onDisk("csv", { units: "none" }))) as Read["columns"][]
    }, 60_000)

    test.each(names)("pandas reads back: %s", (name) => {
      const data = cases[name] as Case
      const channels = data.groups.flatMap((group) => group.channels)
      const want = wideTable(data).columns.map(({ values }, c) => values.map((cell) => pandasCell(cell, channels[c - 1]?.type)))
      const answer = answers[names.indexOf(name)] ?? []
      const cells = answer.map(({ values }, c) => values.map((cell) => narrowed(cell, channels[c - 1]?.type)))
      expect(cells).toEqual(want)
    })
  })
})

/** As pandas has it: one word for NaN, nothing and an empty text; flags as digits. */
function pandasCell(cell: Cell, type?: string): Cell {
  if (cell === null || cell === "NaN" || cell === "") return null
  if (typeof cell === "boolean") return Number(cell)
  return type === "mixed" ? String(cell) : cell
}

/** The shortest digits of an f32 are read as the f64 next to them. */
function narrowed(cell: Cell, type?: string): Cell {
  return type === "f32" && typeof cell === "number" ? Math.fround(cell) : cell
}

/** A CSV cell read as the type that is expected in its place. */
function fromText(text: string | null, want: Cell, data: Case, column: number): Cell {
  if (text === null) return null
  const channel = data.groups.flatMap(({ channels }) => channels)[column - 1]
  if (typeof want === "number") return channel?.type === "f32" ? Math.fround(Number(text)) : Number(text)
  if (typeof want === "boolean") return text === "1"
  return text
}

describe("NDJSON", () => {
  test.each(names)("JSON.parse reads back: %s", async (name) => {
    const data = cases[name] as Case
    const { bytes } = await written("ndjson", data)
    const rows = Buffer.from(bytes)
      .toString("utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line))
    for (const group of data.groups) {
      const own = rows.filter((row) => row.group === group.name)
      for (const channel of group.channels) {
        const { calibration } = channel
        const want = channel.values.map((value) => {
          if (value === null || channel.type === "mixed") return value
          if (channel.type === "bool") return value !== 0
          return cellOf(
            calibration === undefined ? value : ((Number(value) + calibration.addition) / calibration.divisor) * calibration.multiplier,
          )
        })
        expect(own.map((row) => row.values[channel.name])).toEqual(want)
      }
    }
  })
})
