import type { Chunk, Log, Selection } from "../../../host/model/log.js"

/** A value as the golden files write it. */
export type Cell = number | { $int: string } | { $f64: string }

/** All chunks of a log. */
export async function allChunks(log: Log, selection: Selection = {}): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const chunk of log.chunks(selection)) chunks.push(chunk)
  return chunks
}

/** All rows of a log of one group, each value as the golden files write it. */
export async function allRows(log: Log, selection: Selection = {}): Promise<Cell[][]> {
  const rows: Cell[][] = []
  for (const chunk of await allChunks(log, selection)) {
    for (let i = 0; i < chunk.rows; i++) rows.push(chunk.columns.map((column) => cellOf(column, i)))
  }
  return rows
}

function cellOf(column: Chunk["columns"][number], i: number): Cell {
  const value = column[i] as number | bigint
  if (typeof value === "bigint") {
    return value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER) ? { $int: String(value) } : Number(value)
  }
  const isFloat = column instanceof Float32Array || column instanceof Float64Array
  if (!isFloat || (Number.isFinite(value) && !Number.isInteger(value))) return value
  return { $f64: pythonFloat(value) }
}

function pythonFloat(value: number): string {
  if (Object.is(value, -0)) return "-0.0"
  if (Number.isNaN(value)) return "nan"
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"
  const text = String(value)
  return /[e.]/.test(text) ? text : `${text}.0`
}
