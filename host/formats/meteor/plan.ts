import type { Calibration, Channel, Group, Log, Loss, Wire } from "../../log.js"
import type { ChannelFacts, LogFacts } from "./facts.js"
import { MAX_DATA } from "./spec.js"

/** How one channel is written. */
export interface TopicPlan {
  readonly id: number
  readonly key: string
  readonly channel: Channel
  readonly signed: boolean
  /** Bytes as an item of a composite, and when alone in a frame if `fixed`. */
  readonly width: number
  /** Alone in a frame: always `width` bytes; else the smallest width that fits. */
  readonly fixed: boolean
  /** For floats: `raw = round(physical * divisor)`; 0 for channels that are stored as they are. */
  readonly divisor: number
}

/** How one group is written. */
export interface GroupPlan {
  /** Per channel of the group; null for one that Meteor cannot hold. */
  readonly topics: readonly (TopicPlan | null)[]
  /** Composites that take a whole row: consecutive topics. Empty for a lone topic. */
  readonly composites: readonly { readonly id: number; readonly topics: readonly TopicPlan[]; readonly size: number }[]
}

/** Raw integers of a scaled float stay below this. */
const MAX_SCALED = 2 ** 47
const MAX_IDS = 256

/** Bytes of each integer wire type. */
const WIDTHS: Partial<Record<Wire, number>> = {
  u1: 1,
  u4: 1,
  u8: 1,
  bool: 1,
  u16: 2,
  u24: 3,
  u32: 4,
  u40: 5,
  u48: 6,
  u56: 7,
  u64: 8,
  i4: 1,
  i8: 1,
  i16: 2,
  i24: 3,
  i32: 4,
  i40: 5,
  i48: 6,
  i56: 7,
  i64: 8,
}

/** Gives every channel its topic and every group of several its composites; says what does not fit. */
export function planLog(log: Log, facts: LogFacts, losses: Loss[]): GroupPlan[] {
  const keys = new Keys(log.groups)
  let topicId = 0
  let compositeId = 0
  return log.groups.map((group, g) => {
    const topics = group.channels.map((channel, c) => {
      const known = (facts.channels[g] as readonly ChannelFacts[])[c] as ChannelFacts
      if (known.unfit > 0) losses.push(unfitLoss(group, channel, known))
      if (channel.type === "text" || channel.type === "bytes" || channel.type === "mixed") return null
      const id = topicId++
      if (id < MAX_IDS) return planTopic(id, keys.take(group, channel), channel, known, group.channels.length === 1, losses)
      losses.push(noIdLoss(group, channel, known))
      return null
    })
    const held = topics.filter((topic) => topic !== null)
    if (held.length < 2) return { topics, composites: [] }
    const composites = split(held).map((part) => ({ id: compositeId++, topics: part, size: sizeOf(part) }))
    return { topics, composites: composites.filter(({ id }) => id < MAX_IDS) }
  })
}

function planTopic(id: number, key: string, channel: Channel, facts: ChannelFacts, lone: boolean, losses: Loss[]): TopicPlan {
  const float = channel.type === "f32" || channel.type === "f64"
  if (float) return planFloat(id, key, channel, facts, losses)
  const signed = channel.type.startsWith("i")
  const noted = Number(channel.notes.width ?? 0)
  const needed = widthFor(facts.least, facts.most, signed)
  const declared = WIDTHS[channel.type] ?? (Number.isInteger(noted) && noted >= 1 && noted <= 8 ? noted : 0)
  const fixed = declared >= needed && (WIDTHS[channel.type] !== undefined || lone)
  return { id, key, channel, signed, width: fixed ? declared : needed, fixed, divisor: 0 }
}

function planFloat(id: number, key: string, channel: Channel, facts: ChannelFacts, losses: Loss[]): TopicPlan {
  let places = facts.places
  while (places > 0 && facts.size * 10 ** places >= MAX_SCALED) places--
  if (places < facts.places || facts.places === 12) {
    const text = `${key}: values rounded to ${places} decimal places, Meteor has integers only`
    losses.push({ kind: "form", count: 1, text })
  }
  const most = BigInt(Math.ceil(Math.min(facts.size * 10 ** places, 2 ** 62)))
  return { id, key, channel, signed: true, width: widthFor(-most, most, true), fixed: false, divisor: 10 ** places }
}

