import { paddedRange, timeAxisTitle, timeTicks, valueTicks } from "./axes.js"
import { extentOf, type Figure, type Panel, runsOf } from "./figure.js"

/** Dots of a braille cell: two columns of four. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const
const AXIS = 10

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

/** Plots in braille dots: a column from min to max per step of time, a panel's curves over one another. */
export function braillePlot(figure: Figure, { width, lines }: TerminalSize): string {
  const cells = Math.max(10, width - AXIS - 1)
  const parts = [figure.title + (figure.subtitle === "" ? "" : `  ${figure.subtitle}`)]
  for (const panel of figure.panels) parts.push("", ...panelLines(panel, cells, lines))
  parts.push(...timeAxis(figure, cells))
  if (figure.damage.length > 0) parts.push(`${" ".repeat(AXIS)} ${damageLine(figure, cells)}  x damage in the file`.trimEnd())
  return `${parts.map((line) => line.trimEnd()).join("\n")}\n`
}

function panelLines(panel: Panel, cells: number, lines: number): string[] {
  const { low, high } = extentOf(panel)
  const padded = paddedRange(low, high)
  const from = panel.min ?? (low < high ? low : padded.from)
  const to = panel.max ?? (low < high ? high : padded.to)
  const canvas = new Uint8Array(cells * lines)
  const rows = lines * 4
  const row = (value: number) => Math.max(0, Math.min(rows - 1, Math.round(((to - value) / (to - from)) * (rows - 1))))
  const dot = (x: number, y: number) => {
    const at = (y >> 2) * cells + (x >> 1)
    canvas[at] = (canvas[at] as number) | (DOTS[x & 1]?.[y & 3] as number)
  }
  for (const series of panel.series) {
    const { count, min, max } = series.data
    const across = (i: number) => Math.floor((i / count.length) * cells * 2)
    for (const [first, last] of runsOf(series)) {
      let before: { x: number; y: number } | null = null
      for (let i = first; i <= last; i++) {
        if (count[i] === 0 || !Number.isFinite(min[i]) || !Number.isFinite(max[i])) continue
        const x = across(i)
        const [top, bottom] = [row(max[i] as number), row(min[i] as number)]
        for (let y = top; y <= bottom; y++) dot(x, y)
        if (before !== null) join(before, { x, y: Math.max(top, Math.min(bottom, before.y)) }, dot)
        before = { x, y: (top + bottom) >> 1 }
      }
    }
  }
  const labels = new Map(valueTicks(from, to, Math.max(2, lines / 3)).map(({ at, label }) => [row(at) >> 2, label]))
  const names = panel.series.length === 1 ? "" : panel.series.map(({ name }) => name).join(", ")
  const unit = panel.unit === "" ? "" : ` [${panel.unit}]`
  const title = `${" ".repeat(AXIS)} ${[panel.title, names].filter((part) => part !== "").join(": ")}${unit}`
  return [
    title,
    ...Array.from(
      { length: lines },
      (_, l) =>
        `${(labels.get(l) ?? "").slice(0, AXIS - 1).padStart(AXIS - 1)} ${labels.has(l) ? "┤" : "│"}${brailleText(canvas.subarray(l * cells, (l + 1) * cells))}`,
    ),
  ]
}

/** Dots on the way from one place to the next. */
function join(from: { x: number; y: number }, to: { x: number; y: number }, dot: (x: number, y: number) => void): void {
  const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y))
  for (let s = 1; s < steps; s++)
    dot(Math.round(from.x + ((to.x - from.x) * s) / steps), Math.round(from.y + ((to.y - from.y) * s) / steps))
}

function brailleText(cells: Uint8Array): string {
  return Array.from(cells, (dots) => (dots === 0 ? " " : String.fromCharCode(0x2800 + dots))).join("")
}

function timeAxis({ from, to, by }: Figure, cells: number): string[] {
  const ticks = by === "time" ? timeTicks(from, to, cells / 14) : valueTicks(from, to, cells / 14)
  const line = new Array<string>(cells).fill("─")
  const labels = new Array<string>(cells + 12).fill(" ")
  let free = 0
  for (const { at, label } of ticks) {
    const x = Math.min(cells - 1, Math.floor(((at - from) / (to - from)) * cells))
    line[x] = "┴"
    const begin = Math.max(0, x - (label.length >> 1))
    if (begin < free) continue
    for (const [i, c] of [...label].entries()) labels[begin + i] = c
    free = begin + label.length + 1
  }
  const title = by === "time" ? timeAxisTitle(from, to) : "row"
  return [`${" ".repeat(AXIS)}└${line.join("")}`, `${" ".repeat(AXIS)} ${labels.join("").trimEnd()}  ${title}`]
}

function damageLine({ damage, from, to }: Figure, cells: number): string {
  const line = new Array<string>(cells).fill(" ")
  for (const each of damage) {
    const place = (time: number) => Math.max(0, Math.min(cells - 1, Math.floor(((time - from) / (to - from)) * cells)))
    for (let x = place(each.from); x <= place(each.to); x++) line[x] = "x"
  }
  return line.join("")
}
