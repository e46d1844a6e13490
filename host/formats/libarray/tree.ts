import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs"
import { join } from "node:path"
import { type ByteRange, UnreadableRanges } from "../../bytes/unreadable.js"
import { isReadFault, readsPast } from "../../io/read-past.js"
import { LogError } from "../../model/errors.js"
import { dayNumber, daysInMonth, dayText } from "./moment.js"
import { dayPath, isSkippedEntry, type SeriesName } from "./names.js"

/** A file of the tree, open for reading. */
interface TreeFile {
  readonly size: number
  /** What the device could not read so far: there are zeros. Absent where that cannot happen. */
  readonly unreadable?: readonly ByteRange[]
  /** Reads into all of `into`, or up to the end. @returns bytes read */
  read(at: number, into: Uint8Array): number
  close(): void
}

/** What reading a tree asks of a file system; a test counts the calls. */
export interface TreeFiles {
  /** Entries of a directory; empty if the path is not a directory. */
  list(path: string): TreeEntry[]
  /** Null when there is no such file. */
  open(path: string): TreeFile | null
}

/** One entry of a directory. */
export interface TreeEntry {
  readonly name: string
  readonly isDirectory: boolean
}

/** The computer's own files. Synchronous: a day's file is small, and hundreds are read in a row. */
export const diskFiles: TreeFiles = {
  list(path) {
    try {
      return readdirSync(path, { withFileTypes: true })
        .filter((entry) => !isSkippedEntry(entry.name))
        .map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }))
    } catch {
      return []
    }
  },
  open(path) {
    let fd: number
    try {
      fd = openSync(path, "r")
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === "ENOENT" || code === "ENOTDIR") return null
      throw new LogError(`cannot be opened (${code})`, { format: "libarray", path })
    }
    const stat = fstatSync(fd)
    if (!stat.isFile()) {
      closeSync(fd)
      return null
    }
    const lost = new UnreadableRanges()
    return {
      size: stat.size,
      unreadable: lost.all,
      read(at, into) {
        const reads = readsPast(into, at, lost)
        let step = reads.next()
        while (step.done !== true) step = reads.next(attempt(fd, step.value.target, step.value.at))
        return step.value
      },
      close: () => closeSync(fd),
    }
  },
}

/** Bytes read; null where the device cannot read. */
function attempt(fd: number, target: Uint8Array, at: number): number | null {
  try {
    return readSync(fd, target, 0, target.length, at)
  } catch (error) {
    if (isReadFault(error)) return null
    throw error
  }
}

/** A series' file. */
export interface SeriesFile {
  readonly path: string
  /** The same below the root, with `/`. */
  readonly below: string
  /** Days since 1970 that it may hold, the last one included. */
  readonly firstDay: number
  readonly lastDay: number
}

/**
 * The files of a series that may hold the days `from` to `to`, in date order. Looks at no directory outside that range.
 *
 * One file a day, `<YYYY>/<MM>/<DD>/<id>`; where a month's directory holds the id itself, that is a file of the whole month
 * (the other reading of the README, never written).
 */
export function* seriesFiles(files: TreeFiles, root: string, series: SeriesName, from: number, to: number): Generator<SeriesFile> {
  if (from === to) {
    const day = oneDay(root, series, from)
    const month = oneMonth(root, series, dayText(from).slice(0, 7))
    yield files.list(join(root, ...month.below.split("/").slice(0, -1))).some(({ name, isDirectory }) => name === series.id && !isDirectory)
      ? month
      : day
    return
  }
  const top = join(root, series.net, series.method)
  for (const year of numbered(files.list(top), 4)) {
    const yearNumber = Number(year)
    if (dayNumber(yearNumber, 12, 31) < from || dayNumber(yearNumber, 1, 1) > to) continue
    for (const month of numbered(files.list(join(top, year)), 2)) {
      const days = daysInMonth(yearNumber, Number(month))
      const first = dayNumber(yearNumber, Number(month), 1)
      if (days === 0 || first + days - 1 < from || first > to) continue
      const entries = files.list(join(top, year, month))
      if (entries.some(({ name, isDirectory }) => name === series.id && !isDirectory)) yield oneMonth(root, series, `${year}-${month}`)
      for (const day of numbered(entries, 2)) {
        const number = first + Number(day) - 1
        if (Number(day) >= 1 && Number(day) <= days && number >= from && number <= to) yield oneDay(root, series, number)
      }
    }
  }
}

/** All series of a tree, by name. */
export function findSeries(files: TreeFiles, root: string): SeriesName[] {
  const found = new Map<string, SeriesName>()
  const add = (net: string, method: string, entries: readonly TreeEntry[]) => {
    for (const { name, isDirectory } of entries) if (!isDirectory) found.set(`${net}/${method}/${name}`, { net, method, id: name })
  }
  for (const { name: net, isDirectory } of files.list(root)) {
    if (!isDirectory) continue
    for (const { name: method, isDirectory } of files.list(join(root, net))) {
      if (!isDirectory) continue
      const top = join(root, net, method)
      for (const year of numbered(files.list(top), 4)) {
        for (const month of numbered(files.list(join(top, year)), 2)) {
          const entries = files.list(join(top, year, month))
          add(net, method, entries)
          for (const day of numbered(entries, 2)) add(net, method, files.list(join(top, year, month, day)))
        }
      }
    }
  }
  return [...found.keys()].sort().map((key) => found.get(key) as SeriesName)
}

/** True when `<net>/<method>/<YYYY>/<MM>` is found below the first few directories. */
export function looksLikeTree(files: TreeFiles, root: string): boolean {
  const FEW = 8
  const folders = (path: string) =>
    files
      .list(path)
      .filter(({ isDirectory }) => isDirectory)
      .slice(0, FEW)
  return folders(root).some(({ name: net }) =>
    folders(join(root, net)).some(({ name: method }) => {
      const top = join(root, net, method)
      return numbered(files.list(top), 4)
        .slice(0, FEW)
        .some((year) => numbered(files.list(join(top, year)), 2).length > 0)
    }),
  )
}

function oneDay(root: string, series: SeriesName, day: number): SeriesFile {
  const below = dayPath(series, dayText(day))
  return { path: join(root, ...below.split("/")), below, firstDay: day, lastDay: day }
}

function oneMonth(root: string, { net, method, id }: SeriesName, month: string): SeriesFile {
  const below = `${net}/${method}/${month.slice(0, 4)}/${month.slice(5, 7)}/${id}`
  const firstDay = dayNumber(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 1)
  const lastDay = firstDay + daysInMonth(Number(month.slice(0, 4)), Number(month.slice(5, 7))) - 1
  return { path: join(root, ...below.split("/")), below, firstDay, lastDay }
}

/** Names of directories that have a given number of digits, ascending. */
function numbered(entries: readonly TreeEntry[], digits: number): string[] {
  return entries
    .filter(({ name, isDirectory }) => isDirectory && name.length === digits && /^\d+$/.test(name))
    .map(({ name }) => name)
    .sort()
}
