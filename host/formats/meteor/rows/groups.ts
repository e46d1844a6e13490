import { frameHeader, frameHeaderV1, TYPE_COMPOSITE, TYPE_TOPIC } from "../../../../shared/meteor/layout.js"
import type { Channel, Group } from "../../../model/log.js"
import type { MeteorHeader } from "../head/header.js"
import { type CompositeSpec, MAX_WIDTH, type MeteorSpec, type TopicSpec } from "../head/spec.js"
import type { Slot } from "../scan/slots.js"
import { integerType, type Numeric } from "./integer.js"

/** How the frames of a group become columns. */
export interface GroupShape {
  /** Index into the log's groups. */
  readonly index: number
  readonly name: string
  /** Bytes of a frame header. */
  readonly header: number
  /** Data is big-endian: version 1. */
  readonly bigEndian: boolean
  /** True for a lone topic: its one value takes the whole data, whatever its length. */
  readonly lone: boolean
  readonly items: readonly ItemShape[]
}

/** One value of a frame. */
export interface ItemShape {
  /** Offset in the data, bytes. */
  readonly at: number
  /** Bytes in a composite; 0 for a lone topic. */
  readonly length: number
  readonly signed: boolean
  /** Type of its column. */
  readonly type: Numeric
}

/** Under it a channel says where it is from: a symbol goes with the channel into every view, and into no JSON. */
export const ORIGIN = Symbol("origin")

/** What a Meteor channel says beyond the model: it lets a writer keep the log's frames as they are. */
export interface MeteorChannel extends Channel {
  readonly [ORIGIN]: MeteorOrigin
}

/** Which values of which frames a channel's are. */
export interface MeteorOrigin {
  /** Of the log: one and the same for all channels of a log. */
  readonly header: MeteorHeader
  readonly spec: MeteorSpec | null
  /** Null when the specification does not name it, and without one. */
  readonly topic: TopicSpec | null
  /** The composite that the channel is an item of; null for a topic that is alone in its frames. */
  readonly composite: CompositeSpec | null
  /** Of the frames: a composite's or a lone topic's. */
  readonly id: number
  /** Index in the composite. */
  readonly item: number
}

/** The names of a composite's channels: its items' keys, with a number where a key comes again. */
export function itemNames({ items }: CompositeSpec): string[] {
  const taken = new Map<string, number>()
  return items.map(({ key }) => {
    const again = (taken.get(key) ?? 0) + 1
    taken.set(key, again)
    return again === 1 ? key : `${key}#${again}`
  })
}

/** The name of a composite's group. */
export function groupName({ id, name }: CompositeSpec): string {
  return name ?? `composite-${id}`
}

/** Widths seen that ask for a 64-bit column: 7 and 8 bytes. */
export const WIDE = (1 << 7) | (1 << 8)

/**
 * The groups of a log: the specification's lone topics and composites in its order, then what turns up beside them.
 * A topic that is an item of a composite becomes a group of its own only when it turns up alone.
 */
export class Groups {
  readonly all: Group[] = []
  private readonly shapes: GroupShape[] = []
  private readonly index = new Map<number, number>()
  private readonly topics = new Map<number, TopicSpec>()
  private readonly composites = new Map<number, CompositeSpec>()
  private readonly byKey = new Map<string, TopicSpec>()

  /** @param seen what the first block of the file holds */
  constructor(
    private readonly spec: MeteorSpec | null,
    private readonly header: MeteorHeader,
    seen: readonly Slot[],
  ) {
    for (const topic of spec?.topics ?? []) {
      this.topics.set(topic.id, topic)
      if (!this.byKey.has(topic.key)) this.byKey.set(topic.key, topic)
    }
    const items = new Set<string>()
    for (const composite of spec?.composites ?? []) {
      this.composites.set(composite.id, composite)
      for (const item of composite.items) items.add(item.key)
    }
    const widths = new Map(seen.map((slot) => [groupKey(slot.type, slot.id), slot.widths]))
    for (const topic of this.topics.values()) {
      const key = groupKey(TYPE_TOPIC, topic.id)
      if (!items.has(topic.key) || widths.has(key)) this.of(TYPE_TOPIC, topic.id, widths.get(key) ?? 0)
    }
    for (const composite of this.composites.values()) this.of(TYPE_COMPOSITE, composite.id, 0)
    for (const slot of seen) this.of(slot.type, slot.id, slot.widths, slot.length)
  }

