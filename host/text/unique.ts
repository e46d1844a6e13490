import type { Log } from "../model/log.js"

/** A title for each channel of each group, unique over the log: the channel's name, `group.channel` where names clash. */
export function channelTitles(log: Log): string[][] {
  const times = new Map<string, number>()
  for (const group of log.groups) for (const { name } of group.channels) times.set(name, (times.get(name) ?? 0) + 1)
  const used = new Set<string>()
  return log.groups.map((group) =>
    group.channels.map(({ name }) => unique(used, times.get(name) === 1 ? name : `${group.name}.${name}`, (title) => title)),
  )
}

/** Names as parts of file names: letters, digits, `-`, `_`, `.`; unique where case does not count. */
export function fileTitles(names: readonly string[]): string[] {
  const used = new Set<string>()
  return names.map((name) => {
    const safe = name.replace(/[^\p{L}\p{N}_.-]+/gu, "_").replace(/^\.+/, "_") || "_"
    return unique(used, safe.slice(0, 100), (title) => title.toLowerCase())
  })
}

function unique(used: Set<string>, title: string, fold: (title: string) => string): string {
  let free = title
  for (let n = 2; used.has(fold(free)); n++) free = `${title}-${n}`
  used.add(fold(free))
  return free
}
