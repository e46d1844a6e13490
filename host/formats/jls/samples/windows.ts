import type { Group, Selection } from "../../../model/log.js"
import { seconds } from "../../../model/values.js"

/** Rows of one group in a window, and of all groups: a column stays in the processor's cache until it is used. */
export const ROWS = 32768
const ALL_ROWS = 1024 * 1024

/** A stretch of time and the rows of each group within it. */
interface Window {
  readonly index: number
  readonly parts: readonly { readonly group: number; readonly from: number; readonly to: number }[]
  /** Share of all rows delivered up to the end of this window, at most 1. */
  readonly done: number
}

/** Cuts the selected rows of groups with fixed rates into windows of equal time. @param rows rows of each group */
export function* windowsOf(groups: readonly Group[], rows: readonly number[], selection: Selection): Generator<Window> {
  const { start = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY } = selection
  const tracks = (selection.groups ?? [...groups.keys()]).map((index) =>
    track(index, groups[index] as Group, rows[index] as number, start, end),
  )
  const active = tracks.filter(({ next, stop }) => next < stop)
  if (active.length === 0) return
  const fastest = Math.max(...active.map(({ rate }) => rate))
  const all = active.reduce((sum, { rate }) => sum + rate, 0)
  // In rows of the fastest group, so that its windows are whole numbers of rows.
  const size = Math.max(1, Math.floor(Math.min(ROWS, (ALL_ROWS * fastest) / all)))
  const total = active.reduce((sum, { next, stop }) => sum + stop - next, 0)
  const origin = Math.min(...active.map((t) => timeOf(t, t.next)))
  for (let index = 0, done = 0; done < total; index++) {
    const parts: { group: number; from: number; to: number }[] = []
    // While no group has rows, windows are skipped.
    const ahead = Math.min(...active.filter((t) => t.next < t.stop).map((t) => ((timeOf(t, t.next) - origin) * fastest) / size))
    index = Math.max(index, Math.floor(ahead + 1e-9))
    for (const t of active) {
      const limit = Math.min(t.stop, Math.max(t.next, edge(t, index + 1, size, fastest, origin)))
      for (let from = t.next; from < limit; from += ROWS) parts.push({ group: t.group, from, to: Math.min(limit, from + ROWS) })
      done += limit - t.next
      t.next = limit
    }
    if (parts.length > 0) yield { index, parts, done: done / total }
  }
}

interface Track {
  readonly group: number
  readonly rate: number
  readonly offset: number
  /** Next row, and the row after the last. */
  next: number
  readonly stop: number
}

function track(index: number, group: Group, rows: number, start: number, end: number): Track {
  const { rate, offset } = group.time.kind === "fixed" ? group.time : { rate: 1, offset: 0 }
  return { group: index, rate, offset, next: firstRow(group, rows, start), stop: firstRow(group, rows, end) }
}

/** The first row at or behind a time, computed as the rows' times are. */
export function firstRow(group: Group, rows: number, time: number): number {
  const { rate, offset } = group.time.kind === "fixed" ? group.time : { rate: 1, offset: 0 }
  let row = Math.min(rows, Math.max(0, Math.ceil((time - offset) * rate)))
  while (row > 0 && seconds(group, null, row - 1) >= time) row--
  while (row < rows && seconds(group, null, row) < time) row++
  return row
}

function timeOf({ rate, offset }: Track, row: number): number {
  return offset + row / rate
}

/** The first row of the window with this index. */
function edge({ rate, offset }: Track, index: number, size: number, fastest: number, origin: number): number {
  return Math.ceil((index * size * rate) / fastest - (offset - origin) * rate - 1e-6)
}
