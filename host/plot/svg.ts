import { paddedRange, timeAxisTitle, timeTicks, valueTicks } from "./axes.js"
import { extentOf, type Figure, type Panel, runsOf, type Series } from "./figure.js"

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
/** Fewer samples than this are drawn as dots, too. */
const DOTS = 80

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
  const inside = plotWidth(width)
  const legends = figure.panels.map((panel) => legendLines(panel, inside))
  const heads = legends.map((lines) => HEAD + (Math.max(1, lines.length) - 1) * LEGEND_LINE)
  const height = TOP + heads.reduce((sum, head) => sum + head + panelHeight + BETWEEN, 0) - BETWEEN + BOTTOM
  const x = (time: number) => LEFT + ((time - figure.from) / (figure.to - figure.from)) * inside
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="11">`,
    `<title>${escaped(figure.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    label(LEFT, 22, figure.title, `font-size="15" font-weight="bold" fill="${INK}"`),
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
    parts.push(...legendParts(panel, legends[p] as Legend, top + HEAD - 8))
    parts.push(...panelParts(figure, panel, { top: top + head, height: panelHeight, inside, x, id: p }, times))
    top += head + panelHeight + BETWEEN
  }
  const bottom = top - BETWEEN
  for (const { at, label: text } of ticks) {
    parts.push(`<line x1="${px(x(at))}" x2="${px(x(at))}" y1="${bottom}" y2="${bottom + 5}" stroke="${FRAME}"/>`)
    parts.push(label(x(at), bottom + 18, text, `text-anchor="middle" fill="${INK}"`))
  }
  const below = figure.by === "time" ? timeAxisTitle(figure.from, figure.to) : "row"
  parts.push(label(LEFT + inside / 2, bottom + 36, below, `text-anchor="middle" fill="${FAINT}"`))
  if (figure.damage.length > 0) {
    parts.push(`<rect x="${LEFT}" y="${bottom + 27}" width="10" height="10" fill="${DAMAGE}" fill-opacity="0.5"/>`)
    parts.push(label(LEFT + 15, bottom + 36, "damage in the file", `fill="${DAMAGE}"`))
  }
  parts.push("</svg>\n")
  return parts.join("\n")
}

interface Place {
  readonly top: number
  readonly height: number
  readonly inside: number
  readonly x: (time: number) => number
  readonly id: number
}

