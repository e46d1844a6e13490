import type { Selection } from "../../../model/log.js"

/** Rows of one group in a window, and of all groups: a column stays in the processor's cache until it is used. */
export const ROWS = 32768
const ALL_ROWS = 1024 * 1024

/** A stretch of time and the rows of each group within it. */
interface Window {
  readonly index: number
  readonly parts: readonly { readonly group: number; readonly from: number; readonly to: number }[]
  /** Share of all rows that is delivered with this window, up to 1. */
  readonly done: number
}

/** When a group's rows are, as far as windows need it: `RowClock`. */
interface Clock {
  readonly rate: number
  timeAt(row: number): number
  rowAt(seconds: number): number
}

/** Cuts the selected rows of groups into windows of equal time. @param rows rows of each group */
export function* windowsOf(clocks: readonly Clock[], rows: readonly number[], selection: Selection): Generator<Window> {
  const { start = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY } = selection
  const tracks = (selection.groups ?? [...clocks.keys()]).map((index) =>
    track(index, clocks[index] as Clock, rows[index] as number, start, end),
  )
  const active = tracks.filter(({ next, stop }) => next < stop)
  if (active.length === 0) return
  const fastest = Math.max(...active.map(({ clock }) => clock.rate))
  const all = active.reduce((sum, { clock }) => sum + clock.rate, 0)
  // In rows of the fastest group, so that its windows are whole numbers of rows.
  const size = Math.max(1, Math.floor(Math.min(ROWS, (ALL_ROWS * fastest) / all)))
  const total = active.reduce((sum, { next, stop }) => sum + stop - next, 0)
  const origin = Math.min(...active.map(({ clock, next }) => clock.timeAt(next)))
  for (let index = 0, done = 0; done < total; index++) {
    const parts: { group: number; from: number; to: number }[] = []
    // Where no group has rows for a while, windows are skipped.
    const ahead = Math.min(...active.filter((t) => t.next < t.stop).map((t) => ((t.clock.timeAt(t.next) - origin) * fastest) / size))
    index = Math.max(index, Math.floor(ahead + 1e-9))
    for (const t of active) {
      const limit = Math.min(t.stop, Math.max(t.next, edge(t.clock, origin + ((index + 1) * size) / fastest)))
      for (let from = t.next; from < limit; from += ROWS) parts.push({ group: t.group, from, to: Math.min(limit, from + ROWS) })
      done += limit - t.next
      t.next = limit
    }
    if (parts.length > 0) yield { index, parts, done: done / total }
  }
}

interface Track {
  readonly group: number
  readonly clock: Clock
  /** Next row, and the one behind the last. */
  next: number
  readonly stop: number
}

function track(group: number, clock: Clock, rows: number, start: number, end: number): Track {
  return { group, clock, next: firstRow(clock, rows, start), stop: firstRow(clock, rows, end) }
}

/** The first row at or behind a time, by the same arithmetic that gives rows their time. */
export function firstRow(clock: Clock, rows: number, time: number): number {
  let row = Math.min(rows, Math.max(0, Math.ceil(clock.rowAt(time))))
  while (row > 0 && clock.timeAt(row - 1) >= time) row--
  while (row < rows && clock.timeAt(row) < time) row++
  return row
}

/** The first row at or behind a window's edge, but for rounding. */
function edge(clock: Clock, time: number): number {
  return Math.ceil(clock.rowAt(time) - 1e-6)
}
