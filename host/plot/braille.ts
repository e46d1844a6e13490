import { printable } from "../text/printable.js"
import { cutText, textWidth } from "../text/width.js"
import { paddedRange, timeAxisTitle, timeTicks, valueAxis, valueTicks } from "./axes.js"
import { extentOf, runsOf } from "./figure.js"
import type { Figure, Panel, Series } from "./picture.js"

/** Dots of a braille cell: two columns of four. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const
/** Least columns for the labels of the value axis. */
const AXIS = 10

/** Colours of a panel's curves, as a terminal names them, and of damage: told apart on dark and on light. */
type Colour = "blue" | "yellow" | "green" | "magenta" | "cyan" | "red"
const COLOURS: readonly Colour[] = ["blue", "yellow", "green", "magenta", "cyan"]
/** Colours a text, or returns it as it is. */
type Paint = (colour: Colour, text: string) => string

/** Size in characters. */
interface TerminalSize {
  readonly width: number
  /** Lines of a panel. */
  readonly lines: number
}

/** Dots across a terminal of some width: the steps of time worth computing. */
export function dotsAcross(width: number): number {
  return Math.max(20, (width - AXIS - 1) * 2)
}

/** Plots in braille dots: a column from min to max per step of time, a panel's curves over one another in their colours. */
export function braillePlot(figure: Figure, { width, lines }: TerminalSize, paint: Paint = (_, text) => text): string {
  const axes = figure.panels.map((panel) => panelAxis(panel, lines))
  const axis = Math.max(AXIS, ...axes.flatMap(({ ticks }) => ticks.map(({ label }) => label.length + 1)))
  const cells = Math.max(10, width - axis - 1)
  const subtitle = figure.subtitle === "" ? "" : `  ${figure.subtitle}`
  const parts = [cutText(printable(figure.title), Math.max(10, width - subtitle.length)) + subtitle]
  for (const [p, panel] of figure.panels.entries()) {
    const place = { axis: axes[p] as PanelAxis, margin: axis, cells, lines }
    parts.push("", ...titleLines(panel, place, paint), ...panelLines(panel, place, paint))
  }
  parts.push(...timeAxis(figure, axis, cells))
  if (figure.damage.length > 0) {
    parts.push(paint("red", `${" ".repeat(axis)} ${damageLine(figure, cells)}`.trimEnd()))
    parts.push(paint("red", `${" ".repeat(axis)} x damage in the file`))
  }
  return `${parts.map((line) => line.trimEnd()).join("\n")}\n`
}

/** The value axis of a panel: its labels reach from `from` to `to`. */
interface PanelAxis extends ReturnType<typeof valueAxis> {
  readonly from: number
  readonly to: number
}

function panelAxis(panel: Panel, lines: number): PanelAxis {
  const { low, high } = extentOf(panel)
  const padded = paddedRange(low, high)
  const from = panel.min ?? (low < high ? low : padded.from)
  const to = panel.max ?? (low < high ? high : padded.to)
  return { from, to, ...valueAxis(from, to, Math.max(2, lines / 3)) }
}

interface Place {
  readonly axis: PanelAxis
  /** Columns left of the axis. */
  readonly margin: number
  readonly cells: number
  readonly lines: number
}

/** A panel's title, its curves' names and its unit, in as many lines as they need. */
function titleLines(panel: Panel, { axis, margin, cells }: Place, paint: Paint): string[] {
  const brackets = [panel.unit, axis.offset].filter((part) => part !== "").join(", ")
  const isOne = panel.series.length === 1
  const words = [
    ...(panel.title === "" ? [] : [{ text: printable(panel.title) + (isOne ? "" : ":"), colour: null }]),
    ...(isOne ? [] : panel.series.map(({ name }, s) => ({ text: `■ ${printable(name)}`, colour: colourOf(s) }))),
    ...(brackets === "" ? [] : [{ text: `[${printable(brackets)}]`, colour: null }]),
  ]
  const lines: string[] = []
  let room = 0
  for (const { text, colour } of words) {
    const cut = cutText(text, cells)
    const shown = colour === null ? cut : paint(colour, cut)
    if (textWidth(cut) + 1 <= room) {
      lines.push(`${lines.pop()} ${shown}`)
      room -= textWidth(cut) + 1
    } else {
      lines.push(`${" ".repeat(margin)} ${shown}`)
      room = cells - textWidth(cut)
    }
  }
  return lines
}

function colourOf(s: number): Colour {
  return COLOURS[s % COLOURS.length] as Colour
}

