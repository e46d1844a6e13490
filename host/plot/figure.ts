import { UsageError } from "../model/errors.js"
import type { Group, Log, Reduced } from "../model/log.js"
import { given } from "../model/options.js"
import { seconds } from "../model/values.js"
import { reduce } from "../summary/reduce.js"
import { pickChannels } from "../views/pick.js"
import type { Range } from "../views/view.js"
import { damageTimes } from "./damage.js"

/** One curve in equal steps of time; a step without samples has count 0. */
export interface Series {
  readonly name: string
  readonly unit: string
  readonly data: Reduced
  /** Steps between neighbouring samples, as they usually are: what is wider is a gap. */
  readonly spacing: number
}

/** Curves that share a value axis. */
export interface Panel {
  readonly title: string
  readonly unit: string
  readonly series: readonly Series[]
  /** Limits of the value axis that the user gave. */
  readonly min?: number
  readonly max?: number
}

/** Everything a picture shows. */
export interface Figure {
  readonly title: string
  readonly subtitle: string
  /** Seconds from the log's start, or row numbers where the log has no time. */
  readonly from: number
  readonly to: number
  readonly by: "time" | "rows"
  readonly panels: readonly Panel[]
  readonly annotations: readonly { readonly time: number; readonly text: string }[]
  /** Where the file is damaged, in time. */
  readonly damage: readonly { readonly from: number; readonly to: number; readonly text: string }[]
}

/** What shall be drawn; the shape of a `--layout` file. */
export interface PlotLayout {
  readonly title?: string
  readonly width?: number
  /** Height of a panel. */
  readonly panelHeight?: number
  readonly start?: string
  readonly end?: string
  /** Channels by name, glob, `/regex/` or `group.channel`. */
  readonly panels?: readonly {
    readonly title?: string
    readonly channels: readonly string[]
    readonly min?: number
    readonly max?: number
  }[]
}

/** Curves in one panel at most; more are hard to tell apart. */
const CURVES = 8

/** How a log is drawn. */
interface FigureOptions {
  /** Steps of time: the width of the picture's inside. */
  readonly buckets: number
  readonly start?: number
  readonly end?: number
  readonly layout?: PlotLayout
  /** A panel per `unit` of each group (default) or per `channel`. */
  readonly panels?: "unit" | "channel"
}

/**
 * Reduces a log to what a picture of some width can show.
 * @throws UsageError when no channel of numbers is left, or a layout names a channel that the log lacks
 */
export async function figureOf(log: Log, { buckets, start, end, layout = {}, panels = "unit" }: FigureOptions): Promise<Figure> {
  const range = start === undefined && end === undefined ? await roomForOne(log) : given({ start, end })
  const reduced = await reduce(log, { buckets, how: "drawn", ...range })
  const all = reduced.flatMap(({ group, by, from, to, channels }) =>
    channels.flatMap((data, c) => {
      const channel = log.groups[group]?.channels[c]
      if (data === null || channel === undefined) return []
      const series: Series = { name: channel.name, unit: channel.unit, data, spacing: spacingOf(data) }
      return [{ group, channel: c, by, from, to, series }]
    }),
  )
  const [first] = all
  if (first === undefined) throw new UsageError("there is no channel of numbers to plot")
  const shown = all.filter(({ by }) => by === first.by)
  const { by, from, to } = first
  const drawn = layout.panels === undefined ? panelsOf(log, shown, panels) : chosenPanels(log, shown, layout.panels)
  return {
    title: layout.title ?? log.name,
    subtitle: log.start === null ? "" : `${new Date(Number(log.start / 1_000_000n)).toISOString().replace("T", " ").slice(0, 19)} UTC`,
    from,
    to,
    by,
    panels: drawn,
    annotations: log.annotations.flatMap(({ time, text }) => (time === null || time < from || time > to ? [] : [{ time, text }])),
    damage: by === "time" ? (await damageTimes(log)).filter((each) => each.to >= from && each.from <= to) : [],
  }
}

