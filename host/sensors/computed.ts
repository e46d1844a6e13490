import type { Channel, Chunk, Group, Log, Selection, Values } from "../model/log.js"
import { physicalColumn } from "../model/values.js"
import { digitsNote } from "../text/digits.js"
import { View } from "../views/view.js"
import { bme680Coefficients, bme680Humidity, bme680Pressure, bme680Temperature, CALIBRATION_WORDS } from "./bme680.js"

/**
 * The log with the raw numbers of a BME680 and its calibration turned into temperature, pressure and humidity, in their place. Where
 * one raw number of a row is missing so are its three values. A log without such channels comes back as it is.
 *
 * The channels are told by their names, `bme680_t`, `_p`, `_h` and `_c0` to `_c8` in one group: `bme680()` of shared/logger/sensors.ts has them.
 */
export function compensated(log: Log): Log {
  // Only JLS stores summaries; there every channel is a group of its own.
  if (log.reduce !== undefined || !log.groups.some((group) => sensorsOf(group).length > 0)) return log
  return new Compensated(log)
}

/** Where a sensor's raw channels stand in their group: temperature, pressure, humidity, then the calibration's words. */
interface Bme680 {
  readonly name: string
  readonly channels: readonly number[]
}

class Compensated extends View {
  /** By the group's index; a group is looked at once. */
  private readonly plans: (readonly Bme680[])[] = []

  constructor(private readonly raw: Log) {
    super(raw, {})
  }

  override get groups(): readonly Group[] {
    return this.raw.groups.map((group, g) => {
      const plan = this.planOf(g)
      return plan.length === 0 ? group : { ...group, channels: replaced(group.channels, plan, computedChannels) }
    })
  }

  override async *chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    for await (const chunk of super.chunks(selection)) {
      const plan = this.planOf(chunk.group)
      if (plan.length === 0) {
        yield chunk
        continue
      }
      const computed = new Map(plan.map((sensor) => [sensor, compute(chunk, sensor.channels)]))
      yield {
        ...chunk,
        columns: replaced<Values>(chunk.columns, plan, (sensor) => (computed.get(sensor) as Computed).columns),
        missing: replaced(chunk.missing, plan, (sensor) => (computed.get(sensor) as Computed).missing),
      }
    }
  }

  private planOf(g: number): readonly Bme680[] {
    return (this.plans[g] ??= sensorsOf(this.raw.groups[g] as Group))
  }
}

function sensorsOf({ channels }: Group): Bme680[] {
  return channels.flatMap(({ name: first }) => {
    const name = /^(bme680\w*)_t$/.exec(first)?.[1]
    if (name === undefined) return []
    const parts = ["t", "p", "h", ...Array.from({ length: CALIBRATION_WORDS }, (_, i) => `c${i}`)]
    const found = parts.map((part) => channels.findIndex((channel) => channel.name === `${name}_${part}`))
    return found.includes(-1) ? [] : [{ name, channels: found }]
  })
}

/** A list over the group's channels with a sensor's three where its temperature stood, and its other raw ones gone. */
function replaced<T>(all: readonly T[], plan: readonly Bme680[], computed: (sensor: Bme680) => readonly T[]): T[] {
  return all.flatMap((each, i) => {
    const sensor = plan.find(({ channels }) => channels.includes(i))
    if (sensor === undefined) return [each]
    return sensor.channels[0] === i ? computed(sensor) : []
  })
}

function computedChannels({ name }: Bme680): Channel[] {
  return [
    ["temperature", "°C"],
    ["pressure", "hPa"],
    ["humidity", "%"],
  ].map(([what, unit]) => ({ name: `${name}_${what}`, unit: unit as string, type: "f64", calibration: null, notes: digitsNote(3) }))
}

interface Computed {
  readonly columns: readonly Float64Array[]
  readonly missing: readonly (Uint8Array | null)[]
}

function compute({ rows, columns, missing }: Chunk, channels: readonly number[]): Computed {
  const raw = (i: number) => physicalColumn(columns[channels[i] as number] as Values, null, null) ?? new Float64Array(rows).fill(Number.NaN)
  const [t, p, h] = [raw(0), raw(1), raw(2)]
  const words = channels.slice(3).map((c) => columns[c] as Values)
  const [temperature, pressure, humidity] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)]
  for (let from = 0, to = 0; from < rows; from = to) {
    to = sameUntil(words, from, rows)
    const coefficients = bme680Coefficients((w) => Number(words[w]?.[from]))
    for (let i = from; i < to; i++) {
      const degrees = bme680Temperature(coefficients, t[i] as number)
      temperature[i] = degrees
      pressure[i] = bme680Pressure(coefficients, p[i] as number, degrees)
      humidity[i] = bme680Humidity(coefficients, h[i] as number, degrees)
    }
  }
  const lost = anyOf(
    channels.map((c) => missing[c] ?? null),
    rows,
  )
  return { columns: [temperature, pressure, humidity], missing: [lost, lost, lost] }
}

/** The row behind `from` in which a word changes: a calibration stays until somebody puts in another chip. */
function sameUntil(words: readonly Values[], from: number, rows: number): number {
  let to = rows
  for (const word of words) {
    const first = word[from]
    let i = from + 1
    while (i < to && word[i] === first) i++
    to = i
  }
  return to
}

/** 1 in each row that one of the masks has; null when none has any. */
function anyOf(masks: readonly (Uint8Array | null)[], rows: number): Uint8Array | null {
  const some = masks.filter((mask) => mask !== null)
  if (some.length === 0) return null
  const any = new Uint8Array(rows)
  for (const mask of some) for (let i = 0; i < rows; i++) any[i] = (any[i] as number) | (mask[i] as number)
  return any
}
