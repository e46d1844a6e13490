import type { Channel, Group, Log, Loss } from "../../../model/log.js"
import { renameLosses } from "../../../model/losses.js"
import { isNumeric } from "../../../model/wire.js"
import { type CompositeSpec, MAX_DATA, type MeteorSpec, type TopicSpec } from "../head/spec.js"
import { isSameSpec, marked } from "../head/spec-file.js"
import { groupName, itemNames, type MeteorOrigin } from "../rows/groups.js"
import type { ChannelFacts, LogFacts } from "./facts.js"
import { Ids } from "./ids.js"
import { bareTopic, originsOf, soleOrigin } from "./kept.js"
import { Keys } from "./keys.js"
import { askedTopic, keptTopic, newTopic, sameCalibration, type TopicPlan } from "./topic-plan.js"

/** How a channel is written, and its place among the composites: null for one that is always alone in a frame. */
export interface ChannelPlan extends TopicPlan {
  place: { readonly composite: CompositePlan; readonly item: number } | null
}

/** Values of one stamp that share a frame. */
export interface CompositePlan {
  readonly spec: CompositeSpec
  readonly items: readonly ChannelPlan[]
}

interface PlannerOptions {
  /** A specification whose ids, widths and composites are used. */
  readonly known: MeteorSpec | null
  /** By topic id: fewest bytes of its values where they are alone in a frame. */
  readonly least: ReadonlyMap<number, number>
  /** Channels that it does not name are added to it; else they are lost. */
  readonly open: boolean
}

/** Gives channels their topics and composites, one step after the other: no step touches what one before it has planned. */
export class Planner {
  /** By group and channel; null for one without a plan. */
  readonly channels: (ChannelPlan | null)[][]
  private readonly topics: TopicSpec[]
  private readonly composites: CompositeSpec[]
  private readonly topicIds: Ids
  private readonly compositeIds: Ids
  private readonly keys: Keys
  private readonly known: MeteorSpec | null
  /** The known specification's composites that are a group's frames. */
  private readonly taken = new Set<CompositeSpec>()
  /** By log and key: the topics that its channels have kept. */
  private readonly kept = new Map<object, Map<string, TopicSpec>>()
  /** All is from one log without a specification: none is written. */
  private readonly isBare: boolean
  /** The specification whose order stays. */
  private home: MeteorSpec | null

  constructor(
    private readonly log: Log,
    private readonly facts: LogFacts,
    private readonly losses: Loss[],
    private readonly options: PlannerOptions,
  ) {
    const { known } = options
    this.known = known
    this.home = known
    this.isBare = known === null && soleOrigin(log.groups)?.spec === null
    this.topics = [...(known?.topics ?? [])]
    this.composites = [...(known?.composites ?? [])]
    this.topicIds = new Ids(this.topics)
    this.compositeIds = new Ids(this.composites)
    this.keys = new Keys(log.groups, this.topics)
    this.channels = log.groups.map(({ channels }) => channels.map(() => null))
    for (const [g, group] of log.groups.entries()) {
      for (const [c, channel] of group.channels.entries()) {
        if (this.factsOf(g, c).unfit > 0) losses.push(unfitLoss(group, channel, this.factsOf(g, c)))
      }
    }
  }

  /** The keys that are not as the channels are named. */
  get renames(): Loss[] {
    return renameLosses(this.keys.renames, "a key stands once in a specification")
  }

  get spec(): MeteorSpec | null {
    if (this.isBare) return null
    const { topics = [], composites = [], start = null, mark = null } = this.home ?? {}
    const made: MeteorSpec = {
      topics: inOrder(this.topics, ({ key }) => topics.findIndex((topic) => topic.key === key)),
      composites: inOrder(this.composites, ({ id }) => composites.findIndex((composite) => composite.id === id)),
      start: this.known === null ? null : start,
      mark,
      faults: [],
    }
    // A mark is for what a specification says; one that comes from another program has none, and its logs stay as they are.
    return this.home !== null && (mark === null || isSameSpec(made, this.home)) ? made : marked(made)
  }

  /** Groups that are a composite of the known specification, item for item, are its frames. */
  useFrames(): void {
    const topicOf = new Map(this.known?.topics.map((topic) => [topic.key, topic]))
    for (const [g, group] of this.log.groups.entries()) {
      const fitting = this.composites.filter((composite) => !this.taken.has(composite) && isFrame(group, composite))
      const composite = fitting.find((each) => groupName(each) === group.name) ?? fitting[0]
      if (composite === undefined || (group.channels.length === 1 && groupName(composite) !== group.name)) continue
      const names = itemNames(composite)
      const items = composite.items.map(({ key }, item): ChannelPlan | null => {
        const topic = topicOf.get(key)
        const channel = group.channels.find(({ name }) => name === names[item]) as Channel
        if (topic === undefined || !isNumeric(channel.type)) return null
        return { ...askedTopic(topic, channel, this.options.least.get(topic.id) ?? 1), place: null }
      })
      if (items.includes(null)) continue
      this.taken.add(composite)
      settle({ spec: composite, items: items as ChannelPlan[] })
      this.channels[g] = group.channels.map(({ name }) => items[names.indexOf(name)] ?? null)
    }
  }

