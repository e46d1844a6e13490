import { runsOf } from "./figure.js"
import type { Series } from "./picture.js"
import { px } from "./svg-text.js"

/** Fewer samples than this are drawn as dots, too. */
const DOTS = 80
/** From this many samples in a step on, its band alone says what there is. */
const BAND = 3

/** Where steps of time and values lie in a picture. */
interface Scales {
  readonly x: (step: number) => number
  readonly y: (value: number) => number
}

interface Point {
  readonly x: number
  readonly y: number
}

/**
 * The curves of a panel: bands from min to max in full colour, the widest at the back, and above them lines through the means of
 * steps with few samples, and dots where there are few in all.
 */
export function curvesOf(list: readonly Series[], colours: readonly string[], scales: Scales): string[] {
  const drawn = list.map((series, s) => curve(series, colours[s % colours.length] as string, scales))
  const bands = [...drawn].sort((a, b) => b.thickness - a.thickness).flatMap(({ band }) => band)
  return [...bands, ...drawn.flatMap(({ lines }) => lines)]
}

function curve(series: Series, colour: string, { x, y }: Scales): { thickness: number; band: string[]; lines: string[] } {
  const { count, min, max, mean } = series.data
  const bands: string[] = []
  const lines: string[] = []
  const dots: string[] = []
  const shown = count.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0)
  let thickness = 0
  for (const [first, last] of runsOf(series)) {
    const upper: Point[] = []
    const lower: Point[] = []
    let line: Point[] = []
    const endLine = () => {
      if (line.length > 1) lines.push(path(line, series.stepped))
      line = []
    }
    for (let i = first; i <= last; i++) {
      if (count[i] === 0 || !Number.isFinite(mean[i])) continue
      const at = x(i)
      const high = { x: at, y: y(max[i] as number) }
      const low = { x: at, y: y(min[i] as number) }
      thickness += low.y - high.y
      upper.push(high)
      lower.push(low)
      line.push({ x: at, y: y(mean[i] as number) })
      if ((count[i] as number) >= BAND) endLine()
      if (shown < DOTS) dots.push(dot(line.at(-1) ?? high, 2, colour))
    }
    if (upper.length === 1 && shown >= DOTS) dots.push(dot(upper[0] as Point, 1.2, colour))
    if (upper.some((point, i) => point.y !== lower[i]?.y)) bands.push(`${path(upper, series.stepped)}${back(lower, series.stepped)}Z`)
    else if (upper.length > 1 && line.length < upper.length) lines.push(path(upper, series.stepped))
    endLine()
  }
  const style = `stroke="${colour}" stroke-linejoin="round"`
  return {
    thickness,
    band: bands.length === 0 ? [] : [`<path d="${bands.join("")}" fill="${colour}" ${style} stroke-width="1"/>`],
    lines: [...(lines.length === 0 ? [] : [`<path d="${lines.join("")}" fill="none" ${style} stroke-width="1.3"/>`]), ...dots],
  }
}

function dot({ x, y }: Point, radius: number, colour: string): string {
  return `<circle cx="${px(x)}" cy="${px(y)}" r="${radius}" fill="${colour}"/>`
}

/** A line through points; in steps where a value holds until the next. */
function path(points: readonly Point[], stepped: boolean): string {
  const [first, ...rest] = points
  if (first === undefined) return ""
  const begin = `M${px(first.x)} ${px(first.y)}`
  if (!stepped) return begin + rest.map(({ x, y }) => `L${px(x)} ${px(y)}`).join("")
  return begin + rest.map(({ x, y }, i) => `H${px(x)}${y === points[i]?.y ? "" : `V${px(y)}`}`).join("")
}

/** The way back along the lower edge of a band. */
function back(points: readonly Point[], stepped: boolean): string {
  const reversed = [...points].reverse()
  if (!stepped) return reversed.map(({ x, y }) => `L${px(x)} ${px(y)}`).join("")
  return reversed.map(({ x, y }, i) => `${i === 0 ? `L${px(x)} ` : "V"}${px(y)}${i === 0 ? "" : `H${px(x)}`}`).join("")
}
