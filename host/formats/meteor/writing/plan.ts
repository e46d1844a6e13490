import { UsageError } from "../../../model/errors.js"
import type { Channel, Group, Log, Loss } from "../../../model/log.js"
import { isNumeric } from "../../../model/wire.js"
import { UniqueNames } from "../../../text/unique.js"
import { type CompositeSpec, MAX_DATA, type MeteorSpec, type TopicSpec } from "../head/spec.js"
import type { ChannelFacts, LogFacts } from "./facts.js"
import { askedTopic, newTopic, type TopicPlan } from "./topic-plan.js"

/** How a channel is written, and its place among the composites: null for one that is always alone in a frame. */
export interface ChannelPlan extends TopicPlan {
  place: { readonly composite: CompositePlan; readonly item: number } | null
}

/** Values of one stamp that share a frame. */
export interface CompositePlan {
  readonly spec: CompositeSpec
  readonly items: readonly ChannelPlan[]
}

/** How a log is written. */
export interface LogPlan {
  /** By group and channel; null for one that Meteor cannot hold. */
  readonly channels: readonly (readonly (ChannelPlan | null)[])[]
  /** What the file's reader must be told. */
  readonly spec: MeteorSpec
}

/** What the plan must keep to. */
interface PlanOptions {
  /** A specification whose ids, widths and composites are used. */
  readonly known?: MeteorSpec | null
  /** By topic id: fewest bytes of its values where they are alone in a frame. */
  readonly least?: ReadonlyMap<number, number>
  /** Channels that it does not name are added to it; else they are lost. */
  readonly open: boolean
  /** Lone channels with the same stamps become composites where that makes the file smaller. */
  readonly join: boolean
}

const MAX_IDS = 256
/** Bytes of a frame header. */
const HEADER = 7

/** Gives every channel its topic and channels with the same stamps their composites; says what does not fit. */
export function planLog(log: Log, facts: LogFacts, losses: Loss[], { known = null, least = new Map(), open, join }: PlanOptions): LogPlan {
  const planner = new Planner(log, facts, losses, { known, least, open })
  if (known !== null) planner.useComposites()
  for (const [g, own] of planner.channels.entries()) {
    const free = own.filter((plan) => plan !== null && plan.place === null && !plan.asked) as ChannelPlan[]
    if (free.length > 1) planner.addComposites(free, log.groups[g]?.name ?? null)
  }
  if (join) for (const set of lonely(planner.channels, facts)) planner.addComposites(set, null)
  return { channels: planner.channels, spec: planner.spec }
}

class Planner {
  readonly channels: (ChannelPlan | null)[][]
  private readonly topics: TopicSpec[]
  private readonly composites: CompositeSpec[]
  private readonly keys: Keys
  private readonly known: MeteorSpec | null

  constructor(
    log: Log,
    facts: LogFacts,
    private readonly losses: Loss[],
    { known, least, open }: Required<Omit<PlanOptions, "join">>,
  ) {
    this.known = known
    this.topics = [...(known?.topics ?? [])]
    this.composites = [...(known?.composites ?? [])]
    this.keys = new Keys(log.groups, this.topics)
    const taken = new Set<TopicSpec>()
    this.channels = log.groups.map((group, g) =>
      group.channels.map((channel, c) => {
        const own = (facts.channels[g] as readonly ChannelFacts[])[c] as ChannelFacts
        if (own.unfit > 0) losses.push(unfitLoss(group, channel, own))
        if (!isNumeric(channel.type)) return null
        const topic = this.keys.known(group, channel)
        if (topic !== null && !taken.has(topic)) {
          taken.add(topic)
          return { ...askedTopic(topic, channel, least.get(topic.id) ?? 1), place: null }
        }
        if (known === null || open) return this.add(group, channel, own)
        losses.push(lostChannel(group, channel, facts.rows[g] as number, "the specification has no topic for it"))
        return null
      }),
    )
  }

  get spec(): MeteorSpec {
    return { topics: this.topics, composites: this.composites, start: this.known?.start ?? null, faults: [] }
  }

  /** The known specification's composites, as far as the log has all their items. */
  useComposites(): void {
    const byKey = new Map<string, ChannelPlan>()
    for (const plan of this.channels.flat()) if (plan !== null) byKey.set(plan.topic.key, plan)
    for (const spec of this.composites) {
      const items = spec.items.map(({ key }) => byKey.get(key))
      const whole = items.every((plan) => plan !== undefined && plan.place === null) && new Set(items).size === items.length
      if (whole && items.length > 0) settle({ spec, items: items as ChannelPlan[] })
    }
  }

