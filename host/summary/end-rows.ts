import type { Channel, Chunk, Group, Log, Selection, Values } from "../model/log.js"
import { isBig, isNumbers, physical, seconds, tickAt } from "../model/values.js"
import { shortestSingle } from "../text/text-buffer.js"

/** A row as a person looks at it. */
export interface EndRow {
  /** Its number within the group, from 0. */
  readonly row: number
  /** Seconds from the log's start; null without time. */
  readonly time: number | null
  /** One a channel, calibrated; 64-bit integers as such, null where there is none. */
  readonly values: readonly unknown[]
}

/** The first and the last rows of a group; no row is in both. */
export interface EndRows {
  readonly first: readonly EndRow[]
  readonly last: readonly EndRow[]
}

/**
 * The first and last `count` rows of each group. Formats that find them at once are asked (`Log.ends`); else the log is read through.
 * @returns one entry per group, in the order of `log.groups`
 */
export async function endRows(log: Log, count: number, selection: Pick<Selection, "signal" | "progress"> = {}): Promise<EndRows[]> {
  const atOnce = (await log.ends?.(count)) ?? null
  const ends: { first: Place[]; last: Place[] }[] = []
  for await (const chunk of atOnce ?? log.chunks(selection)) {
    ends[chunk.group] ??= { first: [], last: [] }
    const { first, last } = ends[chunk.group] as { first: Place[]; last: Place[] }
    for (let i = 0; i < chunk.rows && first.length < count; i++) first.push({ chunk, i })
    for (let i = Math.max(0, chunk.rows - count); i < chunk.rows; i++) last.push({ chunk, i })
    last.splice(0, last.length - count)
  }
  return log.groups.map((group, g) => {
    const { first = [], last = [] } = ends[g] ?? {}
    const [top, bottom] = [first.map((place) => rowAt(group, place)), last.map((place) => rowAt(group, place))]
    const end = top[top.length - 1]?.row ?? -1
    return { first: top, last: bottom.filter(({ row }) => row > end) }
  })
}

interface Place {
  readonly chunk: Chunk
  readonly i: number
}

function rowAt(group: Group, { chunk, i }: Place): EndRow {
  const row = chunk.first + i
  const time = seconds(group, tickAt(chunk.ticks, i), row)
  const values = group.channels.map((channel, c) => (chunk.missing[c]?.[i] === 1 ? null : cellOf(channel, chunk.columns[c] as Values, i)))
  return { row, time: Number.isNaN(time) ? null : time, values }
}

function cellOf({ type, calibration }: Channel, column: Values, i: number): unknown {
  const value = column[i]
  if (calibration !== null && (isNumbers(column) || isBig(column))) return physical(Number(value), calibration)
  return type === "f32" && Number.isFinite(value) ? shortestSingle(value as number) : value
}
