import type { Output, WriteOptions } from "../model/format.js"
import type { Group, Log, Loss, Values } from "../model/log.js"
import { counting, formLosses, tickLosses } from "../model/losses.js"
import { hasTime, utcColumn } from "../model/time.js"
import { isInteger, isWide, WIRES, type Wire } from "../model/wire.js"
import { otherText } from "../text/cells.js"
import { encoded, TextBuffer } from "../text/text-buffer.js"
import { mergeRows } from "../views/merge.js"
import { BOOL, type ColumnPlan, FIXED, OTHER, type PreparedChunk, planColumns, prepareChunk, SINGLE } from "./parts/columns.js"
import { exportOptions } from "./parts/options.js"

/**
 * InfluxDB line protocol: a measurement per group, a field per channel, the log's name as tag `log`, time in ns
 * (UTC where the log has a start). Numbers are floats, whole-number channels integers (`i`, `u` beyond 2^63), text is
 * quoted; NaN and infinities, which InfluxDB refuses, are left out and counted.
 */
export async function writeInflux(log: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const { selection, raw } = exportOptions(options)
  const sink = output.sink()
  const text = new TextBuffer(sink)
  const shapes: LineShape[] = []
  const lost = { values: 0, rows: 0 }
  for await (const merged of mergeRows(log, selection)) {
    const prepared = merged.chunks.map((chunk, s) => {
      const group = log.groups[chunk.group] as Group
      const shape = (shapes[chunk.group] ??= lineShape(log, group, raw))
      const times = hasTime(group) ? utcColumn(log, group, chunk) : null
      return { shape, cells: prepareChunk(shape.plan, chunk, merged.times[s]), times }
    })
    for (let i = 0; i < merged.rows; i++) {
      const { shape, cells, times } = prepared[merged.slot[i] as number] as (typeof prepared)[number]
      const row = merged.row[i] as number
      if (!writeFields(text, shape, cells, row, lost)) {
        lost.rows++
        continue
      }
      text.byte(0x20)
      text.ascii(times === null ? String(Math.round(cells.times[row] as number)) : (times[row] as bigint).toString())
      text.byte(0x0a)
    }
    if (selection.follow !== undefined) text.flush()
  }
  text.flush()
  sink.close()
  return [
    ...formLosses(log, "line protocol", { start: true }),
    ...counting(
      { kind: "values", count: lost.values, text: `${lost.values} values left out: InfluxDB takes no NaN and no infinities` },
      { kind: "rows", count: lost.rows, text: `${lost.rows} rows left out: a line needs at least one value` },
    ),
    ...tickLosses(log.groups, "ticks are written as ns"),
  ]
}

/** The parts of a group's lines that never change. */
interface LineShape {
  readonly plan: ColumnPlan
  readonly head: Uint8Array
  readonly keys: readonly Uint8Array[]
  /** Per channel the suffix of a number: `i` for integers, nothing for floats. */
  readonly integer: readonly boolean[]
}

function lineShape(log: Log, group: Group, raw: boolean): LineShape {
  const plan = planColumns(group, { raw, digits: "resolution" })
  const tag = log.name === "" ? "" : `,log=${escaped(log.name, /[,= ]/g)}`
  return {
    plan,
    head: encoded(`${escaped(group.name, /[, ]/g)}${tag} `),
    keys: group.channels.map(({ name }) => encoded(`${escaped(name, /[,= ]/g)}=`)),
    integer: group.channels.map(({ type, calibration }) => (raw || calibration === null) && isNarrowInteger(type)),
  }
}

/** Integers of a fixed width that a number holds: the wider ones are written from their bigints. */
function isNarrowInteger(type: Wire): boolean {
  return isInteger(type) && !isWide(type) && WIRES[type].bits > 0
}

/** Line protocol cannot hold a line end, or a backslash before a special character, in a name. */
function escaped(name: string, special: RegExp): string {
  const plain = name.replace(/[\n\r]/g, " ").replace(/\\+$/, "")
  return plain === "" ? "_" : plain.replace(special, "\\$&")
}

/** Writes the line up to its time. @returns false, with nothing written, if the row has no value */
function writeFields(
  text: TextBuffer,
  { plan, head, keys, integer }: LineShape,
  cells: PreparedChunk,
  row: number,
  lost: { values: number },
): boolean {
  let written = 0
  for (let c = 0; c < keys.length; c++) {
    const missing = cells.missing[c] as Uint8Array
    if (missing.length !== 0 && missing[row] === 1) continue
    const kind = plan.kinds[c] as number
    const value = kind === OTHER ? 0 : ((cells.numbers[c] as Float64Array)[row] as number)
    if (!Number.isFinite(value)) {
      lost.values++
      continue
    }
    if (written++ === 0) text.raw(head)
    else text.byte(0x2c)
    text.raw(keys[c] as Uint8Array)
    if (kind === OTHER) text.utf8(otherField((cells.chunk.columns[c] as Values)[row]))
    else if (kind === BOOL) text.byte(value === 0 ? 0x66 : 0x74)
    else if (kind === SINGLE) text.shortestSingle(value)
    else if (kind === FIXED) text.fixed(value, plan.digits[c] as number)
    else text.shortest(value)
    if (integer[c] === true) text.byte(0x69)
  }
  return written > 0
}

function otherField(value: unknown): string {
  if (typeof value === "bigint") return value >= 1n << 63n ? `${value}u` : `${value}i`
  return `"${otherText(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`
}
