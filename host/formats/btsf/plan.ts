import type { Channel, Chunk, Group, Loss, Ticks, Values } from "../../model/log.js"
import { rowTimes } from "../../model/time.js"
import { physicalColumn } from "../../model/values.js"
import { isNumeric, type StorageName, storageOf } from "../../model/wire.js"
import { UniqueNames } from "../../text/unique.js"
import type { NewMetric } from "./compose.js"
import type { Code } from "./head/row-layout.js"

/** How one metric of the output gets its values from a chunk. */
export interface Plan {
  readonly metric: NewMetric
  /** The storage of the metric's type. */
  column(group: Group, chunk: Chunk): Values
}

/** What a first pass over a group's rows found. */
export interface GroupFacts {
  /** Per channel: true if some row has no value. */
  readonly incomplete: readonly boolean[]
  /** Ticks are 64-bit integers. */
  readonly bigTicks: boolean
  /** Ticks are the row numbers, so they are not stored. */
  readonly timeless: boolean
}

/**
 * Numbers are stored in the type that they have in memory: integers of odd widths in the next wider type, or in a Double that holds them
 * exactly.
 */
const CODES: Readonly<Partial<Record<StorageName, Code>>> = {
  ...{ u8: "B", u16: "H", u32: "L", u64: "Q", i8: "b", i16: "h", i32: "l", i64: "q", f32: "f", f64: "d" },
}

const UNITS: readonly (readonly [number, string])[] = [
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "us"],
  [1e-9, "ns"],
]

/**
 * The metrics of a group: its time first, unless one of its channels is the time already.
 * @param losses gets what is stored in another form; the caller, who sees the rows, counts text and bytes
 */
export function planGroup(group: Group, { incomplete, bigTicks, timeless }: GroupFacts, losses: Loss[]): Plan[] {
  const plans: Plan[] = []
  let changed = 0
  let widened = 0
  for (const [c, channel] of group.channels.entries()) {
    const code = CODES[storageOf(channel.type)]
    if (code === undefined) continue
    const gaps = incomplete[c] === true && "bBhHlLqQ".includes(code)
    if (channel.calibration !== null) changed++
    else if (gaps) widened++
    plans.push(channel.calibration !== null || gaps ? physicalPlan(channel, c) : directPlan(channel, c, code))
  }
  if (changed > 0) losses.push(form(changed, `calibration of ${channels(changed)} of ${group.name} applied: btsf stores physical values`))
  if (widened > 0) losses.push(form(widened, `${channels(widened)} of ${group.name} stored as Double: rows without a value are NaN`))
  const isTimed = group.channels.some(({ notes, type }) => notes.is_time === "true" && isNumeric(type))
  return isTimed || timeless
    ? plans
    : [
        timePlan(
          group,
          bigTicks,
          plans.map(({ metric }) => metric.identifier),
        ),
        ...plans,
      ]
}

/** True for channels that a row of numbers cannot hold. */
export function isUnfit(channel: Channel): boolean {
  return !isNumeric(channel.type)
}

function directPlan(channel: Channel, c: number, code: Code): Plan {
  const column = (_: Group, chunk: Chunk): Values => {
    const values = chunk.columns[c] as Values
    const missing = chunk.missing[c] ?? null
    if (missing === null) return values
    const copy = (values as Float64Array).slice()
    for (let i = 0; i < copy.length; i++) if (missing[i] === 1) copy[i] = Number.NaN
    return copy
  }
  return { metric: metricOf(channel, code), column }
}

function physicalPlan(channel: Channel, c: number): Plan {
  const column = (_: Group, chunk: Chunk): Values =>
    physicalColumn(chunk.columns[c] as Values, channel.calibration, chunk.missing[c] ?? null) ?? new Float64Array(chunk.rows)
  return { metric: metricOf(channel, "d"), column }
}

function metricOf({ name, unit, notes }: Channel, code: Code): NewMetric {
  return {
    identifier: notes.identifier ?? name,
    code,
    name: notes.name ?? "",
    unit,
    description: notes.description ?? "",
    isTime: notes.is_time === "true",
  }
}

/** Ticks unchanged if their length has a name, else seconds. */
function timePlan(group: Group, bigTicks: boolean, taken: readonly string[]): Plan {
  const identifier = new UniqueNames({ join: "_", taken }).take("time")
  const { time } = group
  const unit = time.kind === "fixed" ? undefined : time.tick === 0 ? "ticks" : UNITS.find(([tick]) => tick === time.tick)?.[1]
  if (unit === undefined) return { metric: { identifier, code: "d", unit: "s", isTime: true }, column: rowTimes }
  return { metric: { identifier, code: bigTicks ? "q" : "d", unit, isTime: true }, column: (_, chunk) => chunk.ticks as Ticks }
}

function channels(n: number): string {
  return n === 1 ? "1 channel" : `${n} channels`
}

function form(count: number, text: string): Loss {
  return { kind: "form", count, text }
}
