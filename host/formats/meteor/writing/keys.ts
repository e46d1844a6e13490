import type { Channel, Group } from "../../../model/log.js"
import { sourced, toldBySource, UniqueNames } from "../../../text/unique.js"
import type { TopicSpec } from "../head/spec.js"

/** Keys are the identity of a topic: channel names, with the source or the group before them where several share one. */
export class Keys {
  private readonly free: UniqueNames
  private readonly topics: ReadonlyMap<string, TopicSpec>
  private readonly equal: ReadonlyMap<string, boolean>
  /** Names for which a key was made, each with that key. */
  readonly renames: [name: string, key: string][] = []

  /** @param topics of a given specification */
  constructor(groups: readonly Group[], topics: readonly TopicSpec[]) {
    this.topics = new Map([...topics].reverse().map((topic) => [topic.key, topic]))
    this.free = new UniqueNames({ join: "#", taken: this.topics.keys() })
    this.equal = toldBySource(groups.flatMap(({ channels }) => channels.map(sourced)))
  }

  /** The topic of a given specification that has a key. */
  get(key: string): TopicSpec | null {
    return this.topics.get(key) ?? null
  }

  /** The topic of a given specification that a channel belongs to. */
  known(group: Group, channel: Channel): TopicSpec | null {
    return this.get(this.wanted(group, channel)) ?? this.get(channel.name)
  }

  /** A key for a channel that the given specification has no topic for. */
  take(group: Group, channel: Channel): string {
    return this.named(channel.name, this.free.take(this.wanted(group, channel) || "channel"))
  }

  /** The first of some keys that is free, else the last of them with a number. */
  takeFirst(keys: readonly string[]): string {
    return this.named(keys[0] as string, this.free.takeFirst(keys))
  }

  private named(name: string, key: string): string {
    this.renames.push([name, key])
    return key
  }

  private wanted(group: Group, { name, notes }: Channel): string {
    const bySource = this.equal.get(name)
    return bySource === undefined ? name : `${bySource ? notes.source : group.name}.${name}`
  }
}
