import { paddedRange, timeAxisTitle, timeTicks, valueAxis, valueTicks } from "./axes.js"
import { curvesOf } from "./curves.js"
import { extentOf } from "./figure.js"
import type { Figure, Panel } from "./picture.js"
import { escaped, label, pixelsOf, px } from "./svg-text.js"

/** Okabe and Ito's colours, told apart by everybody; dark enough for thin lines on white. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#7a3e9d", "#333333"]
const INK = "#1f2328"
const FAINT = "#6e7781"
const GRID = "#e4e7eb"
const FRAME = "#c3c9d0"
const DAMAGE = "#cf222e"
const FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"

const LEFT = 78
const RIGHT = 22
const TOP = 48
const BOTTOM = 46
const HEAD = 22
const BETWEEN = 12
/** From one line of a legend to the next. */
const LEGEND_LINE = 15
/** What a dot at the edge may stand out. */
const EDGE = 3
/** More annotations than this are drawn faintly, so that the curves stay in sight. */
const CROWD = 30
/** Pixels of damage that takes no time, as at the end of a log. */
const THIN = 2
/** Room for the unit left of the labels of a value axis, and between label and frame. */
const UNIT = 28

/** Size of a picture in pixels. */
interface PictureSize {
  readonly width: number
  readonly panelHeight: number
}

/** Pixels inside the frame of a picture this wide: the steps of time worth computing. */
export function plotWidth(width: number): number {
  return Math.max(50, width - LEFT - RIGHT)
}

