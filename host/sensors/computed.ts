import type { Channel, Chunk, Group, Log, Loss, Selection, Values } from "../model/log.js"
import { matcher } from "../views/pick.js"
import { View } from "../views/view.js"
import { bme680 } from "./bme680.js"
import type { Sensor, SensorKind } from "./sensor.js"

/** Every kind of sensor whose values are computed here. */
const KINDS: readonly SensorKind[] = [bme680]

/**
 * The log with the channels that are computed from what a sensor stored, in the place of the stored ones. A row that lacks one
 * of a sensor's stored values has none of its computed values. A log without such sensors comes back as it is.
 * @param keep patterns as `-c` takes them: one that names no channel of the computed log keeps the stored channels that it names
 */
export function computed(log: Log, keep: readonly string[] = []): Log {
  // Only JLS stores summaries; there every channel is a group of its own.
  if (log.reduce !== undefined || !log.groups.some(({ channels }) => sensorsOf(channels).length > 0)) return log
  return new Computed(log, keep)
}

/** The log as its file has it, for a log that `computed` gave: in its own format a log keeps what the sensor said. */
export function storedOf(log: Log): Log {
  return log instanceof Computed ? log.stored : log
}

/**
 * What patterns mean in a log that is read as stored: one that names computed channels only stands for the stored channels that
 * those are computed from. In a computed log they mean what they say.
 * @param groups of the log that is read
 * @returns the patterns for that log, with a loss of form for each that names computed channels only
 */
export function namedChannels(groups: readonly Group[], patterns: readonly string[]): { channels: string[]; losses: Loss[] } {
  const channels = new Set<string>()
  const losses: Loss[] = []
  for (const pattern of patterns) {
    const inputs = groups.flatMap((group) => inputsOf(group, pattern))
    if (inputs.length === 0 || matching(groups, pattern).length > 0) channels.add(pattern)
    else losses.push({ kind: "form", count: 1, text: `${pattern} is computed from ${inputs.length} stored channels, which stand for it` })
    for (const name of inputs) channels.add(name)
  }
  return { channels: [...channels], losses }
}

/** `group.channel` of the stored channels that the computed channels of a pattern are computed from. */
function inputsOf(group: Group, pattern: string): string[] {
  const sensors = sensorsOf(group.channels).filter(({ channels }) => matching([{ ...group, channels }], pattern).length > 0)
  return sensors.flatMap(({ inputs }) => inputs.map((c) => `${group.name}.${group.channels[c]?.name}`))
}

/** Where the channels of a computed group come from: a stored channel by its index, or one of a sensor's. */
type Origin = number | { readonly sensor: Sensor; readonly output: number }

class Computed extends View {
  readonly ends?: NonNullable<Log["ends"]>
  /** By the group's index; null where the group stays as it is. */
  private readonly plans: (readonly Origin[] | null)[] = []

  constructor(
    readonly stored: Log,
    private readonly keep: readonly string[],
  ) {
    super(stored, {})
    if (stored.ends !== undefined) {
      this.ends = async (rows) => (await stored.ends?.(rows))?.map((chunk) => this.compute(chunk)) ?? null
    }
  }

  override get whole(): null {
    return null
  }

  override get groups(): readonly Group[] {
    return this.stored.groups.map((group, g) => {
      const plan = this.planOf(g)
      if (plan === null) return group
      const channelOf = (origin: Origin) => (typeof origin === "number" ? group.channels[origin] : origin.sensor.channels[origin.output])
      return { ...group, channels: plan.map((origin) => channelOf(origin) as Channel) }
    })
  }

  override async *chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    for await (const chunk of super.chunks(selection)) yield this.compute(chunk)
  }

  private compute(chunk: Chunk): Chunk {
    const plan = this.planOf(chunk.group)
    if (plan === null) return chunk
    const results = new Map<Sensor, Pick<Chunk, "columns" | "missing">>()
    const resultOf = (sensor: Sensor) => {
      const result = results.get(sensor) ?? resultsOf(sensor, chunk)
      results.set(sensor, result)
      return result
    }
    const columnOf = (origin: Origin) =>
      (typeof origin === "number" ? chunk.columns[origin] : resultOf(origin.sensor).columns[origin.output]) as Values
    const missingOf = (origin: Origin) =>
      (typeof origin === "number" ? chunk.missing[origin] : resultOf(origin.sensor).missing[origin.output]) ?? null
    return { ...chunk, columns: plan.map(columnOf), missing: plan.map(missingOf) }
  }

  private planOf(g: number): readonly Origin[] | null {
    const known = this.plans[g]
    if (known !== undefined) return known
    const group = this.stored.groups[g] as Group
    const sensors = sensorsOf(group.channels)
    const plan = sensors.length === 0 ? null : [...computedPlan(group.channels, sensors), ...this.kept(group, sensors)]
    this.plans[g] = plan
    return plan
  }

  /** Stored channels that were asked for by a pattern that names no computed channel. */
  private kept(group: Group, sensors: readonly Sensor[]): number[] {
    if (this.keep.length === 0) return []
    const shown = new Computed(this.stored, []).groups
    const asked = this.keep.filter((pattern) => matching(shown, pattern).length === 0)
    const inputs = [...new Set(sensors.flatMap((sensor) => sensor.inputs))].sort((a, b) => a - b)
    const named = new Set(asked.flatMap((pattern) => matching([group], pattern)))
    return inputs.filter((c) => named.has(group.channels[c]?.name ?? ""))
  }
}

function resultsOf({ inputs, channels, compute }: Sensor, { rows, columns, missing }: Chunk): Pick<Chunk, "columns" | "missing"> {
  const lost = anyOf(
    inputs.map((c) => missing[c] ?? null),
    rows,
  )
  return {
    columns: compute(
      inputs.map((c) => columns[c] as Values),
      rows,
    ),
    missing: channels.map(() => lost),
  }
}

function sensorsOf(channels: readonly Channel[]): readonly Sensor[] {
  return KINDS.flatMap((kind) => kind.find(channels))
}

/** The group's channels with a sensor's computed ones where its first input stood, and its inputs gone. */
function computedPlan(channels: readonly Channel[], sensors: readonly Sensor[]): Origin[] {
  return channels.flatMap((_, c): Origin[] => {
    const sensor = sensors.find(({ inputs }) => inputs.includes(c))
    if (sensor === undefined) return [c]
    return sensor.inputs[0] === c ? sensor.channels.map((_, output) => ({ sensor, output })) : []
  })
}

/** Names of the channels that a pattern means. */
function matching(groups: readonly Group[], pattern: string): string[] {
  const matches = matcher(pattern, groups)
  return groups
    .flatMap(({ name, channels }) => channels.filter((each) => matches(each.name) || matches(`${name}.${each.name}`)))
    .map((channel) => channel.name)
}

/** 1 in each row that one of the masks has; null when none has any. */
function anyOf(masks: readonly (Uint8Array | null)[], rows: number): Uint8Array | null {
  const some = masks.filter((mask) => mask !== null)
  if (some.length === 0) return null
  const any = new Uint8Array(rows)
  for (const mask of some) for (let i = 0; i < rows; i++) any[i] = (any[i] as number) | (mask[i] as number)
  return any
}
