import type { Group, Log, Loss } from "../model/log.js"
import { renameLosses } from "../model/losses.js"
import { fileParts, sourced, toldBySource, UniqueNames } from "../text/unique.js"
import { View } from "./view.js"

/** A log whose names differ, and what had to change for it. */
export interface UniquelyNamed {
  readonly log: Log
  /** The groups and channels that have another name now. Complete when the log has been read. */
  losses(): Loss[]
}

/**
 * A log in which no two groups have the same name, and no two channels of a group: for targets that tell them apart by their names. Of equal
 * names each gets its source before it (`JS220-001.current`) where that tells them apart, else a number. Groups that turn up later are named
 * then; a name that was given stays.
 * @param taken names of channels that the target takes for itself
 */
export function uniquelyNamed(log: Log, taken: readonly string[] = []): UniquelyNamed {
  const names = new UniqueNames()
  const named: Group[] = []
  const renames: [string, string][] = []
  const groups = (): readonly Group[] => {
    if (named.length === log.groups.length) return named
    const equal = toldBySource(log.groups.map(({ name, channels }) => ({ name, source: sourceOf(channels) })))
    for (const group of log.groups.slice(named.length)) {
      const wanted = equal.get(group.name) === true ? `${sourceOf(group.channels)}.${group.name}` : group.name
      const name = names.take(wanted)
      const channels = distinctChannels(group.channels, taken)
      renames.push([group.name, name])
      for (const [c, channel] of channels.entries()) renames.push([group.channels[c]?.name ?? "", channel.name])
      named.push(name === group.name && channels === group.channels ? group : { ...group, name, channels })
    }
    return named
  }
  const rows = {
    get groups() {
      return groups()
    },
    chunks: (selection?: Parameters<Log["chunks"]>[0]) => log.chunks(selection),
    survey: (selection?: Parameters<Log["survey"]>[0]) => log.survey(selection),
  }
  return { log: new View(log, { rows }), losses: () => renameLosses(renames, "others have the same name") }
}

/** The groups whose file beside a main one bears another name, as one loss. @param names of all groups @param written those with a file */
export function fileLosses(names: readonly string[], written: Iterable<number>): Loss[] {
  const parts = fileParts(names)
  const renames = [...written].map((g) => [names[g] as string, parts[g] as string] as const)
  return renameLosses(renames, "a file's name takes letters, digits, dots, _ and -")
}

/** The source that all channels of a group have in common. */
function sourceOf(channels: Group["channels"]): string | undefined {
  const sources = new Set(channels.map(({ notes }) => notes.source))
  return sources.size === 1 ? channels[0]?.notes.source : undefined
}

/** The channels themselves if their names differ. @param taken names that none of them may have */
export function distinctChannels(channels: Group["channels"], taken: readonly string[] = []): Group["channels"] {
  const equal = toldBySource(channels.map(sourced))
  if (equal.size === 0 && !channels.some(({ name }) => taken.includes(name))) return channels
  const names = new UniqueNames({ taken })
  return channels.map((channel) => {
    const wanted = equal.get(channel.name) === true ? `${channel.notes.source}.${channel.name}` : channel.name
    return { ...channel, name: names.take(wanted) }
  })
}
