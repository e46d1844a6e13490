import { parquetWriteBuffer } from "hyparquet-writer"
import { describe, expect, test } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import type { Group } from "../../host/model/log.js"
import { rowTimes } from "../../host/model/time.js"
import { openSource } from "../../host/registry/open.js"
import { targetFor } from "../../host/registry/targets.js"
import { type Case, cases, MemoryOutput } from "../conformance/cases.js"
import { type Cell, caseLog, cellOf, wideTable } from "../conformance/expected.js"

async function reread(
  target: string,
  data: Case,
): Promise<{ columns: { name: string; unit: string; values: Cell[] }[]; times: number[]; start: bigint | null }> {
  const output = new MemoryOutput(`case.${target}`)
  await targetFor("", target).write(caseLog(data), output, {})
  const log = await openSource(memorySource(output.bytes(), `case.${target}`))
  const group = log.groups[0]
  const columns = (group?.channels ?? []).map(({ name, unit }) => ({ name, unit, values: [] as Cell[] }))
  const times: number[] = []
  for await (const chunk of log.chunks()) {
    times.push(...(target === "csv" ? rowTimes(log.groups[0] as Group, chunk) : Array.from(chunk.ticks as Float64Array, Number)))
    for (const [c, column] of chunk.columns.entries()) {
      const isBool = group?.channels[c]?.type === "bool"
      for (let i = 0; i < chunk.rows; i++)
        columns[c]?.values.push(chunk.missing[c]?.[i] === 1 ? null : isBool ? column[i] !== 0 : cellOf(column[i]))
    }
  }
  return { columns, times, start: log.start }
}

/** What has no text of its own in CSV: numbers are f64, integers beyond 2^53 have 64 bits, and a column of text holds what was written. */
function asCsv(cell: Cell, values: readonly Cell[]): Cell {
  if (cell === null) return null
  if (values.some((each) => typeof each === "string" && !/^(NaN|-?Infinity|-?\d+)$/.test(each))) return String(cell)
  if (typeof cell === "boolean") return Number(cell)
  return typeof cell === "string" && /^-?\d+$/.test(cell) && Number.isSafeInteger(Number(cell)) ? Number(cell) : cell
}

describe("a log that was written and is imported has its values", () => {
  test.each(Object.keys(cases))("Parquet: %s", async (name) => {
    const data = cases[name] as Case
    const want = wideTable(data)
    const read = await reread("parquet", data)
    expect(read.times).toEqual(want.columns[0]?.values)
    expect(read.columns.map(({ name, values }) => ({ name, values }))).toEqual(want.columns.slice(1))
    expect(read.columns.map(({ unit }) => unit)).toEqual(data.groups.flatMap(({ channels }) => channels.map(({ unit }) => unit ?? "")))
    expect(read.start).toBe(data.start ?? null)
  })

  test.each(Object.keys(cases).filter((name) => name !== "text"))("CSV: %s", async (name) => {
    const data = cases[name] as Case
    const want = wideTable(data)
    const read = await reread("csv", data)
    expect(read.times).toEqual(want.columns[0]?.values)
    for (const [c, { values }] of want.columns.slice(1).entries()) {
      const isSingle = data.groups.flatMap(({ channels }) => channels)[c]?.type === "f32"
      const cells = read.columns[c]?.values.map((cell) => (isSingle && typeof cell === "number" ? Math.fround(cell) : cell))
      const kept = values.map((cell) => asCsv(cell, values))
      expect(cells).toEqual(kept)
    }
  })
})

async function csvLog(text: string) {
  return openSource(memorySource(new TextEncoder().encode(text), "a/b.csv"))
}

test("semicolons, decimal commas, a byte order mark and CRLF are understood", async () => {
  const log = await csvLog('\ufeffTime (ms);Druck [bar];Notiz\r\n0;1,5;"a;b"\r\n10;-2,25;\r\n')
  expect(log.groups[0]).toMatchObject({
    name: "b",
    time: { kind: "stamped", tick: 0.001 },
    channels: [
      { name: "Druck", unit: "bar", type: "f64" },
      { name: "Notiz", type: "text" },
    ],
  })
  for await (const chunk of log.chunks()) {
    expect(chunk.columns).toEqual([Float64Array.of(1.5, -2.25), ["a;b", ""]])
    expect(chunk.ticks).toEqual(Float64Array.of(0, 10))
  }
})

test("a number column with words in it says how many cells it lost", async () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => `${i},${i === 199_999 ? "broken" : i / 4}`)
  const log = await csvLog(`time,x\n${rows.join("\n")}\n`)
  expect((await log.survey()).groups[0]?.rows).toBe(200_000)
  expect(log.issues.map(({ text }) => text)).toEqual(['1 cell of x is no number, as "broken"'])
})

test("a row whose time is no number is left out and told; it never becomes time 0", async () => {
  const log = await csvLog("time [s],a\n0,1\nfoo,2\n0.2,3\n,4\n1e999,5\n")
  expect((await log.survey()).groups[0]).toEqual({ rows: 2, first: 0, last: 0.2 })
  expect(log.issues).toMatchObject([{ kind: "no-time", severity: "error", text: "3 rows left out: their time is no number" }])
})

test("a null in a time column of Parquet is no time: neither 0 nor an internal error", async () => {
  const times = { DOUBLE: [null, 0.5, null, 1.5], INT64: [null, 5n, null, 15n] } as const
  for (const [type, data] of Object.entries(times)) {
    const columnData = [
      { name: "time", data: [...data], type: type as keyof typeof times, nullable: true },
      { name: "a", data: [1, 2, 3, 4], type: "DOUBLE" as const },
    ]
    const log = await openSource(memorySource(new Uint8Array(parquetWriteBuffer({ columnData })), "x.parquet"))
    expect((await log.survey()).groups[0]).toEqual({ rows: 2, first: data[1], last: data[3] })
    expect(log.issues).toMatchObject([{ kind: "no-time", severity: "error" }])
  }
})

test("a quote that is never closed, an empty file and noise end in an error or a log, never in a hang", async () => {
  for (const text of ['time,x\n0,"abc', "\n\n", "time", '"', "a,b\n\0\0\0"]) {
    const log = await csvLog(text).catch((error: Error) => error)
    if (log instanceof Error) expect(log.name).toMatch(/Error$/)
    else for await (const _ of log.chunks());
  }
})

test("a row group of a Parquet file that cannot be decoded is lost, and told", async () => {
  const column = { name: "v", data: Int32Array.from({ length: 1000 }, (_, i) => i * 7), type: "INT32" } as const
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData: [column], codec: "SNAPPY" }))
  bytes.fill(0xff, 4, 40)
  const log = await openSource(memorySource(bytes, "case.parquet"))
  let rows = 0
  for await (const chunk of log.chunks()) rows += chunk.rows
  expect(rows).toBe(0)
  expect(log.issues).toMatchObject([{ kind: "bad-row-group", severity: "error" }])
})

test("a Parquet file that promises more rows than its bytes can hold costs no time", async () => {
  const column = { name: "v", data: new Int32Array(6_000_000), type: "INT32" } as const
  const file = parquetWriteBuffer({ columnData: [column], codec: "SNAPPY", rowGroupSize: 6_000_000 })
  const log = await openSource(memorySource(new Uint8Array(file), "case.parquet"))
  expect(file.byteLength).toBeLessThan(1500)
  expect((await log.survey()).groups[0]?.rows).toBe(0)
  expect(log.issues[0]?.text).toContain("it promises 6000000 rows")
})
