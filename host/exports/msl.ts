import type { Output, WriteOptions } from "../model/format.js"
import type { Log, Loss } from "../model/log.js"
import { formLosses } from "../model/losses.js"
import { stepDigits } from "../text/digits.js"
import { TextBuffer } from "../text/text-buffer.js"
import { dateOf } from "../text/times.js"
import { GridCells } from "./parts/grid-cells.js"
import { heldGrid } from "./parts/held-rows.js"

/**
 * MegaLogViewer's text log MSL: names and units in tabs, rows of a grid as for MLG, and a `MARK` line for each of the log's
 * annotations.
 */
export async function writeMsl(log: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const cell = (name: string) => name.replace(/[\t\r\n"]/g, " ")
  const grid = await heldGrid(log, options, { target: "MSL", plain: cell })
  const sink = output.sink()
  const text = new TextBuffer(sink)
  text.utf8(`"fieldlog: ${cell(log.name)}"\n`)
  const date = grid.instant === null ? null : dateOf(grid.instant)
  if (date !== null) text.utf8(`"Capture Date: ${date.toISOString()}"\n`)
  text.utf8(`${["Time", ...grid.channels.map(({ channel }) => channel.name)].join("\t")}\n`)
  text.utf8(`${["s", ...grid.channels.map(({ channel }) => cell(channel.unit))].join("\t")}\n`)
  const cells = new GridCells(text, grid.channels)
  const timeDigits = Math.max(3, stepDigits(1 / grid.rate))
  const marks = log.annotations.filter(({ time }) => time !== null).sort((a, b) => (a.time as number) - (b.time as number))
  let mark = 0
  for await (const { rows, times, columns } of grid.rows()) {
    for (let i = 0; i < rows; i++) {
      const time = times[i] as number
      for (; mark < marks.length && (marks[mark]?.time as number) - grid.begin <= time; mark++) {
        text.utf8(`MARK ${String(mark + 1).padStart(3, "0")} - ${cell(marks[mark]?.text ?? "")}\n`)
      }
      text.fixed(time, timeDigits)
      for (let c = 0; c < columns.length; c++) {
        text.byte(0x09)
        cells.put(c, (columns[c] as Float64Array)[i] as number)
      }
      text.byte(0x0a)
    }
  }
  text.flush()
  sink.close()
  return [...grid.losses(), ...formLosses(log, "MSL", { units: true, annotations: true, start: true })]
}
