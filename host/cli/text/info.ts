import { basename } from "node:path"
import type { Annotation, Calibration, Channel, Group, Severity } from "../../model/log.js"
import { hasTime, isNaive } from "../../model/time.js"
import type { DamageTime } from "../../summary/damage.js"
import type { EndRows } from "../../summary/end-rows.js"
import type { GroupOverview, Overview } from "../../summary/overview.js"
import { printable } from "../../text/printable.js"
import { tickOf } from "../../text/ticks.js"
import { durationText, instantText } from "../../text/times.js"
import { wrapped } from "../../text/width.js"
import type { Paint, Style } from "../terminal/terminal.js"
import { endRowLines } from "./end-rows.js"
import { bytesText, counted, countText, numberText, rateText } from "./quantities.js"
import { type Column, tableLines } from "./table.js"

/** The log's path as the user wrote it, and its size in bytes if it is a file. */
interface Place {
  readonly path: string
  readonly size: number | null
  /** The groups as the file has them, if channels of the log are computed. */
  readonly stored?: readonly Group[]
  /** When damage happened, as far as the rows around it tell. */
  readonly damage?: readonly DamageTime[]
}

/** How `info` lays its text out. */
interface Look {
  /** True to show lists in full. */
  readonly all: boolean
  /** Columns that sentences may fill, and columns that tables may fill. */
  readonly width: number
  readonly room: number
  readonly paint: Paint
}

/** Entries of a list that are shown without `--all`. */
const FEW = 8

/** One log as text for a person. Losses and damage come first. */
export function infoText(place: Place, found: Overview, look: Look, ends: readonly EndRows[] = []): string {
  const trouble = troubleLines(place, found, look)
  const grave = (found.health?.dropped ?? 0) > 0 || found.issues.some(({ severity }) => severity === "error")
  const lines = [
    ...titleLines(place, found, look),
    ...(grave ? trouble : []),
    ...extentLines(found),
    ...(grave ? [] : trouble),
    ...groupLines(place, found, look),
    ...endRowLines(found.groups, ends, look),
    ...annotationLines(found, look),
    ...userDataLines(found),
  ]
  return `${lines.join("\n")}\n`
}

function titleLines({ path, size }: Place, found: Overview, { paint }: Look): string[] {
  const about = [`${found.format}, ${printable(found.variant)}`, ...(size === null ? [] : [bytesText(size)])]
  const lines = [paint("bold", printable(path)), `  format    ${about.join(", ")}`]
  const stem = basename(path).replace(/\.[^.]*$/, "")
  if (found.name !== "" && found.name !== stem && found.name !== basename(path)) lines.push(`  name      ${printable(found.name)}`)
  return lines
}

function extentLines(found: Overview): string[] {
  const duration = found.duration === null ? noDuration(found) : durationText(found.duration)
  const rows = `${counted(found.rows, "row")} in ${counted(found.groups.length, "group")}`
  const start = found.start === null || found.groups.some(isNaive) ? [] : [`  start     ${instantText(found.start)}`]
  return [...start, `  duration  ${duration}`, `  rows      ${rows}`]
}

function noDuration(found: Overview): string {
  const { groups, rows } = found
  if (rows === 0) return "none"
  const untimed = !groups.some(hasTime)
  if (groups.some(({ firstTime, lastTime }) => (lastTime ?? 0) < (firstTime ?? 0))) return "unknown: its times go back"
  return untimed ? "unknown: the log does not say how long a tick is" : "unknown"
}

function troubleLines({ damage = [] }: Place, { health, issues, groups }: Overview, look: Look): string[] {
  const { paint } = look
  const lines: string[] = []
  if (health !== null) {
    const { dropped, waiting, slowestMs, clock } = health
    const figures = [
      ...(waiting === null ? [] : [`at most ${counted(waiting, "sector")} waiting`]),
      ...(slowestMs === null ? [] : [`slowest card write ${countText(slowestMs)} ms`]),
      ...(clock === null ? [] : [`time from ${clock}`]),
    ]
    const lost = dropped !== null && dropped > 0
    const isSound = issues.every(({ severity }) => severity !== "error")
    const sound = isSound ? "nothing lost" : "no row dropped while recording"
    const head = dropped === null ? "no count of lost rows" : lost ? `${counted(dropped, "row")} LOST while recording` : sound
    lines.push(
      `  ${paint(lost ? "red" : "green", "logger")}    ${[paint(lost ? "red" : isSound ? "green" : "dim", head), ...figures].join(", ")}`,
    )
  }
  if (issues.length === 0) return lines
  const by = (severity: Severity) => issues.filter((issue) => issue.severity === severity).length
  const counts = [
    ...(by("error") === 0 ? [] : [counted(by("error"), "error")]),
    ...(by("warning") === 0 ? [] : [counted(by("warning"), "warning")]),
    ...(by("note") === 0 ? [] : [counted(by("note"), "note")]),
  ]
  const style: Style = by("error") > 0 ? "red" : by("warning") > 0 ? "yellow" : "dim"
  lines.push(`  ${paint(style, by("error") > 0 ? "damage" : "issues")}    ${counts.join(", ")}`)
  const gravest = RANK.flatMap((severity) => issues.filter((issue) => issue.severity === severity))
  const shown = look.all ? gravest : gravest.slice(0, FEW)
  for (const issue of shown) {
    const { severity, kind, at, length, text } = issue
    const when = whenText(
      damage.find((each) => each.issue === issue),
      groups,
    )
    const where = at < 0 ? "" : `byte ${at}${length > 0 ? `, ${counted(length, "byte")}` : ""}: ${when}`
    lines.push(...wrapped(`${kind}: ${where}${printable(text)}`, look.width, `    ${paint(STYLE_OF[severity], "-")} `, "      "))
  }
  if (shown.length < issues.length) lines.push(`      ${counted(issues.length - shown.length, "more", "more")}: --all shows them`)
  return lines
}