/** A picture of its own: no scripts, no outside files. Coordinates have two decimals, so equal figures give equal bytes. */
export function svgPlot(figure: Figure, { width, panelHeight }: PictureSize): string {
  const axes = figure.panels.map((panel) => panelAxis(panel, panelHeight))
  const widest = Math.max(0, ...axes.flatMap(({ ticks }) => ticks.map(({ label: text }) => pixelsOf(text))))
  const left = Math.max(LEFT, UNIT + widest + 8)
  const inside = Math.max(50, width - left - RIGHT)
  const legends = figure.panels.map((panel) => legendLines(panel, inside))
  const heads = legends.map((lines) => HEAD + (Math.max(1, lines.length) - 1) * LEGEND_LINE)
  const height = TOP + heads.reduce((sum, head) => sum + head + panelHeight + BETWEEN, 0) - BETWEEN + BOTTOM
  const x = (time: number) => left + ((time - figure.from) / (figure.to - figure.from)) * inside
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="11">`,
    `<title>${escaped(figure.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    label(left, 22, figure.title, `font-size="15" font-weight="bold" fill="${INK}"`),
    label(width - RIGHT, 22, figure.subtitle, `text-anchor="end" fill="${FAINT}"`),
  ]
  const ticks =
    figure.by === "time"
      ? timeTicks(figure.from, figure.to, Math.max(2, inside / 95))
      : valueTicks(figure.from, figure.to, Math.max(2, inside / 95))
  let top = TOP
  const times = ticks.map(({ at }) => at)
  for (const [p, panel] of figure.panels.entries()) {
    const head = heads[p] as number
    parts.push(...legendParts(panel, legends[p] as Legend, { x: left, y: top + HEAD - 8 }))
    parts.push(...panelParts(figure, panel, axes[p] as PanelAxis, { top: top + head, height: panelHeight, left, inside, x, id: p }, times))
    top += head + panelHeight + BETWEEN
  }
  const bottom = top - BETWEEN
  for (const { at, label: text } of ticks) {
    parts.push(`<line x1="${px(x(at))}" x2="${px(x(at))}" y1="${bottom}" y2="${bottom + 5}" stroke="${FRAME}"/>`)
    parts.push(label(x(at), bottom + 18, text, `text-anchor="middle" fill="${INK}"`))
  }
  const below = figure.by === "time" ? timeAxisTitle(figure.from, figure.to) : "row"
  parts.push(label(left + inside / 2, bottom + 36, below, `text-anchor="middle" fill="${FAINT}"`))
  if (figure.damage.length > 0) {
    parts.push(`<rect x="${left}" y="${bottom + 27}" width="10" height="10" fill="${DAMAGE}" fill-opacity="0.5"/>`)
    parts.push(label(left + 15, bottom + 36, "damage in the file", `fill="${DAMAGE}"`))
  }
  parts.push("</svg>\n")
  return parts.join("\n")
}

interface Place {
  readonly top: number
  readonly height: number
  readonly left: number
  readonly inside: number
  readonly x: (time: number) => number
  readonly id: number
}

/** The value axis of a panel. */
interface PanelAxis extends ReturnType<typeof valueAxis> {
  readonly from: number
  readonly to: number
}

function panelAxis(panel: Panel, height: number): PanelAxis {
  const { low, high } = extentOf(panel)
  const padded = paddedRange(low, high)
  const from = panel.min ?? padded.from
  const to = panel.max ?? padded.to
  return { from, to, ...valueAxis(from, to, Math.max(2, height / 26)) }
}

function panelParts(figure: Figure, panel: Panel, axis: PanelAxis, place: Place, times: readonly number[]): string[] {
  const { from, to } = axis
  const { top, height, left, inside, x, id } = place
  const y = (value: number) => top + height - ((value - from) / (to - from)) * height
  const parts = [`<clipPath id="p${id}"><rect x="${left - EDGE}" y="${top}" width="${inside + 2 * EDGE}" height="${height}"/></clipPath>`]
  for (const { from: begin, to: end, text } of figure.damage) {
    const edge = Math.min(Math.max(left, x(begin)), left + inside - THIN)
    const wide = Math.min(left + inside - edge, Math.max(THIN, x(end) - edge))
    parts.push(
      `<rect x="${px(edge)}" y="${top}" width="${px(wide)}" height="${height}" fill="${DAMAGE}" fill-opacity="0.14"><title>${escaped(text)}</title></rect>`,
    )
    parts.push(`<rect x="${px(edge)}" y="${top}" width="${px(wide)}" height="4" fill="${DAMAGE}"/>`)
  }
  for (const at of times) parts.push(`<line x1="${px(x(at))}" x2="${px(x(at))}" y1="${top}" y2="${top + height}" stroke="${GRID}"/>`)
  for (const { at, label: text } of axis.ticks) {
    parts.push(`<line x1="${left}" x2="${left + inside}" y1="${px(y(at))}" y2="${px(y(at))}" stroke="${GRID}"/>`)
    parts.push(label(left - 8, y(at) + 4, text, `text-anchor="end" fill="${INK}"`))
  }
  parts.push(`<rect x="${left}" y="${top}" width="${inside}" height="${height}" fill="none" stroke="${FRAME}"/>`)
  const unit = [panel.unit, axis.offset].filter((part) => part !== "").join(", ")
  if (unit !== "") {
    const middle = px(top + height / 2)
    parts.push(`<text transform="translate(16 ${middle}) rotate(-90)" text-anchor="middle" fill="${INK}">${escaped(unit)}</text>`)
  }
  parts.push(`<g clip-path="url(#p${id})">`)
  const steps = panel.series[0]?.data.count.length ?? 1
  parts.push(...curvesOf(panel.series, COLOURS, { x: (i) => left + ((i + 0.5) / steps) * inside, y }))
  if (panel.series.every(({ data }) => data.count.every((n) => n === 0))) {
    parts.push(label(left + inside / 2, top + height / 2 + 4, "no values", `text-anchor="middle" fill="${FAINT}"`))
  }
  const crowded = figure.annotations.length > CROWD ? ` stroke-opacity="0.25"` : ""
  for (const { time } of figure.annotations) {
    parts.push(
      `<line x1="${px(x(time))}" x2="${px(x(time))}" y1="${top}" y2="${top + height}" stroke="${INK}" stroke-dasharray="4 3"${crowded}/>`,
    )
  }
  if (id === 0) parts.push(...annotationTexts(figure, x, top))
  parts.push("</g>")
  return parts
}

/** The annotations' texts, one below the other where they would overlap; what finds no place in three lines has its line only. */
function annotationTexts({ annotations }: Figure, x: (time: number) => number, top: number): string[] {
  const free = [0, 0, 0]
  return [...annotations]
    .sort((a, b) => a.time - b.time)
    .flatMap(({ time, text }) => {
      const shown = text.length > 60 ? `${text.slice(0, 59)}…` : text
      const line = free.findIndex((from) => from <= x(time))
      if (line < 0) return []
      free[line] = x(time) + pixelsOf(shown) + 12
      return [label(x(time) + 4, top + 14 + line * 14, shown, `fill="${INK}" stroke="#ffffff" stroke-width="3" paint-order="stroke"`)]
    })
}

/** A curve's name, its colour and its place in a line of the legend. */
interface LegendEntry {
  readonly at: number
  readonly text: string
  readonly colour: string
}
type Legend = readonly (readonly LegendEntry[])[]

/** The names of a panel's curves behind its title, in as many lines as they need; none for a single curve. */
function legendLines(panel: Panel, inside: number): Legend {
  if (panel.series.length === 1) return []
  const lines: LegendEntry[][] = [[]]
  let at = panel.title === "" ? 0 : pixelsOf(panel.title) + 18
  for (const [s, { name, unit }] of panel.series.entries()) {
    const text = panel.unit === "" && unit !== "" ? `${name} (${unit})` : name
    if (at > 0 && at + 16 + pixelsOf(text) > inside) {
      lines.push([])
      at = 0
    }
    lines.at(-1)?.push({ at, text, colour: COLOURS[s % COLOURS.length] as string })
    at += pixelsOf(text) + 34
  }
  return lines
}

function legendParts(panel: Panel, lines: Legend, { x, y }: { x: number; y: number }): string[] {
  const parts = [label(x, y, panel.title, `font-weight="bold" fill="${INK}"`)]
  for (const [l, line] of lines.entries()) {
    const below = y + l * LEGEND_LINE
    for (const { at, text, colour } of line) {
      parts.push(`<rect x="${px(x + at)}" y="${below - 6}" width="12" height="3" fill="${colour}"/>`)
      parts.push(label(x + at + 16, below, text, `fill="${INK}"`))
    }
  }
  return parts
}
