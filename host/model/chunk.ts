import type { Chunk, Group, Selection, Ticks, Values } from "./log.js"
import { hasTime, rowTimes } from "./time.js"

/** Values `from..to`: a view on a typed array. */
export function sliceValues(values: Values, from: number, to: number): Values {
  if (from === 0 && to === values.length) return values
  return Array.isArray(values) ? (values.slice(from, to) as string[]) : values.subarray(from, to)
}

/** Rows `from..to` of a chunk: views on its arrays. */
export function sliceChunk(chunk: Chunk, from: number, to: number): Chunk {
  if (from === 0 && to === chunk.rows) return chunk
  return {
    ...chunk,
    first: chunk.first + from,
    rows: to - from,
    ticks: (chunk.ticks?.subarray(from, to) as Ticks | undefined) ?? null,
    columns: chunk.columns.map((column) => sliceValues(column, from, to)),
    missing: chunk.missing.map((flags) => flags?.subarray(from, to) ?? null),
    order: chunk.order?.subarray(from, to) ?? null,
  }
}

/**
 * The stretches of a chunk's rows that have a time: without one a row has no place in a log.
 * @param untimed a byte per row, 1 where the file has no time; a tick that is NaN or infinite is none either
 */
export function* timedRows(chunk: Chunk, untimed: Uint8Array | null = null): Generator<Chunk> {
  const { ticks } = chunk
  const isTimed = (i: number) => untimed?.[i] !== 1 && (!(ticks instanceof Float64Array) || Number.isFinite(ticks[i]))
  let from = 0
  for (let i = 0; i < chunk.rows; i++) {
    if (isTimed(i)) continue
    if (i > from) yield sliceChunk(chunk, from, i)
    from = i + 1
  }
  if (from < chunk.rows) yield sliceChunk(chunk, from, chunk.rows)
}

/** The stretches of a chunk's rows with `start <= time < end`; all rows where the group has no time. */
export function* rowsInRange(group: Group, chunk: Chunk, { start, end }: Pick<Selection, "start" | "end">): Generator<Chunk> {
  if ((start === undefined && end === undefined) || !hasTime(group)) {
    if (chunk.rows > 0) yield chunk
    return
  }
  const [low, high] = [start ?? Number.NEGATIVE_INFINITY, end ?? Number.POSITIVE_INFINITY]
  const times = rowTimes(group, chunk)
  let from = -1
  for (let i = 0; i <= times.length; i++) {
    const time = times[i] ?? Number.NaN
    const isInside = time >= low && time < high
    if (isInside && from < 0) from = i
    if (isInside || from < 0) continue
    yield sliceChunk(chunk, from, i)
    from = -1
  }
}