/** `180.1 s to 225.4 s: 45.3 s missing: `, or where no more than the usual step lies between rows, `at 180.1 s: `. */
function whenText(damage: DamageTime | undefined, groups: readonly GroupOverview[]): string {
  if (damage === undefined || groups.some(isNaive)) return ""
  const { from, to } = damage
  const rates = groups.flatMap(({ rate, rows }) => (rate === null || rows < 2 ? [] : [rate]))
  const step = rates.length === 0 ? 0 : 1 / Math.max(...rates)
  const digits = step === 0 ? 3 : Math.min(9, Math.max(1, Math.ceil(-Math.log10(step))))
  if (to - from <= 1.5 * step) return `at ${from.toFixed(digits)} s: `
  return `${from.toFixed(digits)} s to ${to.toFixed(digits)} s: ${(to - from).toFixed(digits)} s missing: `
}

const RANK: readonly Severity[] = ["error", "warning", "note"]
const STYLE_OF: Readonly<Record<Severity, Style>> = { error: "red", warning: "yellow", note: "dim" }

const COLUMNS: readonly Column[] = [
  { title: "group / channel", shrinkTo: 20 },
  { title: "rows", align: "right" },
  { title: "rate", align: "right" },
  { title: "first", align: "right" },
  { title: "last", align: "right" },
  { title: "type" },
  { title: "unit", shrinkTo: 6 },
  { title: "calibration", shrinkTo: 12 },
]

function groupLines({ stored = [] }: Place, { groups }: Overview, look: Look): string[] {
  if (groups.length === 0) return ["", "  no groups"]
  const rows = groups.flatMap((group, g) => {
    const only = group.channels.length === 1 && group.channels[0]?.name === group.name ? group.channels[0] : undefined
    const own = [
      printable(group.name),
      countText(group.rows),
      group.rate === null ? "" : `${rateText(group.rate)}${driftText(group.drift)}`,
      tickText(group, "first"),
      tickText(group, "last"),
    ]
    if (only !== undefined) return [[...own, ...channelCells(only, look)]]
    const hidden = look.all ? computedFrom(group, stored[g]).map((channel) => ({ ...channel, notes: { ...channel.notes, ...STORED } })) : []
    const channels = [...group.channels, ...hidden]
    return [own, ...channels.map((channel) => [`  ${printable(channel.name)}`, "", "", "", "", ...channelCells(channel, look)])]
  })
  const [titles = "", ...body] = tableLines(COLUMNS, rows, look.room - 2)
  return ["", `  ${look.paint("dim", titles)}`, ...body.map((line) => `  ${line}`)]
}

/** How `--all` marks a stored channel that other channels are computed from. */
const STORED = { stored: "others are computed from it" }

/** The stored channels of a group that the log does not show, because others are computed from them. */
function computedFrom(group: GroupOverview, stored: Group | undefined): readonly Channel[] {
  const shown = new Set(group.channels.map(({ name }) => name))
  return stored?.channels.filter(({ name }) => !shown.has(name)) ?? []
}

function channelCells({ type, unit, calibration, notes }: Channel, { all }: Look): string[] {
  const more = all ? [calibrationText(calibration), ...Object.entries(notes).map(([key, text]) => `${key}: ${text}`)] : []
  return [type, printable(unit), printable(more.filter((text) => text !== "").join("; "))]
}