  /** Groups of a Meteor log stay its frames: ids, keys, items and widths. */
  keepFrames(): void {
    const kept = this.log.groups.flatMap((group, g) => {
      const origins = this.isPlanned(g) ? null : originsOf(group)
      return origins === null ? [] : [{ g, origins, first: origins[0] }]
    })
    this.home ??= kept[0]?.first.spec ?? null
    // Log by log, as the first one keeps all its ids; in each lone topics first, as an id that nothing names is free for nobody else.
    for (const header of new Set(kept.map(({ first }) => first.header))) {
      const own = kept.filter(({ first }) => first.header === header)
      for (const { g, first } of own) if (first.composite === null) this.keepLone(g, first)
      for (const { g, origins, first } of own) if (first.composite !== null) this.keepComposite(g, origins)
    }
  }

  /** Every other channel gets a topic of its own: the known specification's, or a new one. */
  useTopics(): void {
    const holders = new Map<TopicSpec, string>()
    for (const [g, group] of this.log.groups.entries()) {
      for (const [c, channel] of group.channels.entries()) {
        if (this.channels[g]?.[c] !== null || !isNumeric(channel.type)) continue
        const topic = this.keys.known(group, channel)
        const holder = topic === null ? undefined : holders.get(topic)
        if (topic !== null && holder === undefined) {
          holders.set(topic, `${group.name}.${channel.name}`)
          this.set(g, c, askedTopic(topic, channel, this.options.least.get(topic.id) ?? 1))
          continue
        }
        if (this.options.open) this.add(g, c)
        else {
          const why = holder === undefined ? "the specification has no topic for it" : `its topic in the specification holds ${holder}`
          this.losses.push(lostChannel(group, channel, this.facts.rows[g] as number, why))
        }
      }
    }
  }

  /** The known specification's other composites, as far as the log has all their items. */
  useComposites(): void {
    if (this.known === null) return
    const byKey = new Map<string, ChannelPlan>()
    for (const plan of this.channels.flat()) if (plan !== null && plan.place === null) byKey.set(plan.topic.key, plan)
    for (const spec of this.composites) {
      if (this.taken.has(spec)) continue
      const items = spec.items.map(({ key }) => byKey.get(key))
      const whole = items.every((plan) => plan !== undefined && plan.place === null) && new Set(items).size === items.length
      if (whole && items.length > 0) settle({ spec, items: items as ChannelPlan[] })
    }
  }