/** A range with a single instant in its middle; none for a log that has a duration. */
async function roomForOne(log: Log): Promise<Range> {
  const { groups, duration } = await log.survey()
  if (duration !== 0) return {}
  const g = groups.findIndex(({ rows }) => rows > 0)
  const at = seconds(log.groups[g] as Group, groups[g]?.first ?? null, 0)
  return Number.isNaN(at) ? {} : { start: at - 0.5, end: at + 0.5 }
}

interface Drawn {
  readonly group: number
  readonly channel: number
  readonly series: Series
}

function panelsOf(log: Log, shown: readonly Drawn[], by: "unit" | "channel"): Panel[] {
  const panels = new Map<string, { title: string; unit: string; series: Series[] }>()
  for (const { group, channel, series } of shown) {
    const { name, channels } = log.groups[group] as Group
    // Lone channels of one unit belong together: four wheel speeds are one picture.
    const isLone = channels.length === 1 && series.unit !== ""
    const place = by === "channel" ? `${group}.${channel}` : isLone ? "" : String(group)
    let n = 0
    const key = () => `${place} ${n} ${series.unit}`
    while ((panels.get(key())?.series.length ?? 0) >= CURVES) n++
    const isPlain = log.groups.length === 1 || (by === "unit" && isLone)
    const panel = panels.get(key()) ?? { title: isPlain ? "" : name, unit: series.unit, series: [] }
    panel.series.push(series)
    panels.set(key(), panel)
  }
  return [...panels.values()].map((panel) =>
    panel.series.length === 1 ? { ...panel, title: curveTitle(panel.title, panel.series[0]?.name ?? "") } : panel,
  )
}

function curveTitle(group: string, channel: string): string {
  return group === "" || group === channel ? channel : `${group}.${channel}`
}

function chosenPanels(log: Log, shown: readonly Drawn[], wanted: NonNullable<PlotLayout["panels"]>): Panel[] {
  return wanted.map(({ title, channels, min, max }) => {
    const picked = pickChannels(log.groups, channels).flatMap(({ group, channels: list }) => list.map((channel) => `${group} ${channel}`))
    const series = shown.filter(({ group, channel }) => picked.includes(`${group} ${channel}`)).map((each) => each.series)
    const units = [...new Set(series.map(({ unit }) => unit))]
    const unit = units.length === 1 ? (units[0] as string) : ""
    return { title: title ?? series.map(({ name }) => name).join(", "), unit, series, ...given({ min, max }) }
  })
}

/** The median distance of steps that have samples. */
function spacingOf({ count }: Reduced): number {
  const distances: number[] = []
  let before = -1
  for (let i = 0; i < count.length; i++) {
    if (count[i] === 0) continue
    if (before >= 0) distances.push(i - before)
    before = i
  }
  distances.sort((a, b) => a - b)
  return distances[distances.length >> 1] ?? 1
}

/** Runs of steps that belong together: `[first, last]` of each, cut where no sample came for three usual distances. */
export function runsOf({ data: { count }, spacing }: Series): [number, number][] {
  const runs: [number, number][] = []
  const limit = Math.max(2, 3 * spacing)
  for (let i = 0; i < count.length; i++) {
    if (count[i] === 0) continue
    const run = runs.at(-1)
    if (run !== undefined && i - run[1] <= limit) run[1] = i
    else runs.push([i, i])
  }
  return runs
}

/** Lowest and highest value of a panel. */
export function extentOf(panel: Panel): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const { data } of panel.series) {
    for (let i = 0; i < data.count.length; i++) {
      const [min, max] = [data.min[i] as number, data.max[i] as number]
      if (Number.isFinite(min) && min < low) low = min
      if (Number.isFinite(max) && max > high) high = max
    }
  }
  return { low: panel.min ?? low, high: panel.max ?? high }
}
