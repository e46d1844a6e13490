import type { Output, WriteOptions } from "../model/format.js"
import type { Channel, Group, Log, Loss, Values } from "../model/log.js"
import { counting, formLosses, instantLosses, renameLosses, tickLosses } from "../model/losses.js"
import { instantsOf, NO_INSTANT } from "../model/time.js"
import { isInteger, isWide, WIRES, type Wire } from "../model/wire.js"
import { otherText } from "../text/cells.js"
import { encoded, TextBuffer } from "../text/text-buffer.js"
import { UniqueNames } from "../text/unique.js"
import { mergeRows } from "../views/merge.js"
import { uniquelyNamed } from "../views/unique-names.js"
import { BOOL, type ColumnPlan, FIXED, OTHER, type PreparedChunk, planColumns, prepareChunk, SINGLE } from "./parts/columns.js"
import { exportOptions } from "./parts/options.js"

/**
 * InfluxDB line protocol: a measurement per group, a field per channel, the log's name as tag `log`, time in ns
 * (UTC where the log has a start). Numbers are floats, whole-number channels integers (`i`, `u` for u64), text is
 * quoted; NaN and infinities, which InfluxDB refuses, are left out and counted.
 */
export async function writeInflux(original: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const { log, losses: nameLosses } = uniquelyNamed(original)
  const { selection, raw } = exportOptions(options)
  const sink = output.sink()
  const text = new TextBuffer(sink)
  const shapes: LineShape[] = []
  const names = new LineNames()
  const lost = { values: 0, rows: 0, untimed: 0, moved: 0, parted: 0 }
  for await (const merged of mergeRows(log, selection)) {
    const prepared = merged.chunks.map((chunk, s) => {
      const group = log.groups[chunk.group] as Group
      const shape = (shapes[chunk.group] ??= lineShape(log, group, raw, names))
      return { shape, cells: prepareChunk(shape.plan, chunk, merged.times[s]), times: instantsOf(log, group, chunk) }
    })
    for (let i = 0; i < merged.rows; i++) {
      const { shape, cells, times } = prepared[merged.slot[i] as number] as (typeof prepared)[number]
      const row = merged.row[i] as number
      const stamp = times[row] as bigint
      if (stamp === NO_INSTANT) {
        lost.untimed++
        continue
      }
      if (!writeFields(text, shape, cells, row, stamp, lost)) {
        lost.rows++
        continue
      }
      const { clock } = shape
      if (clock.time !== stamp) lost.moved++
      if (clock.part > 0) lost.parted++
      text.byte(0x20)
      text.ascii(clock.time.toString())
      text.byte(0x0a)
    }
    if (selection.follow !== undefined) text.flush()
  }
  text.flush()
  sink.close()
  return [
    ...formLosses(log, "line protocol", { start: true, since1970: true }),
    ...instantLosses("rows", lost.untimed),
    ...nameLosses(),
    ...counting(
      { kind: "values", count: lost.values, text: `${lost.values} values left out: InfluxDB takes no NaN and no infinities` },
      { kind: "rows", count: lost.rows, text: `${lost.rows} rows left out: a line needs at least one value` },
    ),
    ...counting(
      { kind: "form", count: lost.moved, text: `${lost.moved} rows moved by 1 ns or more: InfluxDB keeps one point a time` },
      { kind: "form", count: lost.parted, text: `${lost.parted} rows written with a tag part: their clock went back` },
    ),
    ...renameLosses(names.renames, "InfluxDB takes a name once, without line ends"),
    ...tickLosses(log.groups, "ticks are written as ns"),
  ]
}

/**
 * Gives each row of a group a place of its own in InfluxDB, which keeps one point for a time and a set of tags. Rows of equal stamps follow
 * one another by 1 ns. A row that is older than the one before it goes into the first part that has nothing as late: as the tag `part`
 * tells parts apart, no time changes.
 */