  /** Composites of these channels, cut so that each fits into a frame. */
  addComposites(channels: readonly ChannelPlan[], name: string | null): void {
    const parts = split(channels)
    for (const [i, items] of parts.entries()) {
      const id = this.compositeIds.take()
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

  private keepLone(g: number, origin: MeteorOrigin): void {
    const group = this.log.groups[g] as Group
    const channel = group.channels[0] as Channel
    if (this.keys.known(group, channel) !== null) return
    if (origin.topic !== null || !this.topicIds.isFree(origin.id)) this.keepChannel(g, 0, origin, [channel.name], 0)
    else this.set(g, 0, keptTopic(bareTopic(this.topicIds.take(origin.id) as number, channel.name), channel, this.factsOf(g, 0), 0))
  }

  private keepComposite(g: number, origins: readonly [MeteorOrigin, ...MeteorOrigin[]]): void {
    const group = this.log.groups[g] as Group
    const whole = origins[0].composite as CompositeSpec
    const id = this.compositeIds.take(whole.id)
    if (id === null) return
    const places = [...origins.keys()].sort((a, b) => (origins[a] as MeteorOrigin).item - (origins[b] as MeteorOrigin).item)
    const items: ChannelPlan[] = []
    for (const c of places) {
      const origin = origins[c] as MeteorOrigin
      const { key, length } = whole.items[origin.item] as CompositeSpec["items"][number]
      if (this.isBare) this.set(g, c, keptTopic(bareTopic(-1, key), group.channels[c] as Channel, this.factsOf(g, c), length))
      else this.keepChannel(g, c, origin, [key, `${group.name}.${key}`], length)
      const plan = this.channels[g]?.[c] ?? null
      if (plan !== null) items.push(plan)
    }
    const lengths = places.map((c) => whole.items[(origins[c] as MeteorOrigin).item]?.length ?? 0)
    const size = lengths.reduce((sum, length) => sum + length, 0)
    const name = groupName({ ...whole, id }) === group.name ? whole.name : group.name
    const spec = { id, name, items: items.map(({ topic }, i) => ({ key: topic.key, length: lengths[i] as number })), size }
    if (!this.isBare) this.composites.push(spec)
    settle({ spec, items })
  }

  /** @param names keys for it, the best first @param length bytes in its composite; 0 for a lone topic */
  private keepChannel(g: number, c: number, origin: MeteorOrigin, names: readonly string[], length: number): void {
    const channel = this.log.groups[g]?.channels[c] as Channel
    const topic = this.keptTopic(origin, names)
    if (topic !== null) this.set(g, c, keptTopic(topic, channel, this.factsOf(g, c), length))
  }

  /** The topic of a channel that keeps its own: one for all channels of its log that share it. */
  private keptTopic({ header, spec, topic, composite }: MeteorOrigin, names: readonly string[]): TopicSpec | null {
    const own = this.kept.get(header) ?? new Map<string, TopicSpec>()
    this.kept.set(header, own)
    // Bytes that nothing describes share one topic: 255 of them would take every id.
    const choice = spec === null && composite !== null ? ["byte"] : names
    const key = topic?.key ?? (choice[0] as string)
    const same = this.keys.get(key)
    const before = own.get(key) ?? (same !== null && topic !== null && isSame(same, topic) ? same : undefined)
    if (before !== undefined) return before
    const id = this.topicIds.take(topic?.id)
    if (id === null) return null
    const made = { ...(topic ?? bareTopic(id, key)), id, key: this.keys.takeFirst(choice) }
    own.set(key, made)
    this.topics.push(made)
    return made
  }

  private add(g: number, c: number): void {
    const group = this.log.groups[g] as Group
    const channel = group.channels[c] as Channel
    const facts = this.factsOf(g, c)
    const id = this.topicIds.take()
    if (id === null) {
      this.losses.push(lostChannel(group, channel, 1 + facts.missing, "Meteor has 256 topics"))
      return
    }
    const plan = newTopic(id, this.keys.take(group, channel), channel, facts, group.channels.length === 1, this.losses)
    this.topics.push(plan.topic)
    this.set(g, c, plan)
  }

  private set(g: number, c: number, plan: TopicPlan): void {
    ;(this.channels[g] as (ChannelPlan | null)[])[c] = { ...plan, place: null }
  }

  private isPlanned(g: number): boolean {
    return this.channels[g]?.some((plan) => plan !== null) === true
  }

  private factsOf(g: number, c: number): ChannelFacts {
    return (this.facts.channels[g] as readonly ChannelFacts[])[c] as ChannelFacts
  }
}

/** True for topics whose values mean the same. */
function isSame(a: TopicSpec, b: TopicSpec): boolean {
  return a.signed === b.signed && sameCalibration(a.calibration, b.calibration)
}

/** True when a group's channels are a composite's items, in any order. */
function isFrame({ channels }: Group, composite: CompositeSpec): boolean {
  if (channels.length !== composite.items.length) return false
  const names = new Set(itemNames(composite))
  return names.size === channels.length && channels.every(({ name }) => names.has(name))
}

function settle(composite: CompositePlan): void {
  for (const [item, plan] of composite.items.entries()) plan.place = { composite, item }
}

/** The entries in the order of their places, those without one (-1) behind. */
function inOrder<T>(entries: readonly T[], place: (entry: T) => number): T[] {
  const at = (entry: T) => (place(entry) < 0 ? Number.MAX_SAFE_INTEGER : place(entry))
  return [...entries].sort((a, b) => at(a) - at(b))
}

/** Cuts a row into composites of at most 255 bytes. */
export function split(channels: readonly ChannelPlan[]): ChannelPlan[][] {
  const parts: ChannelPlan[][] = []
  for (const channel of channels) {
    const part = parts[parts.length - 1]
    if (part !== undefined && sizeOf(part) + channel.width <= MAX_DATA) part.push(channel)
    else parts.push([channel])
  }
  return parts
}

/** Bytes of a row. */
export function sizeOf(channels: readonly TopicPlan[]): number {
  return channels.reduce((sum, { width }) => sum + width, 0)
}

function unfitLoss(group: Group, channel: Channel, { unfit }: ChannelFacts): Loss {
  const text = `${unfit} values of ${group.name}.${channel.name} dropped: Meteor has integers only, no NaN, infinity or ${channel.type}`
  return { kind: "values", count: unfit, text }
}

function lostChannel(group: Group, channel: Channel, count: number, why: string): Loss {
  return { kind: "values", count, text: `${group.name}.${channel.name} dropped: ${why}` }
}