/** Bytes of the smallest integer that holds both. */
export function widthFor(least: bigint, most: bigint, signed: boolean): number {
  for (let width = 1; width < 8; width++) {
    const top = 1n << BigInt(width * 8 - (signed ? 1 : 0))
    if (most < top && (!signed || least >= -top)) return width
  }
  return 8
}

/** Cuts a row into composites of at most 255 bytes. */
function split(topics: readonly TopicPlan[]): TopicPlan[][] {
  const parts: TopicPlan[][] = []
  for (const topic of topics) {
    const part = parts[parts.length - 1]
    if (part !== undefined && sizeOf(part) + topic.width <= MAX_DATA) part.push(topic)
    else parts.push([topic])
  }
  return parts
}

function sizeOf(topics: readonly TopicPlan[]): number {
  return topics.reduce((sum, { width }) => sum + width, 0)
}

/** Keys are the identity of a topic: channel names, with the group's name where two groups share one. */
class Keys {
  private readonly taken = new Set<string>()
  private readonly uses = new Map<string, number>()

  constructor(groups: readonly Group[]) {
    for (const { channels } of groups) for (const { name } of channels) this.uses.set(name, (this.uses.get(name) ?? 0) + 1)
  }

  take(group: Group, channel: Channel): string {
    const wanted = (this.uses.get(channel.name) ?? 0) > 1 ? `${group.name}.${channel.name}` : channel.name
    let key = wanted === "" ? "channel" : wanted
    for (let n = 2; this.taken.has(key); n++) key = `${wanted}#${n}`
    this.taken.add(key)
    return key
  }
}

function unfitLoss(group: Group, channel: Channel, { unfit }: ChannelFacts): Loss {
  const text = `${unfit} values of ${group.name}.${channel.name} dropped: Meteor has integers only, no NaN, infinity or ${channel.type}`
  return { kind: "values", count: unfit, text }
}

function noIdLoss(group: Group, channel: Channel, facts: ChannelFacts): Loss {
  return { kind: "values", count: 1 + facts.missing, text: `${group.name}.${channel.name} dropped: Meteor has ${MAX_IDS} topics` }
}

/** The specification of what was planned, in the reference program's shape with fieldlog's `name` and `length`. */
export function planSpec(log: Log, plans: readonly GroupPlan[]): object {
  const topics = plans.flatMap((plan) =>
    plan.topics.flatMap((topic) => (topic === null ? [] : [topicJson(topic, plan.composites.length === 0)])),
  )
  const composites = plans.flatMap((plan, g) =>
    plan.composites.map((composite, i) => ({
      id: composite.id,
      name: plan.composites.length === 1 ? log.groups[g]?.name : `${log.groups[g]?.name}-${i + 1}`,
      topics: composite.topics.map(({ key, width }) => ({ key, length: width })),
    })),
  )
  return { spec: { topics, composites } }
}

function topicJson({ id, key, channel, signed, width, fixed, divisor }: TopicPlan, lone: boolean): object {
  const calibration: Calibration | null = divisor > 1 ? { addition: 0, divisor, multiplier: 1 } : divisor === 1 ? null : channel.calibration
  const { addition = 0, multiplier = 1 } = calibration ?? {}
  const by = calibration?.divisor ?? 1
  const places = Number(channel.notes.decimalPlaces)
  return {
    id,
    key,
    ...(channel.notes.name === undefined ? {} : { name: channel.notes.name }),
    ...(channel.unit === "" ? {} : { unit: channel.unit }),
    ...(channel.notes.decimalPlaces !== undefined && Number.isInteger(places) ? { decimalPlaces: places } : {}),
    ...(lone && fixed ? { length: width } : {}),
    data: {
      type: signed ? "signed-number" : "unsigned-number",
      ...(addition === 0 ? {} : { addition }),
      ...(by === 1 ? {} : { divisor: by }),
      ...(multiplier === 1 ? {} : { multiplier }),
    },
  }
}
