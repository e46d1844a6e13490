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
/** Fewer samples than this are drawn as dots, too. */
const DOTS = 80

/** Size of a picture in pixels. */
export interface PictureSize {
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
  const height = TOP + figure.panels.length * (HEAD + panelHeight + BETWEEN) - BETWEEN + BOTTOM
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
  for (const [p, panel] of figure.panels.entries()) {
    parts.push(
      ...panelParts(
        figure,
        panel,
        { top: top + HEAD, height: panelHeight, inside, x, id: p },
        ticks.map(({ at }) => at),
      ),
    )
    top += HEAD + panelHeight + BETWEEN
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
  const parts = legend(panel, LEFT, top - 8, inside)
  parts.push(`<clipPath id="p${id}"><rect x="${LEFT}" y="${top}" width="${inside}" height="${height}"/></clipPath>`)
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
  for (const { time, text } of figure.annotations) {
    parts.push(`<line x1="${px(x(time))}" x2="${px(x(time))}" y1="${top}" y2="${top + height}" stroke="${INK}" stroke-dasharray="4 3"/>`)
    if (id === 0)
      parts.push(label(x(time) + 4, top + 14, text.slice(0, 60), `fill="${INK}" stroke="#ffffff" stroke-width="3" paint-order="stroke"`))
  }
  parts.push("</g>")
  return parts
}

/** The panel's title and its curves' names, as far as they fit. */
function legend(panel: Panel, left: number, y: number, inside: number): string[] {
  const parts = [label(left, y, panel.title, `font-weight="bold" fill="${INK}"`)]
  if (panel.series.length === 1) return parts
  let at = panel.title === "" ? left : left + textWidth(panel.title) + 18
  for (const [s, { name, unit }] of panel.series.entries()) {
    const text = panel.unit === "" && unit !== "" ? `${name} (${unit})` : name
    if (at + textWidth(text) + 20 > left + inside) {
      parts.push(label(at, y, "…", `fill="${FAINT}"`))
      break
    }
    parts.push(`<rect x="${px(at)}" y="${y - 6}" width="12" height="3" fill="${COLOURS[s % COLOURS.length]}"/>`)
    parts.push(label(at + 16, y, text, `fill="${INK}"`))
    at += textWidth(text) + 32
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

/** Width of a text in pixels, near enough for a legend. */
function textWidth(text: string): number {
  return text.length * 6.9
}

function px(value: number): string {
  return String(Math.round(Math.max(-1e5, Math.min(1e5, value)) * 100) / 100)
}

function escaped(text: string): string {
  const plain = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
  return plain.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
}
