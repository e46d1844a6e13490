import type { Channel, Log } from "../model/log.js"
import { cutToBytes } from "./cut.js"

/** What makes names equal, and how they are told apart. */
interface Uniqueness {
  /** Names with the same folded form are equal; default: the name itself. */
  readonly fold?: (name: string) => string
  /** Stands between a name and its number; default `-`. */
  readonly join?: string
  /** Longest name in bytes of UTF-8, its number included. */
  readonly cap?: number
  /** Names that are taken already. */
  readonly taken?: Iterable<string>
}

/** Gives out names, each once: a name that is taken already gets a number (`a`, `a-2`, `a-3`). */
export class UniqueNames {
  private readonly fold: (name: string) => string
  private readonly join: string
  private readonly cap: number
  private readonly taken: Set<string>
  /** The number that a taken name gets next, so that a thousand equal names are not counted through a thousand times. */
  private readonly next = new Map<string, number>()

  constructor({ fold = (name) => name, join = "-", cap = Number.POSITIVE_INFINITY, taken = [] }: Uniqueness = {}) {
    this.fold = fold
    this.join = join
    this.cap = cap
    this.taken = new Set(Array.from(taken, fold))
  }

  /** The first of the names that is free, else the last of them with a number. */
  takeFirst(names: readonly string[]): string {
    return this.take(names.find((name) => !this.taken.has(this.fold(name))) ?? (names.at(-1) as string))
  }

  take(name: string): string {
    const key = this.fold(name)
    let free = cutToBytes(name, this.cap)
    for (let n = this.next.get(key) ?? 2; this.taken.has(this.fold(free)); n++) {
      const number = `${this.join}${n}`
      free = `${cutToBytes(name, this.cap - number.length)}${number}`
      this.next.set(key, n + 1)
    }
    this.taken.add(this.fold(free))
    return free
  }
}

/** The names, each as it is when no name before it is equal, else with a number. */
export function unique(names: readonly string[], how: Uniqueness = {}): string[] {
  const free = new UniqueNames(how)
  return names.map((name) => free.take(name))
}

/** Something with a name, and where it came from. */
interface Sourced {
  readonly name: string
  readonly source: string | undefined
}

/** Of names that several have: true for those that `source.name` tells apart. Names that only one has are not in it. */
export function toldBySource(all: readonly Sourced[]): Map<string, boolean> {
  const found = new Map<string, { readonly sources: Set<string>; count: number }>()
  for (const { name, source } of all) {
    const own = found.get(name) ?? { sources: new Set<string>(), count: 0 }
    if (source !== undefined) own.sources.add(source)
    own.count++
    found.set(name, own)
  }
  return new Map([...found].filter(([, { count }]) => count > 1).map(([name, { sources, count }]) => [name, sources.size === count]))
}

/** A channel with the source that its file names. */
export function sourced({ name, notes }: Channel): Sourced {
  return { name, source: notes.source }
}

/**
 * A title for each channel of each group, unique over the log: the channel's name; where names clash `source.channel` if that tells
 * them apart, else `group.channel`, and then a number.
 */
export function channelTitles(log: Log): string[][] {
  const equal = toldBySource(log.groups.flatMap(({ channels }) => channels.map(sourced)))
  const free = new UniqueNames()
  const title = (group: string, { name, notes }: Channel) => {
    const bySource = equal.get(name)
    return bySource === undefined ? name : `${bySource ? notes.source : group}.${name}`
  }
  return log.groups.map((group) => group.channels.map((channel) => free.take(title(group.name, channel))))
}

/** Names as files bear them: of each stay letters, digits, `-`, `_` and `.`; they differ also where case does not count. */
export function fileParts(names: readonly string[]): string[] {
  const safe = names.map((name) => (name.replace(/[^\p{L}\p{N}_.-]+/gu, "_").replace(/^\.+/, "_") || "_").slice(0, 100))
  return unique(safe, { fold: (name) => name.toLowerCase() })
}

/** Names of files beside a main one, each with a part of its own: `run.csv` and `imu` give `run.imu.csv`. */
export function fileNames(main: string, parts: readonly string[]): string[] {
  return fileParts(parts).map((title) => main.replace(/(\.[^.]*)?$/, (ending) => `.${title}${ending}`))
}