  /** Composites of these channels, cut so that each fits into a frame. */
  addComposites(channels: readonly ChannelPlan[], name: string | null): void {
    const parts = split(channels)
    for (const [i, items] of parts.entries()) {
      const id = freeId(this.composites)
      if (id === null) return
      const spec = {
        id,
        name: name === null ? null : parts.length === 1 ? name : `${name}-${i + 1}`,
        items: items.map(({ topic, width }) => ({ key: topic.key, length: width })),
        size: sizeOf(items),
      }
      this.composites.push(spec)
      settle({ spec, items })
    }
  }

  private add(group: Group, channel: Channel, facts: ChannelFacts): ChannelPlan | null {
    const id = freeId(this.topics)
    if (id === null) {
      this.losses.push(lostChannel(group, channel, 1 + facts.missing, `Meteor has ${MAX_IDS} topics`))
      return null
    }
    const plan = newTopic(id, this.keys.take(group, channel), channel, facts, group.channels.length === 1, this.losses)
    this.topics.push(plan.topic)
    return { ...plan, place: null }
  }
}

function settle(composite: CompositePlan): void {
  for (const [item, plan] of composite.items.entries()) plan.place = { composite, item }
}

/** The first id behind all that are in use, else the first that is free. */
function freeId(entries: readonly { readonly id: number }[]): number | null {
  const used = new Set(entries.map(({ id }) => id))
  for (let id = entries.length; id < MAX_IDS; id++) if (!used.has(id)) return id
  for (let id = 0; id < entries.length && id < MAX_IDS; id++) if (!used.has(id)) return id
  return null
}

/** Sets of channels that are alone in their groups and have the same stamps, where one frame for all is smaller whatever their values. */
function lonely(channels: readonly (readonly (ChannelPlan | null)[])[], { stamps }: LogFacts): ChannelPlan[][] {
  const sets = new Map<string, ChannelPlan[]>()
  for (const [g, [plan, ...others]] of channels.entries()) {
    const print = stamps[g]
    if (
      plan === null ||
      plan === undefined ||
      plan.place !== null ||
      plan.asked ||
      others.length > 0 ||
      print === null ||
      print === undefined
    )
      continue
    const set = sets.get(print)
    if (set === undefined) sets.set(print, [plan])
    else set.push(plan)
  }
  return [...sets.values()].filter((set) => {
    const alone = set.reduce((sum, { topic }) => sum + HEADER + (topic.length ?? 1), 0)
    return set.length > 1 && split(set).length * HEADER + sizeOf(set) < alone
  })
}

/** Cuts a row into composites of at most 255 bytes. */
function split(channels: readonly ChannelPlan[]): ChannelPlan[][] {
  const parts: ChannelPlan[][] = []
  for (const channel of channels) {
    const part = parts[parts.length - 1]
    if (part !== undefined && sizeOf(part) + channel.width <= MAX_DATA) part.push(channel)
    else parts.push([channel])
  }
  return parts
}

function sizeOf(channels: readonly TopicPlan[]): number {
  return channels.reduce((sum, { width }) => sum + width, 0)
}

/** Keys are the identity of a topic: channel names, with the group's name where two groups share one. */
class Keys {
  private readonly free: UniqueNames
  private readonly topics: ReadonlyMap<string, TopicSpec>
  private readonly uses = new Map<string, number>()

  constructor(groups: readonly Group[], topics: readonly TopicSpec[]) {
    this.topics = new Map([...topics].reverse().map((topic) => [topic.key, topic]))
    this.free = new UniqueNames({ join: "#", taken: this.topics.keys() })
    for (const { channels } of groups) for (const { name } of channels) this.uses.set(name, (this.uses.get(name) ?? 0) + 1)
  }

  /** The topic of a given specification that a channel belongs to. */
  known(group: Group, channel: Channel): TopicSpec | null {
    return this.topics.get(this.wanted(group, channel)) ?? this.topics.get(channel.name) ?? null
  }

  take(group: Group, channel: Channel): string {
    return this.free.take(this.wanted(group, channel) || "channel")
  }

  private wanted(group: Group, { name }: Channel): string {
    return (this.uses.get(name) ?? 0) > 1 ? `${group.name}.${name}` : name
  }
}

function unfitLoss(group: Group, channel: Channel, { unfit }: ChannelFacts): Loss {
  const text = `${unfit} values of ${group.name}.${channel.name} dropped: Meteor has integers only, no NaN, infinity or ${channel.type}`
  return { kind: "values", count: unfit, text }
}

function lostChannel(group: Group, channel: Channel, count: number, why: string): Loss {
  return { kind: "values", count, text: `${group.name}.${channel.name} dropped: ${why}` }
}

/** Whether lone channels are joined: `composites` is `join` or `keep`. A Meteor log keeps its own frames if nothing is said. */
export function joinsLone(log: Log, composites: unknown): boolean {
  if (composites === undefined) return log.format !== "meteor"
  if (composites === "join" || composites === "keep") return composites === "join"
  throw new UsageError(`composites is ${JSON.stringify(composites)}, expected join or keep`, { format: "meteor" })
}
