import type { Group, Log } from "../model/log.js"
import { given } from "../model/options.js"
import { isHealthGroup } from "../summary/logger-health.js"
import { UniqueNames } from "../text/unique.js"
import { pickChannels } from "../views/pick.js"
import type { Panel, PlotLayout, Series } from "./picture.js"

/** Curves in one panel at most; more are hard to tell apart. */
const CURVES = 8

/** A curve that is so many times smaller than its axis looks like a line: it gets a panel of its own, or with others of its size. */
const FLAT = 50

/** A curve and the channel that it shows. */
interface Drawn {
  readonly group: number
  readonly channel: number
  readonly series: Series
}

/**
 * The channels that tell of the recording and not of what was recorded: the logger's own counters, the span of a ddff record, the
 * time that is also a column. A picture shows them when they are asked for.
 */
export function withoutBookkeeping(groups: readonly Group[]): string[] | undefined {
  const shown = groups.flatMap((group) =>
    isHealthGroup(group) ? [] : group.channels.filter((channel) => !isBookkeeping(channel)).map(({ name }) => `${group.name}.${name}`),
  )
  const all = groups.reduce((sum, { channels }) => sum + channels.length, 0)
  return shown.length === 0 || shown.length === all ? undefined : shown
}

function isBookkeeping({ name, type, notes }: Group["channels"][number]): boolean {
  return notes.is_time === "true" || (type === "u32" && (name === "span" || name === "record.span"))
}

/** Panels of a log without a layout: a group's curves of one unit share one, but for those that would be flat there; a curve without a unit has its own. */
export function panelsOf(log: Log, shown: readonly Drawn[], by: "unit" | "channel"): Panel[] {
  const panels = new Map<string, { title: string; unit: string; drawn: Drawn[]; sizes: Sizes }>()
  for (const each of shown) {
    const { group, channel, series } = each
    const { name, channels } = log.groups[group] as Group
    // Lone channels of one unit belong together: four wheel speeds are one picture.
    const isLone = channels.length === 1 && series.unit !== ""
    // Numbers without a unit are of any size: one would press the others flat.
    const isAlone = by === "channel" || series.unit === ""
    const place = isAlone ? `${group}.${channel}` : isLone ? "" : String(group)
    let n = 0
    const key = () => `${place} ${n} ${series.unit}`
    const own = sizesOf(series)
    while (!fits(panels.get(key()), own)) n++
    const isPlain = log.groups.length === 1 || (!isAlone && isLone)
    const panel = panels.get(key()) ?? { title: isPlain ? "" : name, unit: series.unit, drawn: [], sizes: own }
    panel.drawn.push(each)
    panels.set(key(), { ...panel, sizes: together(panel.sizes, own) })
  }
  return [...panels.values()].map(({ title, unit, drawn }) => {
    const series = named(log, drawn)
    return { title: series.length === 1 ? curveTitle(title, drawn[0]?.series.name ?? "") : title, unit, series }
  })
}

/** The values of curves, and how far the calmest of those that move at all reaches. */
interface Sizes {
  readonly low: number
  readonly high: number
  readonly calmest: number
}

function sizesOf(series: Series): Sizes {
  const { low, high } = valuesOf([series])
  return { low, high, calmest: high > low ? high - low : Number.POSITIVE_INFINITY }
}

function together(a: Sizes, b: Sizes): Sizes {
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high), calmest: Math.min(a.calmest, b.calmest) }
}

/** True if a curve has room in a panel, and presses no curve flat there, nor is pressed. */
function fits(panel: { readonly drawn: readonly Drawn[]; readonly sizes: Sizes } | undefined, own: Sizes): boolean {
  if (panel === undefined) return true
  const { low, high, calmest } = together(panel.sizes, own)
  return panel.drawn.length < CURVES && !(high - low > FLAT * calmest)
}

/** Lowest and highest value of some curves. */
export function valuesOf(curves: readonly Series[]): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const { data } of curves) {
    for (let i = 0; i < data.count.length; i++) {
      const [min, max] = [data.min[i] as number, data.max[i] as number]
      if (Number.isFinite(min) && min < low) low = min
      if (Number.isFinite(max) && max > high) high = max
    }
  }
  return { low, high }
}

function curveTitle(group: string, channel: string): string {
  return group === "" || group === channel ? channel : `${group}.${channel}`
}

/** The curves of one panel, with the group (and the run in its name) where names repeat. */
function named(log: Log, drawn: readonly Drawn[]): Series[] {
  const free = new UniqueNames()
  return drawn.map(({ group, series }) => {
    const repeats = drawn.filter((other) => other.series.name === series.name).length > 1
    const name = repeats ? curveTitle(log.groups[group]?.name ?? "", series.name) : series.name
    return { ...series, name: free.take(name) }
  })
}

/** The panels of a layout. @throws UsageError for a channel that the log lacks */
export function chosenPanels(log: Log, shown: readonly Drawn[], wanted: NonNullable<PlotLayout["panels"]>): Panel[] {
  return wanted.map(({ title, channels, min, max }) => {
    const picked = pickChannels(log.groups, channels).flatMap(({ group, channels: list }) => list.map((channel) => `${group} ${channel}`))
    const series = named(
      log,
      shown.filter(({ group, channel }) => picked.includes(`${group} ${channel}`)),
    )
    const units = [...new Set(series.map(({ unit }) => unit))]
    const unit = units.length === 1 ? (units[0] as string) : ""
    return { title: title ?? series.map(({ name }) => name).join(", "), unit, series, ...given({ min, max }) }
  })
}
