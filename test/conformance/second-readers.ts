import { readFileSync } from "node:fs"
import { parse } from "csv-parse/sync"
import { peer } from "../peers/python.js"
import { type Cell, cellOf, type Read } from "./expected.js"
import { parseLine } from "./line-protocol.js"

/** A channel as a second reader finds it: the values that are there, each with its time in seconds from the log's start. */
export interface Found {
  readonly name: string
  readonly times: readonly number[]
  readonly cells: readonly Cell[]
}

/**
 * Reads a file with something that is not fieldlog.
 * @param start the log's, in ns since 1970
 * @param files all that were written, the file itself among them if there is one
 * @returns its channels in the file's order
 */
export type SecondReader = (path: string, start: bigint, files: readonly string[]) => Promise<Found[]>

type Columns = Read["columns"]
type Table = { readonly name: string; readonly columns: Columns }

/** The exports' readers by target. */
export const exportReaders: Readonly<Record<string, SecondReader>> = {
  csv: async (path) => columnsOf(csvColumns(path, ",")),
  tsv: async (path) => columnsOf(csvColumns(path, "\t")),
  ndjson: async (path) => {
    const rows = readFileSync(path, "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Row)
    return grouped(rows.map(({ group, time, values }) => ({ group, time, values })))
  },
  parquet: async (path) => columnsOf((await first<{ pyarrow: Columns }>("read_parquet.py", path)).pyarrow),
  arrow: async (path) => columnsOf((await first<{ pyarrow: Columns }>("read_arrow.py", path)).pyarrow),
  mcap: async (path, start) => {
    const { topics } = await first<{ topics: Record<string, { t: string; v: Record<string, unknown> }[]> }>("read_mcap.py", path)
    const exact = (v: unknown) => (typeof v === "object" && v !== null && "$int" in v ? v.$int : v)
    const rows = Object.entries(topics).flatMap(([group, messages]) =>
      messages.map(({ t, v }) => ({
        group,
        time: since(BigInt(t), start),
        values: Object.fromEntries(Object.entries(v).map(([key, value]) => [key, exact(value)])),
      })),
    )
    return grouped(rows)
  },
  mat: async (path) => (await first<{ tables: Table[] }>("read_mat.py", path)).tables.flatMap(ofTable),
  hdf5: async (path) => (await first<{ tables: Table[] }>("read_hdf5.py", path)).tables.flatMap(ofTable),
  sqlite: async (path) => (await first<{ tables: Table[] }>("read_sqlite.py", path)).tables.flatMap(ofTable),
  mf4: async (path) => {
    const { tables } = await first<{ tables: MdfTable[] }>("read_mdf.py", path)
    return tables.flatMap(({ name, columns: [time, ...columns] }) =>
      columns.map((column) => {
        const there = (_: unknown, i: number) =>
          column.present.length === column.raw.length || column.present.includes(time?.raw[i] as number)
        return { name: `${name}/${column.name}`, times: (time?.raw ?? []).filter(there) as number[], cells: column.raw.filter(there) }
      }),
    )
  },
  influx: async (path, start) => {
    // A line end inside a quoted text belongs to it: a line ends behind its time.
    const lines = readFileSync(path, "utf8")
      .split(/(?<= \d+)\n/)
      .slice(0, -1)
    const points = lines.map(parseLine)
    return grouped(points.map(({ measurement, fields, time }) => ({ group: measurement, time: since(time, start), values: fields })))
  },
  mlg: async (path) => columnsOf(await first<Columns>("read_mlg.py", path)),
  msl: async (path) => {
    const [names = [], , ...rows] = readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line.includes("\t"))
      .map((line) => line.split("\t"))
    return columnsOf(transposed(names, rows))
  },
  motec: async (path) => {
    const rows = parse(readFileSync(path), { relax_column_count: true, skip_empty_lines: true }) as string[][]
    const head = rows.findIndex(([cell]) => cell === "Time")
    return columnsOf(transposed(rows[head] as string[], rows.slice(head + 2)))
  },
}

interface Row {
  readonly group: string
  readonly time: number
  readonly values: Readonly<Record<string, unknown>>
}

interface MdfTable {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly raw: Cell[]; readonly present: readonly number[] }[]
}

async function first<Answer>(script: string, path: string): Promise<Answer> {
  return ((await peer(script, [path])) as Answer[])[0] as Answer
}

function since(time: bigint, start: bigint): number {
  return Number(time - start) / 1e9
}

function csvColumns(path: string, delimiter: string): Columns {
  const cast = (value: string, { quoting }: { quoting: boolean }) => (value === "" && !quoting ? null : value)
  const [names = [], ...rows] = parse(readFileSync(path), { delimiter, cast }) as (string | null)[][]
  return transposed(names as string[], rows)
}

function transposed(names: readonly string[], rows: readonly (readonly (string | null)[])[]): Columns {
  return names.map((name, c) => ({ name, values: rows.map((row) => row[c] ?? null) }))
}

/** The columns behind that of the times, without cells that are empty. */
function columnsOf([time, ...columns]: Columns, prefix = ""): Found[] {
  return columns.map(({ name, values }) => {
    const there = values.flatMap((cell, i) => (cell === null ? [] : [i]))
    return {
      name: prefix + name,
      times: there.map((i) => Number(time?.values[i])),
      cells: there.map((i) => values[i] as Cell),
    }
  })
}

function ofTable({ name, columns }: Table): Found[] {
  return columnsOf(columns, `${name}/`)
}

/** Rows of groups, each with values by name. */
function grouped(rows: readonly Row[]): Found[] {
  const found = new Map<string, { name: string; times: number[]; cells: Cell[] }>()
  for (const { group, time, values } of rows) {
    for (const [key, value] of Object.entries(values)) {
      const name = `${group}/${key}`
      const own = found.get(name) ?? { name, times: [], cells: [] }
      found.set(name, own)
      if (value === null) continue
      own.times.push(time)
      own.cells.push(cellOf(value))
    }
  }
  return [...found.values()]
}
