import type { Log, Reduced } from "../../model/log.js"
import type { GroupBuckets } from "../../summary/reduce.js"
import type { ChannelStats } from "../../summary/stats.js"
import { otherJson } from "../../text/cells.js"
import { printable } from "../../text/printable.js"
import type { Paint } from "../terminal/terminal.js"
import { countText, numberText } from "./quantities.js"
import { type Column, tableLines, tableWidth } from "./table.js"

const right = (title: string): Column => ({ title, align: "right" })

/** Steps by which a table is narrowed until it fits: fewer significant digits, then without the columns `first` and `last`. */
const CONCESSIONS = [
  { digits: 6, ends: true },
  { digits: 5, ends: true },
  { digits: 6, ends: false },
  { digits: 5, ends: false },
  { digits: 4, ends: false },
] as const
const LAST_RESORT = { digits: 4, ends: false }

/** A table with a line for each channel. If two groups share a channel's name, the group stands before it. Numbers are never cut. */
export function statsLines(found: readonly ChannelStats[], width: number, paint: Paint): string {
  const columns: Column[] = [
    { title: "channel", shrinkTo: 18 },
    ...["count", "missing", "nan", "min", "max", "mean", "std", "first", "last"].map(right),
    { title: "unit", shrinkTo: 4 },
  ]
  const rows = ({ digits, ends }: { digits: number; ends: boolean }) =>
    found.map((entry) => [
      printable(channelLabel(entry, found)),
      countText(entry.count),
      entry.missing === 0 ? "" : countText(entry.missing),
      entry.nan === 0 ? "" : countText(entry.nan),
      ...[entry.min, entry.max, entry.mean].map((value) => valueText(value, telling(value, entry, digits))),
      valueText(entry.std, digits),
      ...(ends ? [entry.first, entry.last].map((value) => valueText(value, telling(value, entry, digits))) : ["", ""]),
      printable(entry.unit),
    ])
  const fits = CONCESSIONS.find((concession) => tableWidth(columns, rows(concession)) <= width) ?? LAST_RESORT
  const note = fits.ends ? "" : paint("dim", "first and last: in a wider terminal, in a pipe, with --json\n")
  return block(columns, rows(fits), width, paint) + note
}

/** Significant digits that keep a channel's values apart: a position that moves by metres needs more than `digits`. */
function telling(value: unknown, { min, max }: ChannelStats, digits: number): number {
  const spread = Number(max) - Number(min)
  if (typeof value !== "number" || !(spread > 0) || !Number.isFinite(spread) || value === 0) return digits
  const beforePoint = Math.floor(Math.log10(Math.abs(value))) + 1
  const decimals = digits - 2 - Math.floor(Math.log10(spread))
  return Math.max(digits, Math.min(digits + 4, beforePoint + decimals))
}

function channelLabel({ group, channel }: ChannelStats, all: readonly ChannelStats[]): string {
  return all.some((other) => other.channel === channel && other.group !== group) ? `${group}.${channel}` : channel
}

/** The longest text that a cell shows. */
const TEXT_CAP = 12

function valueText(value: unknown, digits: number): string {
  if (value === null || value === undefined) return ""
  if (typeof value === "number") return numberText(value, digits)
  if (typeof value === "bigint") return numberText(Number(value), digits)
  if (typeof value === "string") return JSON.stringify(printable(value.length > TEXT_CAP ? `${value.slice(0, TEXT_CAP)}...` : value))
  if (value instanceof Uint8Array) return `${Buffer.from(value.subarray(0, 8)).toString("hex")}${value.length > 8 ? "..." : ""}`
  if (typeof value === "object") return printable(otherJson(value))
  return String(value)
}

/** For each channel a table over time: min, mean and max of each bucket, one bucket a line. */
export function bucketLines(log: Log, found: readonly GroupBuckets[], width: number, paint: Paint): string {
  const parts: string[] = []
  for (const { group, by, from, to, channels } of found) {
    const { name = "", channels: all = [] } = log.groups[group] ?? {}
    for (const [c, reduced] of channels.entries()) {
      const channel = all[c]
      if (reduced === null || channel === undefined) continue
      const title = name === channel.name ? name : `${name}.${channel.name}`
      const step = (to - from) / reduced.count.length
      const columns = [right(by === "time" ? "from s" : "from row"), right("count"), right("min"), right("mean"), right("max")]
      const rows = [...reduced.count.keys()].map((slot) => [
        by === "time" ? (from + slot * step).toFixed(3) : String(Math.ceil(from + slot * step)),
        countText(reduced.count[slot] as number),
        ...[reduced.min, reduced.mean, reduced.max].map((values) => (reduced.count[slot] === 0 ? "" : numberText(values[slot] as number))),
      ])
      const unit = channel.unit === "" ? "" : ` [${printable(channel.unit)}]`
      parts.push(`${paint("bold", printable(title))}${unit}\n${block(columns, rows, width, paint)}`)
    }
  }
  return parts.join("\n")
}

/** The groups of `stats --buckets --json`: an array for each figure, null where a bucket is empty. */
export function bucketDocument(log: Log, found: readonly GroupBuckets[]): unknown[] {
  return found.map(({ group, by, from, to, channels }) => ({
    group: log.groups[group]?.name ?? "",
    by,
    from,
    to,
    channels: channels.flatMap((reduced, c) =>
      reduced === null
        ? []
        : [{ channel: log.groups[group]?.channels[c]?.name ?? "", unit: log.groups[group]?.channels[c]?.unit ?? "", ...arrays(reduced) }],
    ),
  }))
}

function arrays(reduced: Reduced): Record<string, (number | null)[]> {
  const filled = (values: Float64Array) => Array.from(values, (value, slot) => (reduced.count[slot] === 0 ? null : value))
  const { min, mean, max, std } = reduced
  return { count: [...reduced.count], min: filled(min), mean: filled(mean), max: filled(max), std: filled(std) }
}

function block(columns: readonly Column[], rows: readonly (readonly string[])[], width: number, paint: Paint): string {
  const [titles = "", ...body] = tableLines(columns, rows, width)
  return `${[paint("dim", titles), ...body].join("\n")}\n`
}
