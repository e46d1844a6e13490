import { UsageError } from "../model/errors.js"
import type { Group } from "../model/log.js"
import { nearest } from "../text/nearest.js"

/** Channels of one group that were asked for, as indexes. */
export interface Picked {
  readonly group: number
  readonly channels: readonly number[]
}

/**
 * The channels that any of the patterns names: a channel or `group.channel`, exactly, as a glob or as `/regex/`.
 * Groups and channels come in the log's order, each once.
 * @throws UsageError for a pattern that names nothing, with the nearest names
 */
export function pickChannels(groups: readonly Group[], patterns: readonly string[]): Picked[] {
  const picked = new Map<number, Set<number>>()
  for (const pattern of patterns) {
    const matches = matcher(pattern, groups)
    let hits = 0
    for (const [g, group] of groups.entries()) {
      for (const [c, channel] of group.channels.entries()) {
        if (!matches(channel.name) && !matches(`${group.name}.${channel.name}`)) continue
        hits++
        picked.set(g, (picked.get(g) ?? new Set()).add(c))
      }
    }
    if (hits === 0) throw unknownChannel(pattern, groups)
  }
  const inOrder = (a: number, b: number) => a - b
  return [...picked.keys()].sort(inOrder).map((group) => ({ group, channels: [...(picked.get(group) ?? [])].sort(inOrder) }))
}

/**
 * Tells whether a name is meant by a pattern: exactly where `groups` have a channel of that name, else as a glob or as `/regex/`.
 * @throws UsageError if the regular expression is wrong
 */
export function matcher(pattern: string, groups: readonly Group[]): (name: string) => boolean {
  const regex = /^\/(.*)\/([iu]*)$/s.exec(pattern)
  if (regex !== null) {
    try {
      const test = new RegExp(regex[1] as string, regex[2])
      return (name) => test.test(name)
    } catch (error) {
      throw new UsageError(`${pattern} is not a regular expression: ${(error as Error).message}`)
    }
  }
  // ddff channels are called `a[0]`: a name that exists is that name, whatever it looks like.
  const exists = groups.some((group) => group.channels.some(({ name }) => name === pattern || `${group.name}.${name}` === pattern))
  if (exists || !/[*?[]/.test(pattern)) return (name) => name === pattern
  const test = globExpression(pattern)
  return (name) => test.test(name)
}

function globExpression(glob: string): RegExp {
  const source = glob.replace(/\[!?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === "*") return ".*"
    if (part === "?") return "."
    if (part.length > 1)
      return `[${part.startsWith("[!") ? "^" : ""}${part.slice(part.startsWith("[!") ? 2 : 1, -1).replace(/[\\^]/g, "\\$&")}]`
    return part.replace(/[\\^$.|+(){}[\]/]/g, "\\$&")
  })
  return new RegExp(`^${source}$`, "su")
}

/** How many channel names an error lists when none is near. */
const LISTED = 12

function unknownChannel(pattern: string, groups: readonly Group[]): UsageError {
  const short = groups.flatMap((group) => group.channels.map(({ name }) => name))
  const full = groups.flatMap((group) => group.channels.map(({ name }) => `${group.name}.${name}`))
  const near = nearest(pattern, pattern.includes(".") ? full : short)
  if (near.length > 0) return new UsageError(`no channel "${pattern}": did you mean ${near.map((name) => `"${name}"`).join(", ")}?`)
  const all = [...new Set(short)]
  const more = all.length > LISTED ? `, ... (${all.length} in all)` : ""
  return new UsageError(`no channel "${pattern}"`, {
    hint: all.length === 0 ? "the log has no channels" : `there are ${all.slice(0, LISTED).join(", ")}${more}`,
  })
}