function panelParts(figure: Figure, panel: Panel, { top, height, inside, x, id }: Place, times: readonly number[]): string[] {
  const { low, high } = extentOf(panel)
  const given = paddedRange(low, high)
  const from = panel.min ?? given.from
  const to = panel.max ?? given.to
  const y = (value: number) => top + height - ((value - from) / (to - from)) * height
  const parts = [`<clipPath id="p${id}"><rect x="${LEFT - EDGE}" y="${top}" width="${inside + 2 * EDGE}" height="${height}"/></clipPath>`]
  for (const { from: begin, to: end, text } of figure.damage) {
    const left = Math.max(LEFT, x(begin))
    const wide = Math.min(LEFT + inside - left, Math.max(2, x(end) - left))
    parts.push(
      `<rect x="${px(left)}" y="${top}" width="${px(wide)}" height="${height}" fill="${DAMAGE}" fill-opacity="0.14"><title>${escaped(text)}</title></rect>`,
    )
    parts.push(`<rect x="${px(left)}" y="${top}" width="${px(wide)}" height="4" fill="${DAMAGE}"/>`)
  }
  for (const at of times) parts.push(`<line x1="${px(x(at))}" x2="${px(x(at))}" y1="${top}" y2="${top + height}" stroke="${GRID}"/>`)
  for (const { at, label: text } of valueTicks(from, to, Math.max(2, height / 26))) {
    parts.push(`<line x1="${LEFT}" x2="${LEFT + inside}" y1="${px(y(at))}" y2="${px(y(at))}" stroke="${GRID}"/>`)
    parts.push(label(LEFT - 8, y(at) + 4, text, `text-anchor="end" fill="${INK}"`))
  }
  parts.push(`<rect x="${LEFT}" y="${top}" width="${inside}" height="${height}" fill="none" stroke="${FRAME}"/>`)
  if (panel.unit !== "") {
    const middle = px(top + height / 2)
    parts.push(`<text transform="translate(16 ${middle}) rotate(-90)" text-anchor="middle" fill="${INK}">${escaped(panel.unit)}</text>`)
  }
  parts.push(`<g clip-path="url(#p${id})">`)
  for (const [s, series] of panel.series.entries()) {
    const step = (i: number) => LEFT + ((i + 0.5) / series.data.count.length) * inside
    parts.push(...curve(series, COLOURS[s % COLOURS.length] as string, step, y))
  }
  if (panel.series.every(({ data }) => data.count.every((n) => n === 0))) {
    parts.push(label(LEFT + inside / 2, top + height / 2 + 4, "no values", `text-anchor="middle" fill="${FAINT}"`))
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
      free[line] = x(time) + textWidth(shown) + 12
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
  let at = panel.title === "" ? 0 : textWidth(panel.title) + 18
  for (const [s, { name, unit }] of panel.series.entries()) {
    const text = panel.unit === "" && unit !== "" ? `${name} (${unit})` : name
    if (at > 0 && at + 16 + textWidth(text) > inside) {
      lines.push([])
      at = 0
    }
    lines.at(-1)?.push({ at, text, colour: COLOURS[s % COLOURS.length] as string })
    at += textWidth(text) + 34
  }
  return lines
}

function legendParts(panel: Panel, lines: Legend, y: number): string[] {
  const parts = [label(LEFT, y, panel.title, `font-weight="bold" fill="${INK}"`)]
  for (const [l, line] of lines.entries()) {
    const below = y + l * LEGEND_LINE
    for (const { at, text, colour } of line) {
      parts.push(`<rect x="${px(LEFT + at)}" y="${below - 6}" width="12" height="3" fill="${colour}"/>`)
      parts.push(label(LEFT + at + 16, below, text, `fill="${INK}"`))
    }
  }
  return parts
}

/** A curve: the band from min to max where a step has several samples, a line through the means, dots where there are few. */
function curve(series: Series, colour: string, step: (i: number) => number, y: (value: number) => number): string[] {
  const { count, min, max, mean } = series.data
  const bands: string[] = []
  const lines: string[] = []
  const dots: string[] = []
  let shown = 0
  for (const n of count) if (n > 0) shown++
  for (const [first, last] of runsOf(series)) {
    const upper: string[] = []
    const lower: string[] = []
    const points: string[] = []
    for (let i = first; i <= last; i++) {
      if (count[i] === 0 || !Number.isFinite(mean[i])) continue
      const at = px(step(i))
      upper.push(`${at} ${px(y(max[i] as number))}`)
      lower.push(`${at} ${px(y(min[i] as number))}`)
      points.push(`${at} ${px(y(mean[i] as number))}`)
      if (shown < DOTS) dots.push(`<circle cx="${at}" cy="${px(y(mean[i] as number))}" r="2" fill="${colour}"/>`)
    }
    if (points.length === 0) continue
    if (upper.some((point, i) => point !== lower[i])) bands.push(`M${[...upper, ...lower.reverse()].join("L")}Z`)
    if (points.length > 1) lines.push(`M${points.join("L")}`)
    else if (shown >= DOTS)
      dots.push(
        `<circle cx="${(points[0] as string).split(" ")[0]}" cy="${(points[0] as string).split(" ")[1]}" r="1.2" fill="${colour}"/>`,
      )
  }
  const parts: string[] = []
  if (bands.length > 0)
    parts.push(
      `<path d="${bands.join("")}" fill="${colour}" fill-opacity="0.28" stroke="${colour}" stroke-opacity="0.28" stroke-width="0.6"/>`,
    )
  if (lines.length > 0)
    parts.push(`<path d="${lines.join("")}" fill="none" stroke="${colour}" stroke-width="1.3" stroke-linejoin="round"/>`)
  return [...parts, ...dots]
}

function label(x: number, y: number, text: string, style: string): string {
  return text === "" ? "" : `<text x="${px(x)}" y="${px(y)}" ${style}>${escaped(text)}</text>`
}

/** Width of a text of 11 pixels in DejaVu Sans, near enough for a legend. */
function textWidth(text: string): number {
  let width = 0
  for (const c of text) {
    if (/[ijlI.,:;|'!()[\] ]/.test(c)) width += 3.8
    else if (/[mwMW@%]/.test(c)) width += 10
    else width += /[A-Z]/.test(c) ? 7.6 : c > "\u2e7f" ? 11 : 6.6
  }
  return width
}

function px(value: number): string {
  return String(Math.round(Math.max(-1e5, Math.min(1e5, value)) * 100) / 100)
}

function escaped(text: string): string {
  const plain = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
  return plain.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
}