class GroupClock {
  /** Of each part the last row's stamp and the time that it got. A part's stamp is earlier than that of the part before. */
  private readonly stamps: bigint[] = []
  private readonly given: bigint[] = []
  /** The last row's part, from 0, and its time. */
  part = 0
  time = 0n

  /** @returns the row's part */
  place(stamp: bigint): number {
    this.part = this.partFor(stamp)
    const last = this.given[this.part]
    this.time = last !== undefined && stamp <= last ? last + 1n : stamp
    this.stamps[this.part] = stamp
    this.given[this.part] = this.time
    return this.part
  }

  /** The first part whose last stamp is not later. */
  private partFor(stamp: bigint): number {
    const { stamps } = this
    let from = 0
    let to = stamps.length
    while (from < to) {
      const middle = (from + to) >> 1
      if ((stamps[middle] as bigint) <= stamp) to = middle
      else from = middle + 1
    }
    return from
  }
}

/** Names of measurements and fields: InfluxDB takes each once, and neither a line end nor a backslash before a special character. */
class LineNames {
  /** Names of the log, and what they became. */
  readonly renames: [string, string][] = []
  private readonly measurements = new UniqueNames()

  measurement(name: string): string {
    return this.take(this.measurements, name)
  }

  fields(channels: readonly Channel[]): string[] {
    const free = new UniqueNames()
    return channels.map(({ name }) => this.take(free, name))
  }

  private take(free: UniqueNames, name: string): string {
    const own = free.take(name.replace(/[\n\r]/g, " ").replace(/\\+$/, "") || "_")
    this.renames.push([name, own])
    return own
  }
}

/** The parts of a group's lines that never change. */
interface LineShape {
  readonly clock: GroupClock
  readonly plan: ColumnPlan
  /** Measurement and tags. */
  readonly head: string
  /** By the row's part: the line's begin. */
  readonly heads: Uint8Array[]
  readonly keys: readonly Uint8Array[]
  /** Per channel the suffix of a number: `i` for integers, nothing for floats. */
  readonly integer: readonly boolean[]
  /** Per channel the suffix of a 64-bit integer, empty for text: a field has one type. */
  readonly wide: readonly string[]
}

function lineShape(log: Log, group: Group, raw: boolean, names: LineNames): LineShape {
  const measurement = names.measurement(group.name).replace(/[, ]/g, "\\$&")
  const tag = log.name === "" ? "" : `,log=${tagText(log.name)}`
  return {
    plan: planColumns(group, { raw, digits: "resolution" }),
    head: `${measurement}${tag}`,
    heads: [],
    clock: new GroupClock(),
    keys: names.fields(group.channels).map((name) => encoded(`${name.replace(/[,= ]/g, "\\$&")}=`)),
    wide: group.channels.map(({ type }) => (isWide(type) ? (type.startsWith("u") ? "u" : "i") : "")),
    integer: group.channels.map(({ type, calibration }) => (raw || calibration === null) && isNarrowInteger(type)),
  }
}

function headOf({ head, heads }: LineShape, part: number): Uint8Array {
  return (heads[part] ??= encoded(part === 0 ? `${head} ` : `${head},part=${part + 1} `))
}

function tagText(text: string): string {
  return (text.replace(/[\n\r]/g, " ").replace(/\\+$/, "") || "_").replace(/[,= ]/g, "\\$&")
}

/** Integers of a fixed width that a number holds: the wider ones are written from their bigints. */
function isNarrowInteger(type: Wire): boolean {
  return isInteger(type) && !isWide(type) && WIRES[type].bits > 0
}

/** Writes the line up to its time. @returns false, with nothing written, if the row has no value */
function writeFields(
  text: TextBuffer,
  shape: LineShape,
  cells: PreparedChunk,
  row: number,
  stamp: bigint,
  lost: { values: number },
): boolean {
  const { plan, keys, integer, wide, clock } = shape
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
    if (written++ === 0) text.raw(headOf(shape, clock.place(stamp)))
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
