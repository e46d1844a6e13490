import type { Output, WriteOptions } from "../model/format.js"
import type { Log, Loss } from "../model/log.js"
import { formLosses } from "../model/losses.js"
import { otherJson } from "../text/cells.js"
import { encoded, TextBuffer } from "../text/text-buffer.js"
import { storedTick } from "../text/ticks.js"
import { mergeRows } from "../views/merge.js"
import { uniquelyNamed } from "../views/unique-names.js"
import { type PreparedChunk, prepareChunk } from "./parts/columns.js"
import { type JsonShape, jsonShape, writeJsonNumber, writeJsonValues } from "./parts/json-row.js"
import { exportOptions } from "./parts/options.js"

/**
 * One JSON object a row: `{"group":"imu","tick":120,"time":0.12,"values":{"ax":-0.5}}`, groups merged by time.
 * Numbers are the shortest that read back exactly; a missing value is null; NaN and infinities are strings.
 */
export async function writeNdjson(original: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const { log, losses: nameLosses } = uniquelyNamed(original)
  const { selection, raw } = exportOptions(options)
  const sink = output.sink()
  const text = new TextBuffer(sink)
  const shapes: RowShape[] = []
  for await (const merged of mergeRows(log, selection)) {
    const prepared = merged.chunks.map((chunk, s) => {
      const shape = (shapes[chunk.group] ??= rowShape(log, chunk.group, raw))
      return { shape, cells: prepareChunk(shape.plan, chunk, merged.times[s]) }
    })
    for (let i = 0; i < merged.rows; i++) {
      const { shape, cells } = prepared[merged.slot[i] as number] as (typeof prepared)[number]
      writeRow(text, shape, cells, merged.row[i] as number)
    }
    if (selection.follow !== undefined) text.flush()
  }
  text.flush()
  sink.close()
  return [...formLosses(log, "NDJSON", {}), ...nameLosses()]
}

/** The parts of a group's rows that never change. */
interface RowShape extends JsonShape {
  readonly head: Uint8Array
}

const TIME = encoded(',"time":')
const VALUES = encoded(',"values":')
const END = encoded("}\n")

function rowShape(log: Log, index: number, raw: boolean): RowShape {
  const group = log.groups[index]
  if (group === undefined) throw new RangeError(`no group ${index}`)
  return { ...jsonShape(group, raw), head: encoded(`{"group":${JSON.stringify(group.name)},"tick":`) }
}

function writeRow(text: TextBuffer, shape: RowShape, cells: PreparedChunk, row: number): void {
  const { ticks } = cells.chunk
  text.raw(shape.head)
  if (ticks instanceof Float64Array) writeJsonNumber(text, ticks[row] as number)
  else writeTick(text, storedTick(cells.plan.group, cells.chunk, row))
  if (cells.timeDigits !== -2) {
    text.raw(TIME)
    if (cells.exactTime !== null)
      text.ascii(
        cells
          .exactTime(row)
          .replace(/(\.\d*?)0+$/, "$1")
          .replace(/\.$/, ""),
      )
    else writeJsonNumber(text, cells.times[row] as number)
  }
  text.raw(VALUES)
  writeJsonValues(text, shape, cells, row)
  text.raw(END)
}

function writeTick(text: TextBuffer, tick: number | bigint | string): void {
  if (typeof tick === "number") text.shortest(tick)
  else if (typeof tick === "string") text.ascii(JSON.stringify(tick))
  else text.ascii(otherJson(tick))
}
