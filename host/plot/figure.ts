import { UsageError } from "../model/errors.js"
import type { Channel, Group, Log, Reduced } from "../model/log.js"
import { given } from "../model/options.js"
import { seconds } from "../model/values.js"
import { damageTimes } from "../summary/damage.js"
import { reduce } from "../summary/reduce.js"
import { dateOf } from "../text/times.js"
import type { Range } from "../views/view.js"
import { chosenPanels, panelsOf, valuesOf } from "./panels.js"
import type { Figure, Panel, PlotLayout, Series } from "./picture.js"

/** How a log is drawn. */
interface FigureOptions {
  /** Steps of time: the width of the picture's inside. */
  readonly buckets: number
  readonly start?: number
  readonly end?: number
  readonly layout?: PlotLayout
  /** A panel per `unit` of each group (default) or per `channel`. */
  readonly panels?: "unit" | "channel"
  /** The whole log, where `log` shows some channels of it: rows of every group tell when damage happened. */
  readonly whole?: Log
}

/**
 * Reduces a log to what a picture of some width can show.
 * @throws UsageError when no channel of numbers is left, or a layout names a channel that the log lacks
 */
export async function figureOf(
  log: Log,
  { buckets, start, end, layout = {}, panels = "unit", whole = log }: FigureOptions,
): Promise<Figure> {
  const range = start === undefined && end === undefined ? await roomForOne(log) : given({ start, end })
  const reduced = await reduce(log, { buckets, how: "drawn", sharedRows: true, ...range })
  const all = reduced.flatMap(({ group, by, from, to, channels }) =>
    channels.flatMap((data, c) => {
      const channel = log.groups[group]?.channels[c]
      if (data === null || channel === undefined) return []
      const series: Series = { name: channel.name, unit: channel.unit, data, spacing: spacingOf(data), stepped: isStepped(channel) }
      return [{ group, channel: c, by, from, to, series }]
    }),
  )
  const [first] = all
  if (first === undefined) throw new UsageError("there is no channel of numbers to plot")
  const shown = all.filter(({ by }) => by === first.by)
  const { by, from, to } = first
  const drawn = layout.panels === undefined ? panelsOf(log, shown, panels) : chosenPanels(log, shown, layout.panels)
  const date = log.start === null ? null : dateOf(log.start)
  return {
    title: layout.title ?? log.name,
    subtitle: date === null ? "" : `${date.toISOString().replace("T", " ").slice(0, 19)} UTC`,
    from,
    to,
    by,
    panels: drawn,
    annotations: log.annotations.flatMap(({ time, text }) => (time === null || time < from || time > to ? [] : [{ time, text }])),
    damage: (await damageTimes(whole, by === "rows" ? await longest(whole) : undefined)).filter(
      (each) => each.to >= from && each.from <= to,
    ),
  }
}

/** The group with the most rows: its rows are the axis of a log without time. */
async function longest(log: Log): Promise<number> {
  const rows = (await log.survey()).groups.map((group) => group.rows)
  return rows.indexOf(Math.max(...rows))
}

/** A range with a single instant in its middle; none for a log that has a duration. */
async function roomForOne(log: Log): Promise<Range> {
  const { groups, duration } = await log.survey()
  if (duration !== 0) return {}
  const g = groups.findIndex(({ rows }) => rows > 0)
  const at = seconds(log.groups[g] as Group, groups[g]?.first ?? null, 0)
  return Number.isNaN(at) ? {} : { start: at - 0.5, end: at + 0.5 }
}

/** A value that is a whole number holds until the next one. What was made from counts by a formula is a measured quantity. */
function isStepped({ type, calibration }: Channel): boolean {
  const isWhole = calibration === null || [calibration.addition, calibration.divisor, calibration.multiplier].join() === "0,1,1"
  return isWhole && !/^f\d/.test(type)
}

/** Samples in a step from which on it never stays empty by chance. */
const DENSE = 4

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

/**
 * Runs of steps that belong together: `[first, last]` of each, cut where no sample came for three usual distances. Where steps
 * usually hold many samples, a single step without any is a gap.
 */
export function runsOf({ data: { count }, spacing }: Series): [number, number][] {
  const runs: [number, number][] = []
  const filled = count.filter((n) => n > 0).sort()
  const isDense = (filled[filled.length >> 1] ?? 0) >= DENSE
  const limit = isDense ? 1 : Math.max(2, 3 * spacing)
  for (let i = 0; i < count.length; i++) {
    if (count[i] === 0) continue
    const run = runs.at(-1)
    if (run !== undefined && i - run[1] <= limit) run[1] = i
    else runs.push([i, i])
  }
  return runs
}

/** Lowest and highest value of a panel's axis. */
export function extentOf(panel: Panel): { low: number; high: number } {
  const { low, high } = valuesOf(panel.series)
  return { low: panel.min ?? low, high: panel.max ?? high }
}
