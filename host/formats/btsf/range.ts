import type { Group, Selection, Values } from "../../model/log.js"
import { seconds, tickAt } from "../../model/values.js"
import type { Rows } from "./scan.js"

/** The stretches of rows whose time lies in the selection; all rows where the group has no time. */
export function* rowsWithin(group: Group, rows: Rows, structSize: number, selection: Pick<Selection, "start" | "end">): Generator<Rows> {
  const { start = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY } = selection
  const timeless = group.time.kind === "stamped" && group.time.tick === 0
  if (timeless || (selection.start === undefined && selection.end === undefined)) {
    yield rows
    return
  }
  let from = -1
  for (let i = 0; i <= rows.rows; i++) {
    const time = i < rows.rows ? seconds(group, tickAt(rows.ticks, i), rows.first + i) : Number.NaN
    const inside = time >= start && time < end
    if (inside && from < 0) from = i
    if (!inside && from >= 0) {
      yield from === 0 && i === rows.rows ? rows : cut(rows, structSize, from, i)
      from = -1
    }
  }
}

function cut(rows: Rows, structSize: number, from: number, to: number): Rows {
  const columns: Values[] = rows.columns.map((column) => column.slice(from, to))
  return { at: rows.at + from * structSize, first: rows.first + from, rows: to - from, ticks: rows.ticks.slice(from, to), columns }
}
