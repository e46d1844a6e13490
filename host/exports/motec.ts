import type { Output, WriteOptions } from "../model/format.js"
import type { Log, Loss } from "../model/log.js"
import { counting, formLosses } from "../model/losses.js"
import { stepDigits } from "../text/digits.js"
import { encoded, TextBuffer } from "../text/text-buffer.js"
import { dateOf } from "../text/times.js"
import type { Grid } from "./parts/grid.js"
import { GridCells } from "./parts/grid-cells.js"
import { heldGrid } from "./parts/held-rows.js"

const QUOTE = 0x22
const BETWEEN = encoded('","')
const END = encoded('"\r\n')

/**
 * MoTeC i2 CSV: the quoted head that i2 asks for, names, units, then rows of a constant rate (`rate`, `hold`, `fill`).
 * `venue`, `vehicle`, `driver`, `device`, `comment` fill the head. Annotations with a time are beacon markers.
 */
export async function writeMotec(log: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const grid = await heldGrid(log, options, { target: "MoTeC CSV", plain: plainCell })
  const sink = output.sink()
  const text = new TextBuffer(sink)
  const line = (cells: readonly (string | number)[]) => text.utf8(`${cells.map((cell) => `"${plainCell(String(cell))}"`).join(",")}\r\n`)
  const beacons = log.annotations.flatMap(({ time }) => (time === null ? [] : [time - grid.begin])).sort((a, b) => a - b)
  for (const row of head(log, grid, beacons, options)) line(row)
  text.ascii("\r\n\r\n")
  line(["Time", ...grid.channels.map(({ channel }) => channel.name)])
  line(["s", ...grid.channels.map(({ channel }) => channel.unit)])
  text.ascii("\r\n\r\n")
  const cells = new GridCells(text, grid.channels)
  const timeDigits = Math.max(3, stepDigits(1 / grid.rate))
  for await (const { rows, times, columns } of grid.rows()) {
    for (let i = 0; i < rows; i++) {
      text.byte(QUOTE)
      text.fixed(times[i] as number, timeDigits)
      for (let c = 0; c < columns.length; c++) {
        text.raw(BETWEEN)
        cells.put(c, (columns[c] as Float64Array)[i] as number)
      }
      text.raw(END)
    }
  }
  text.flush()
  sink.close()
  const count = beacons.length
  return [
    ...grid.losses(),
    ...formLosses(log, "MoTeC CSV", { units: true, start: true, annotations: count === log.annotations.length }),
    ...counting({ kind: "form", count, text: `${count} annotations written as beacon markers, without their text` }),
  ]
}

/** i2 knows no quotes and no line ends inside a cell. */
function plainCell(text: string): string {
  return text.replace(/"/g, "'").replace(/[\r\n]+/g, " ")
}

/** The twelve rows of facts; the right half begins in column 5. */
function head(log: Log, { rate, duration, instant }: Grid, beacons: readonly number[], options: WriteOptions): (string | number)[][] {
  const fact = (name: string, fallback = "") => String(options[name] ?? fallback)
  const start = instant === null ? null : dateOf(instant)
  const date = start === null ? "" : `${start.getUTCDate()}/${start.getUTCMonth() + 1}/${start.getUTCFullYear()}`
  const time = start === null ? "" : start.toISOString().slice(11, 19)
  const pair = (name: string, value: string | number, unit: string, right: string, rightValue: string | number, rightUnit = "") => [
    name,
    value,
    unit,
    "",
    right,
    rightValue,
    rightUnit,
  ]
  return [
    pair("Format", "MoTeC CSV File", "", "Workbook", ""),
    pair("Venue", fact("venue"), "", "Worksheet", ""),
    pair("Vehicle", fact("vehicle"), "", "Vehicle Desc", ""),
    pair("Driver", fact("driver"), "", "Engine ID", ""),
    pair("Device", fact("device", "fieldlog"), "", "", ""),
    pair("Comment", fact("comment", log.name), "", "Session", ""),
    pair("Log Date", date, "", "Origin Time", "0.000", "s"),
    pair("Log Time", time, "", "Start Time", "0.000", "s"),
    pair("Sample Rate", rate.toFixed(3), "Hz", "End Time", duration.toFixed(3), "s"),
    pair("Duration", duration.toFixed(3), "s", "Start Distance", "0", "m"),
    pair("Range", "entire outing", "", "End Distance", "0", "m"),
    ["Beacon Markers", beacons.map((at) => at.toFixed(3)).join(" ")],
  ]
}
