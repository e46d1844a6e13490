import type { Channel, Group } from "../../../model/log.js"
import { UniqueNames } from "../../../text/unique.js"
import type { TopicSpec } from "../head/spec.js"

/** Keys are the identity of a topic: channel names, with the group's name where two groups share one. */
export class Keys {
  private readonly free: UniqueNames
  private readonly topics: ReadonlyMap<string, TopicSpec>
  private readonly uses = new Map<string, number>()

  /** @param topics of a given specification */
  constructor(groups: readonly Group[], topics: readonly TopicSpec[]) {
    this.topics = new Map([...topics].reverse().map((topic) => [topic.key, topic]))
    this.free = new UniqueNames({ join: "#", taken: this.topics.keys() })
    for (const { channels } of groups) for (const { name } of channels) this.uses.set(name, (this.uses.get(name) ?? 0) + 1)
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
    return this.free.take(this.wanted(group, channel) || "channel")
  }

  /** The first of some keys that is free, else the last of them with a number. */
  takeFirst(keys: readonly string[]): string {
    return this.free.takeFirst(keys)
  }

  private wanted(group: Group, { name }: Channel): string {
    return (this.uses.get(name) ?? 0) > 1 ? `${group.name}.${name}` : name
  }
}
