import { search } from "../../bytes/search.js"
import { sliceValues } from "../../model/chunk.js"
import type { Storage, Values, Wire } from "../../model/log.js"
import { NO_INSTANT } from "../../model/time.js"
import { newValues } from "../../model/values.js"

/** The present values of a column: the sparse columns of a wide table hold nothing for their empty cells. */
export interface BatchColumn {
  readonly values: Values
  /** The row of each value, rising; null if every row has a value. */
  readonly at: Uint32Array | null
}

/** Rows of one table. */
export interface TableBatch {
  /** Index into the tables. */
  readonly table: number
  readonly rows: number
  readonly columns: readonly BatchColumn[]
}

/** A column without the values that `missing` flags. `at`: the rows of all values, null for 0, 1, 2, ... */
export function presentValues(values: Values, missing: Uint8Array | null, at: Uint32Array | null): BatchColumn {
  if (missing === null || !missing.includes(1)) return { values, at }
  let n = 0
  for (let i = 0; i < missing.length; i++) n += 1 - (missing[i] as number)
  const places = new Uint32Array(n)
  const rows = new Uint32Array(n)
  for (let i = 0, k = 0; i < missing.length; i++) {
    if (missing[i] === 1) continue
    places[k] = i
    rows[k++] = at === null ? i : (at[i] as number)
  }
  if (Array.isArray(values)) return { values: Array.from(places, (i) => (values as string[])[i] as string), at: rows }
  const kept = new (values.constructor as new (n: number) => Float64Array)(n)
  for (let k = 0; k < n; k++) kept[k] = (values as Float64Array)[places[k] as number] as number
  return { values: kept, at: rows }
}

/** A column of times, empty where there is no instant. */
export function timeCells(times: Float64Array | BigInt64Array): BatchColumn {
  if (!(times instanceof BigInt64Array) || !times.includes(NO_INSTANT)) return { values: times, at: null }
  return presentValues(
    times,
    Uint8Array.from(times, (time) => (time === NO_INSTANT ? 1 : 0)),
    null,
  )
}

/** A column of `type` without a value. */
export function emptyColumn(type: Wire): BatchColumn {
  return { values: newValues(type, 0), at: new Uint32Array(0) }
}

/** Columns one below the other, the k-th beginning at row `first[k]` of `rows` in all. */
export function joinedColumns(type: Wire, parts: readonly BatchColumn[], first: readonly number[], rows: number): BatchColumn {
  const [only] = parts
  if (only !== undefined && parts.length === 1 && first[0] === 0) return only
  const n = parts.reduce((sum, { values }) => sum + values.length, 0)
  const at = n === rows && parts.every((part) => part.at === null) ? null : new Uint32Array(n)
  if (at !== null) joinRows(at, parts, first)
  return { values: joinedValues(type, parts, n), at }
}

function joinRows(into: Uint32Array, parts: readonly BatchColumn[], first: readonly number[]): void {
  let n = 0
  for (const [k, { values, at }] of parts.entries()) {
    const base = first[k] as number
    for (let i = 0; i < values.length; i++) into[n++] = base + (at === null ? i : (at[i] as number))
  }
}

function joinedValues(type: Wire, parts: readonly BatchColumn[], n: number): Values {
  const joined = newValues(type, n)
  if (Array.isArray(joined)) return parts.flatMap(({ values }) => values as string[])
  let at = 0
  for (const { values } of parts) {
    joined.set(values as never, at)
    at += values.length
  }
  return joined
}

/** Rows `from..to` of a column with a place for every cell; `presentBits` says which of them are filled. */
export function denseValues<W extends Wire>(type: W, { values, at }: BatchColumn, from: number, to: number): Storage[W] {
  if (at === null) return sliceValues(values, from, to) as Storage[W]
  const [begin, end] = [search(0, at.length, (i) => (at[i] as number) >= from), search(0, at.length, (i) => (at[i] as number) >= to)]
  if (end - begin === to - from) return sliceValues(values, begin, end) as Storage[W]
  const dense = newValues(type, to - from)
  if (dense instanceof Float64Array && values instanceof Float64Array) {
    for (let i = begin; i < end; i++) dense[(at[i] as number) - from] = values[i] as number
  } else {
    const [into, own] = [dense as number[], values as number[]]
    for (let i = begin; i < end; i++) into[(at[i] as number) - from] = own[i] as number
  }
  return dense
}

/** A bit for each of the rows `from..to`, set if the row has a value; null if all rows have one. */
export function presentBits({ at }: BatchColumn, from: number, to: number): Uint8Array | null {
  if (at === null) return null
  const [begin, end] = [search(0, at.length, (i) => (at[i] as number) >= from), search(0, at.length, (i) => (at[i] as number) >= to)]
  if (end - begin === to - from) return null
  const bits = new Uint8Array((to - from + 7) >> 3)
  for (let i = begin; i < end; i++) {
    const row = (at[i] as number) - from
    bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7))
  }
  return bits
}

/** True if the row's bit is set, or if there are no bits because all rows have values. */
export function isPresent(bits: Uint8Array | null, row: number): boolean {
  return bits === null || (((bits[row >> 3] as number) >> (row & 7)) & 1) === 1
}

/** One bit a flag. */
export function packedBits(flags: Uint8Array): Uint8Array {
  const bits = new Uint8Array((flags.length + 7) >> 3)
  for (let i = 0; i < flags.length; i++) if (flags[i] !== 0) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7))
  return bits
}

/** Approximate bytes in memory. */
export function byteSize({ values, at }: BatchColumn): number {
  const rows = at?.byteLength ?? 0
  if (!Array.isArray(values)) return rows + values.byteLength
  let size = rows + values.length * 16
  for (const value of values) if (typeof value === "string" || value instanceof Uint8Array) size += value.length
  return size
}

/** A copy of the column in new memory. */
export function compact({ values, at }: BatchColumn): BatchColumn {
  const isView = !Array.isArray(values) && values.byteLength < values.buffer.byteLength
  return { values: isView ? values.slice() : values, at }
}
