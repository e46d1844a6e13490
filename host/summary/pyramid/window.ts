import { search } from "../../bytes/search.js"
import type { Log, Reduced, Selection } from "../../model/log.js"
import type { Moments } from "../../model/moments.js"
import { hasTime } from "../../model/time.js"
import { aCount, checkLog, checkOptions, checkRange } from "../../text/asked.js"
import { type Axis, Slots } from "../slots.js"
import { type Entry, FACTOR, type Level } from "./levels.js"
import type { Pyramid, PyramidGroup } from "./pyramid.js"

/** Entries of a level that a bucket must have at least: an entry counts whole where it begins, so it is at most this part of a bucket astray. */
const ENTRIES_PER_BUCKET = 4

/** The part of a log that is wanted: seconds from its start, half open, in buckets of equal length. */
export interface Window extends Pick<Selection, "signal"> {
  readonly from: number
  readonly to: number
  readonly buckets: number
}

/** A bucket's extremes and mean; NaN where it is empty. */
export type WindowBuckets = Omit<Reduced, "std">

/**
 * One group's channels in buckets, from a pyramid, and from the rows themselves where the window's edges cut an entry or a bucket is
 * shorter than one. An entry counts where it begins, so the same part of a log looks the same in every window on the same grid, and no
 * value is in two buckets. Where the file has summaries (JLS), they answer, and one that a bucket's edge cuts counts on both sides.
 * @returns per channel null where it is no number
 * @throws UsageError for a window that lacks a side, has an unknown name or no whole number of buckets
 */
export async function windowOf(log: Log, pyramid: Pyramid, index: number, window: Window): Promise<(WindowBuckets | null)[]> {
  checkLog(log, "windowOf")
  checkOptions(window, ["from", "to", "buckets", "signal"], "windowOf")
  aCount(window?.buckets, "buckets")
  checkRange({ start: window.from ?? Number.NaN, end: window.to ?? Number.NaN })
  const group = log.groups[index]
  if (group === undefined) return []
  if (log.reduce !== undefined && group.time.kind === "fixed") {
    const { from, to, buckets } = window
    const channels: (WindowBuckets | null)[] = []
    for (const c of group.channels.keys()) channels.push(await log.reduce(index, c, from, to, buckets, "drawn"))
    return channels
  }
  const entries = pyramid.groups[index]
  const axis: Axis = { by: hasTime(group) ? "time" : "rows", from: window.from, to: window.to }
  const slots = new Slots(group, axis, window.buckets)
  const rows = async (start: number, end: number) => {
    const range = axis.by === "time" ? { start, end } : {}
    const selection = { ...range, groups: [index], reuse: true, ...(window.signal === undefined ? {} : { signal: window.signal }) }
    for await (const chunk of log.chunks(selection)) slots.add(chunk)
  }
  const inside = entries === undefined ? null : insideOf(entries, axis, window.buckets)
  if (entries === undefined || inside === null) await rows(window.from, window.to)
  else {
    if (window.from < inside.start) await rows(window.from, inside.start)
    addEntries(entries, inside, slots.moments, axis, window.buckets)
    if (inside.end < window.to) await rows(inside.end, window.to)
  }
  return slots.reduced()
}

/** Entries of the finest level, half open, and the time that they hold. */
interface Inside {
  readonly first: number
  readonly last: number
  readonly start: number
  readonly end: number
}

/** The entries that lie within an axis with all their rows; null where the rows must be asked: too few entries, or a clock that goes back. */
function insideOf(group: PyramidGroup, { by, from, to }: Axis, buckets: number): Inside | null {
  if (by === "rows" || !group.isRising) return null
  const n = group.entries
  const begins = group.begins
  // Rows of one time may stand on both sides of an entry's beginning: there no window can be cut.
  let first = search(0, begins, (e) => group.timeOf(e) >= from)
  while (first < begins && group.isTorn(first)) first++
  let last = search(first, begins, (e) => group.timeOf(e) > to) - 1
  if (last === n - 1 && begins === n && group.lastTime < to) return enough({ first, last: n, start: group.timeOf(first), end: to }, buckets)
  while (last > first && group.isTorn(last)) last--
  return enough({ first, last, start: group.timeOf(first), end: group.timeOf(last) }, buckets)
}

function enough(inside: Inside, buckets: number): Inside | null {
  return inside.last - inside.first < buckets * ENTRIES_PER_BUCKET ? null : inside
}

/** Adds the entries inside to their buckets: those of the coarsest level that is fine enough, and of finer ones at both ends. */
function addEntries(group: PyramidGroup, inside: Inside, moments: readonly Moments[], { from, to }: Axis, buckets: number): void {
  const perSecond = buckets / (to - from)
  const bucketOf = (entry: number) => Math.min(buckets - 1, Math.max(0, Math.floor((group.timeOf(entry) - from) * perSecond)))
  for (const [c, channel] of group.channels.entries()) {
    if (channel === null) continue
    const sums = moments[c] as Moments
    const { all } = channel.levels
    let { first, last } = inside
    let level = 0
    const add = (a: number, b: number) => {
      for (let e = a; e < b; e++) addEntry(sums, bucketOf(e * FACTOR ** level), (all[level] as Level).sum(e, e + 1))
    }
    while (level + 1 < all.length && (last - first) / FACTOR >= buckets * ENTRIES_PER_BUCKET + 1) {
      const [low, high] = [Math.ceil(first / FACTOR), Math.floor(last / FACTOR)]
      add(first, low * FACTOR)
      add(high * FACTOR, last)
      first = low
      last = high
      level++
    }
    add(first, last)
  }
}

function addEntry(sums: Moments, bucket: number, { count, min, max, mean }: Entry): void {
  if (count > 0) sums.merge(bucket, count, mean, 0, min, max)
}