/** How much faster than its name a rate is by UTC. Less than a thousandth of a ppm is rounding. */
function driftText(ppm: number | null): string {
  if (ppm === null || Math.abs(ppm) < 0.0005) return ""
  return ` ${ppm > 0 ? "+" : "-"}${numberText(Number(Math.abs(ppm).toPrecision(3)))} ppm`
}

/** `first` and `last`: in seconds if the group has times, else as ticks. */
function tickText(group: GroupOverview, end: "first" | "last"): string {
  const tick = group[end]
  const time = end === "first" ? group.firstTime : group.lastTime
  if (tick !== null && isNaive(group)) return String(tickOf(group, tick))
  if (time !== null) return `${time.toFixed(group.rate !== null && group.rate > 1000 ? 6 : 3)} s`
  return tick === null ? "" : String(tick)
}

function calibrationText(calibration: Calibration | null): string {
  if (calibration === null) return ""
  const { addition, divisor, multiplier } = calibration
  const sum = addition === 0 ? "raw" : `(raw ${addition < 0 ? "-" : "+"} ${numberText(Math.abs(addition))})`
  const parts = [sum, ...(divisor === 1 ? [] : [`/ ${numberText(divisor)}`]), ...(multiplier === 1 ? [] : [`* ${numberText(multiplier)}`])]
  return parts.length === 1 && addition === 0 ? "" : parts.join(" ")
}

function annotationLines({ annotations, groups }: Overview, look: Look): string[] {
  if (annotations.length === 0) return []
  const shown = look.all ? annotations : annotations.slice(0, FEW)
  const more = annotations.length - shown.length
  const lines = annotationTable(shown, groups, { ...look, room: look.room - 2 }).map((line) => `  ${line}`)
  return ["", ...lines, ...(more > 0 ? [`  ${countText(more)} more: --all shows them`] : [])]
}

/** Annotations with their numbers, one a line. */
export function annotationTable(annotations: readonly Annotation[], groups: readonly { name: string }[], { paint, room }: Look): string[] {
  const rows = annotations.map(({ time, tick, kind, text, data, group }, index) => [
    String(index),
    time === null ? (tick === null ? "" : String(tick)) : `${time.toFixed(3)} s`,
    group === null ? "" : printable(groups[group]?.name ?? ""),
    kind === "text" ? "" : kind,
    data === null ? printable(text) : counted(data.length, "byte"),
  ])
  const columns: Column[] = [
    { title: "annotation", align: "right" },
    { title: "time", align: "right" },
    { title: "group", shrinkTo: 8 },
    { title: "kind" },
    { title: "text", shrinkTo: 20 },
  ]
  const [titles = "", ...body] = tableLines(columns, rows, room)
  return [paint("dim", titles), ...body]
}

/** An annotation in JSON: its group by name. */
export function annotationDocument(annotation: Annotation, groups: readonly { name: string }[]): Record<string, unknown> {
  return { ...annotation, group: annotation.group === null ? null : (groups[annotation.group]?.name ?? null) }
}

function userDataLines({ userData }: Overview): string[] {
  if (userData.length === 0) return []
  const size = userData.reduce((sum, { data }) => sum + data.length, 0)
  return ["", `  user data  ${counted(userData.length, "entry", "entries")}, ${bytesText(size)}`]
}

/** One log of `info --json`. */
export function infoDocument(
  { path, size, stored = [], damage = [] }: Place,
  found: Overview,
  ends: readonly EndRows[] = [],
): Record<string, unknown> {
  const { groups, start, userData, annotations, utc, health, ...rest } = found
  const names = groups.map(({ name }) => name)
  const nameOf = (group: number | null) => (group === null ? null : (names[group] ?? null))
  return {
    path,
    size,
    ...rest,
    start: start === null || groups.some(isNaive) ? null : instantText(start),
    logger: health,
    issues: rest.issues.map((issue) => {
      const when = damage.find((each) => each.issue === issue)
      return when === undefined ? issue : { ...issue, from: when.from, to: when.to }
    }),
    groups: groups.map((group, g) => {
      const hidden = computedFrom(group, stored[g])
      const more = hidden.length === 0 ? {} : { storedChannels: hidden }
      const own = { ...group, first: storedEnd(group, "first"), last: storedEnd(group, "last"), ...more }
      return ends[g] === undefined ? own : { ...own, firstRows: ends[g].first, lastRows: ends[g].last }
    }),
    annotations: annotations.map((annotation) => annotationDocument(annotation, groups)),
    utc: utc.map((point) => ({ group: nameOf(point.group), tick: point.tick, utc: instantText(point.utc) })),
    userData: userData.map(({ meta, kind, data }) => ({ meta, kind, size: data.length })),
  }
}

function storedEnd(group: GroupOverview, end: "first" | "last"): number | bigint | string | null {
  const tick = group[end]
  return tick === null ? null : tickOf(group, tick)
}
