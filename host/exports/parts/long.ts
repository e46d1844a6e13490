import type { Chunk, Group, Log, Values } from "../../model/log.js"
import { physicalColumn } from "../../model/values.js"
import { otherText } from "../../text/cells.js"
import type { MergedRows } from "../../views/merge.js"
import { type TableBatch, timeCells } from "./batch-column.js"
import { type Table, tableTimes } from "./table.js"

/** Rows of the long table: time, group, channel, value (numbers) and text (everything else); values that are missing have no row. */
export function longBatch(log: Log, table: Table, merged: MergedRows): TableBatch {
  const times = merged.chunks.map((chunk) => tableTimes(log, table, chunk))
  const numbers = merged.chunks.map((chunk) =>
    (log.groups[chunk.group] as Group).channels.map((channel, c) => physicalColumn(chunk.columns[c] as Values, channel.calibration, null)),
  )
  const most = merged.chunks.reduce((sum, { rows, columns }) => sum + rows * columns.length, 0)
  const time = table.columns[0]?.role === "utc" ? new BigInt64Array(most) : new Float64Array(most)
  const value = new Float64Array(most)
  const valueAt = new Uint32Array(most)
  const group: string[] = []
  const channel: string[] = []
  const text: string[] = []
  const textAt: number[] = []
  let rows = 0
  let values = 0
  for (let i = 0; i < merged.rows; i++) {
    const slot = merged.slot[i] as number
    const row = merged.row[i] as number
    const chunk = merged.chunks[slot] as Chunk
    const { name, channels } = log.groups[chunk.group] as Group
    for (let c = 0; c < channels.length; c++) {
      if (chunk.missing[c]?.[row] === 1) continue
      const column = numbers[slot]?.[c] ?? null
      time[rows] = times[slot]?.[row] as never
      group.push(name)
      channel.push((channels[c] as Group["channels"][number]).name)
      if (column === null) {
        text.push(otherText(chunk.columns[c]?.[row]))
        textAt.push(rows)
      } else {
        value[values] = column[row] as number
        valueAt[values++] = rows
      }
      rows++
    }
  }
  return {
    table: 0,
    rows,
    columns: [
      timeCells(time.subarray(0, rows)),
      { values: group, at: null },
      { values: channel, at: null },
      { values: value.subarray(0, values), at: values === rows ? null : valueAt.subarray(0, values) },
      { values: text, at: Uint32Array.from(textAt) },
    ],
  }
}