function panelLines(panel: Panel, { axis, margin, cells, lines }: Place, paint: Paint): string[] {
  const canvas = new Uint8Array(cells * lines)
  const owners = new Uint8Array(cells * lines)
  const rows = lines * 4
  const row = (value: number) => Math.max(0, Math.min(rows - 1, Math.round(((axis.to - value) / (axis.to - axis.from)) * (rows - 1))))
  for (const [s, series] of panel.series.entries()) {
    drawCurve(series, cells, row, (x, y) => {
      const at = (y >> 2) * cells + (x >> 1)
      canvas[at] = (canvas[at] as number) | (DOTS[x & 1]?.[y & 3] as number)
      owners[at] = s
    })
  }
  const labels = new Map(axis.ticks.map(({ at, label }) => [row(at) >> 2, label]))
  return Array.from({ length: lines }, (_, l) => {
    const [from, to] = [l * cells, (l + 1) * cells]
    const dots = coloured(canvas.subarray(from, to), owners.subarray(from, to), paint)
    return `${(labels.get(l) ?? "").padStart(margin - 1)} ${labels.has(l) ? "┤" : "│"}${dots}`
  })
}

function drawCurve(series: Series, cells: number, row: (value: number) => number, dot: (x: number, y: number) => void): void {
  const { count, min, max } = series.data
  for (const [first, last] of runsOf(series)) {
    let before: { x: number; y: number } | null = null
    for (let i = first; i <= last; i++) {
      if (count[i] === 0 || !Number.isFinite(min[i]) || !Number.isFinite(max[i])) continue
      const x = Math.floor((i / count.length) * cells * 2)
      const [top, bottom] = [row(max[i] as number), row(min[i] as number)]
      for (let y = top; y <= bottom; y++) dot(x, y)
      const near = before === null ? null : { x, y: Math.max(top, Math.min(bottom, before.y)) }
      if (before !== null && near !== null) {
        if (series.stepped) for (let step = before.x + 1; step <= x; step++) dot(step, before.y)
        join(series.stepped ? { x, y: before.y } : before, near, dot)
      }
      before = { x, y: (top + bottom) >> 1 }
    }
  }
}

/** Dots on the way from one place to the next. */
function join(from: { x: number; y: number }, to: { x: number; y: number }, dot: (x: number, y: number) => void): void {
  const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y))
  for (let s = 1; s < steps; s++)
    dot(Math.round(from.x + ((to.x - from.x) * s) / steps), Math.round(from.y + ((to.y - from.y) * s) / steps))
}

/** A line of braille dots, each stretch in the colour of the curve that was drawn there last. */
function coloured(cells: Uint8Array, owners: Uint8Array, paint: Paint): string {
  const text = Array.from(cells, (dots) => (dots === 0 ? " " : String.fromCharCode(0x2800 + dots)))
    .join("")
    .trimEnd()
  let line = ""
  for (let from = 0; from < text.length; ) {
    let to = from + 1
    while (to < text.length && (owners[to] === owners[from] || cells[to] === 0)) to++
    line += paint(colourOf(owners[from] as number), text.slice(from, to))
    from = to
  }
  return line
}

function timeAxis({ from, to, by }: Figure, margin: number, cells: number): string[] {
  const ticks = by === "time" ? timeTicks(from, to, cells / 14) : valueTicks(from, to, cells / 14)
  const line = new Array<string>(cells).fill("─")
  const labels = new Array<string>(cells).fill(" ")
  let free = 0
  for (const { at, label } of ticks) {
    const x = Math.min(cells - 1, Math.floor(((at - from) / (to - from)) * cells))
    line[x] = "┴"
    const begin = Math.max(0, Math.min(cells - label.length, x - (label.length >> 1)))
    if (begin < free) continue
    for (const [i, c] of [...label].entries()) labels[begin + i] = c
    free = begin + label.length + 1
  }
  const title = by === "time" ? timeAxisTitle(from, to) : "row"
  const marks = labels.join("").trimEnd()
  const isBeside = marks.length + 2 + title.length <= cells
  const titled = isBeside ? [`${marks}  ${title}`] : [marks, " ".repeat(Math.max(0, (cells - title.length) >> 1)) + title]
  return [`${" ".repeat(margin)}└${line.join("")}`, ...titled.map((text) => `${" ".repeat(margin)} ${text}`)]
}

function damageLine({ damage, from, to }: Figure, cells: number): string {
  const line = new Array<string>(cells).fill(" ")
  for (const each of damage) {
    const place = (time: number) => Math.max(0, Math.min(cells - 1, Math.floor(((time - from) / (to - from)) * cells)))
    for (let x = place(each.from); x <= place(each.to); x++) line[x] = "x"
  }
  return line.join("")
}
