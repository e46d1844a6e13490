import type { Output, WriteOptions } from "../model/format.js"
import type { Channel, Group, Log, Loss, Values } from "../model/log.js"
import { counting, formLosses, instantLosses, tickLosses } from "../model/losses.js"
import { instantsOf, NO_INSTANT } from "../model/time.js"
import { isInteger, isWide, WIRES, type Wire } from "../model/wire.js"
import { otherText } from "../text/cells.js"
import { encoded, TextBuffer } from "../text/text-buffer.js"
import { UniqueNames } from "../text/unique.js"
import { mergeRows } from "../views/merge.js"
import { BOOL, type ColumnPlan, FIXED, OTHER, type PreparedChunk, planColumns, prepareChunk, SINGLE } from "./parts/columns.js"
import { exportOptions } from "./parts/options.js"

/**
 * InfluxDB line protocol: a measurement per group, a field per channel, the log's name as tag `log`, time in ns
 * (UTC where the log has a start). Numbers are floats, whole-number channels integers (`i`, `u` for u64), text is
 * quoted; NaN and infinities, which InfluxDB refuses, are left out and counted.
 */
export async function writeInflux(log: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const { selection, raw } = exportOptions(options)
  const sink = output.sink()
  const text = new TextBuffer(sink)
  const shapes: LineShape[] = []
  const names = new FieldNames()
  const lost = { values: 0, rows: 0, untimed: 0, moved: 0 }
  for await (const merged of mergeRows(log, selection)) {
    const prepared = merged.chunks.map((chunk, s) => {
      const group = log.groups[chunk.group] as Group
      const shape = (shapes[chunk.group] ??= lineShape(log, group, raw, names))
      return { shape, cells: prepareChunk(shape.plan, chunk, merged.times[s]), times: instantsOf(log, group, chunk) }
    })
    for (let i = 0; i < merged.rows; i++) {
      const { shape, cells, times } = prepared[merged.slot[i] as number] as (typeof prepared)[number]
      const row = merged.row[i] as number
      const time = times[row] as bigint
      if (time === NO_INSTANT) {
        lost.untimed++
        continue
      }
      if (!writeFields(text, shape, cells, row, lost)) {
        lost.rows++
        continue
      }
      text.byte(0x20)
      const own = shape.clock.place(time)
      if (own !== time) lost.moved++
      text.ascii(own.toString())
      text.byte(0x0a)
    }
    if (selection.follow !== undefined) text.flush()
  }
  text.flush()
  sink.close()
  const passed = shapes.reduce((sum, { clock }) => sum + clock.passed, 0)
  return [
    ...formLosses(log, "line protocol", { start: true, since1970: true }),
    ...instantLosses("rows", lost.untimed),
    ...counting(
      { kind: "values", count: lost.values, text: `${lost.values} values left out: InfluxDB takes no NaN and no infinities` },
      { kind: "rows", count: lost.rows, text: `${lost.rows} rows left out: a line needs at least one value` },
    ),
    ...counting(
      { kind: "form", count: lost.moved, text: `${lost.moved} rows moved by 1 ns or more: InfluxDB keeps one point a time` },
      {
        kind: "form",
        count: passed,
        text: `${passed} rows are at times that rows before them have passed: InfluxDB keeps the last of one time`,
      },
      { kind: "form", count: names.changed, text: `${names.changed} fields renamed: others of their measurement have the same name` },
    ),
    ...tickLosses(log.groups, "ticks are written as ns"),
  ]
}

/**
 * Names of fields, each once a measurement: InfluxDB overwrites a point of the same field, tags and time, and refuses a second type of
 * a field. A name that is taken gets its source before it, then a number.
 */
class FieldNames {
  /** How many have another name than their channel. */
  changed = 0
  private readonly taken = new Map<string, UniqueNames>()

  of(measurement: string, { name, notes }: Channel): string {
    let free = this.taken.get(measurement)
    if (free === undefined) this.taken.set(measurement, (free = new UniqueNames()))
    const plain = escaped(name, /[,= ]/g)
    const source = notes.source ?? ""
    const own = free.takeFirst(source === "" ? [plain] : [plain, escaped(`${source}.${name}`, /[,= ]/g)])
    if (own !== plain) this.changed++
    return own
  }
}

/** Gives each row of a group a time of its own: rows of equal stamps follow one another by 1 ns. */
class GroupClock {
  /** Rows at times that rows before them have passed. */
  passed = 0
  private latest = NO_INSTANT
  private stamp: bigint | null = null
  private given = 0n

  place(stamp: bigint): bigint {
    const isTaken = this.stamp !== null && stamp >= this.stamp && stamp <= this.given
    this.given = isTaken ? this.given + 1n : stamp
    this.stamp = stamp
    if (this.given <= this.latest) this.passed++
    else this.latest = this.given
    return this.given
  }
}

/** The parts of a group's lines that never change. */
interface LineShape {
  readonly clock: GroupClock
  readonly plan: ColumnPlan
  readonly head: Uint8Array
  readonly keys: readonly Uint8Array[]
  /** Per channel the suffix of a number: `i` for integers, nothing for floats. */
  readonly integer: readonly boolean[]
  /** Per channel the suffix of a 64-bit integer, empty for text: a field has one type. */
  readonly wide: readonly string[]
}

function lineShape(log: Log, group: Group, raw: boolean, names: FieldNames): LineShape {
  const measurement = escaped(group.name, /[, ]/g)
  const plan = planColumns(group, { raw, digits: "resolution" })
  const tag = log.name === "" ? "" : `,log=${escaped(log.name, /[,= ]/g)}`
  return {
    plan,
    head: encoded(`${measurement}${tag} `),
    clock: new GroupClock(),
    keys: group.channels.map((channel) => encoded(`${names.of(measurement, channel)}=`)),
    wide: group.channels.map(({ type }) => (isWide(type) ? (type.startsWith("u") ? "u" : "i") : "")),
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
  { plan, head, keys, integer, wide }: LineShape,
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
    if (kind === OTHER) text.utf8(otherField((cells.chunk.columns[c] as Values)[row], wide[c] as string))
    else if (kind === BOOL) text.byte(value === 0 ? 0x66 : 0x74)
    else if (kind === SINGLE) text.shortestSingle(value)
    else if (kind === FIXED) text.fixed(value, plan.digits[c] as number)
    else text.shortest(value)
    if (integer[c] === true) text.byte(0x69)
  }
  return written > 0
}

function otherField(value: unknown, wide: string): string {
  if (typeof value === "bigint" && wide !== "") return `${value}${wide}`
  return `"${otherText(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`
}