  /**
   * Index of an id's group, which is added when it is new; -1 for a composite that the specification leaves out. Without a
   * specification a composite is a group of bytes.
   * @param widths data lengths seen, as in `Slot.widths`
   * @param length of its first frame's data; 0 when none was seen
   */
  of(type: number, id: number, widths: number, length = 0): number {
    const key = groupKey(type, id)
    const known = this.index.get(key)
    if (known !== undefined) return known
    if (type === TYPE_COMPOSITE) {
      const composite = this.composites.get(id)
      if (composite !== undefined) return this.addComposite(key, composite)
      return this.spec === null && length > 0 ? this.addBytes(key, id, length) : -1
    }
    return this.addTopic(key, id, this.topics.get(id) ?? null, widths)
  }

  shape(group: number): GroupShape {
    return this.shapes[group] as GroupShape
  }

  private addTopic(key: number, id: number, topic: TopicSpec | null, widths: number): number {
    const signed = topic?.signed ?? false
    const name = topic?.key ?? `topic-${id}`
    let type: Numeric = signed ? "int" : "uint"
    if (topic !== null && topic.length !== null) type = integerType(topic.length, signed)
    else if ((widths & WIDE) !== 0) type = signed ? "i64" : "u64"
    const only = 31 - Math.clz32(widths)
    const notes = displayNotes(topic)
    if (widths === 1 << only && only >= 1 && only <= MAX_WIDTH) notes.width = String(only)
    if (topic === null) notes.unspecified = "not in the specification: raw, unsigned"
    const own = { name, unit: topic?.unit ?? "", type, calibration: topic?.calibration ?? null, notes }
    const channel: MeteorChannel = { ...own, [ORIGIN]: this.origin(topic, null, id) }
    return this.add(key, id, name, [channel], true, [{ at: 0, length: 0, signed, type }])
  }

  private addComposite(key: number, composite: CompositeSpec): number {
    const channels: MeteorChannel[] = []
    const items: ItemShape[] = []
    const names = itemNames(composite)
    let at = 0
    for (const [item, { key: itemKey, length }] of composite.items.entries()) {
      const topic = this.byKey.get(itemKey) ?? null
      const signed = topic?.signed ?? false
      const type = length >= 1 && length <= MAX_WIDTH ? integerType(length, signed) : signed ? "int" : "uint"
      const own = { unit: topic?.unit ?? "", type, calibration: topic?.calibration ?? null, notes: displayNotes(topic) }
      channels.push({ name: names[item] as string, ...own, [ORIGIN]: this.origin(topic, composite, composite.id, item) })
      items.push({ at, length, signed, type })
      at += length
    }
    return this.add(key, composite.id, groupName(composite), channels, false, items)
  }

  private addBytes(key: number, id: number, length: number): number {
    const notes = { unspecified: "no specification says what these bytes are" }
    const items = Array.from({ length }, (_, at): ItemShape => ({ at, length: 1, signed: false, type: "u8" }))
    const bytes = items.map(({ at, length }) => ({ key: `byte-${at}`, length }))
    const composite: CompositeSpec = { id, name: null, items: bytes, size: length }
    const channels = items.map(({ at, type }): MeteorChannel => {
      return { name: `byte-${at}`, unit: "", type, calibration: null, notes, [ORIGIN]: this.origin(null, composite, id, at) }
    })
    return this.add(key, id, groupName(composite), channels, false, items)
  }

  private origin(topic: TopicSpec | null, composite: CompositeSpec | null, id: number, item = 0): MeteorOrigin {
    return { header: this.header, spec: this.spec, topic, composite, id, item }
  }

  private add(key: number, id: number, name: string, channels: readonly Channel[], lone: boolean, items: readonly ItemShape[]): number {
    const index = this.all.length
    const header = this.header.layout === 1 ? frameHeaderV1.size : frameHeader.size
    this.all.push({ name, id, time: { kind: "stamped", tick: 0.001 }, channels })
    this.shapes.push({ index, name, header, bigEndian: this.header.layout === 1, lone, items })
    this.index.set(key, index)
    return index
  }
}

function groupKey(type: number, id: number): number {
  return type * 256 + id
}

function displayNotes(topic: TopicSpec | null): Record<string, string> {
  const notes: Record<string, string> = {}
  if (topic !== null && topic.name !== null) notes.name = topic.name
  if (topic !== null && topic.decimalPlaces !== null) notes.decimalPlaces = String(topic.decimalPlaces)
  return notes
}
