import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { UsageError } from "../../model/errors.js"
import { issue } from "../../model/issues.js"
import type { Log } from "../../model/log.js"
import { given } from "../../model/options.js"
import { braillePlot, dotsAcross } from "../../plot/braille.js"
import { figureOf } from "../../plot/figure.js"
import { withoutBookkeeping } from "../../plot/panels.js"
import type { PlotLayout } from "../../plot/picture.js"
import { pngOf } from "../../plot/png.js"
import { plotWidth, svgPlot } from "../../plot/svg.js"
import { clockIssues, suspectClocks } from "../../views/clocks.js"
import type { Alignment } from "../../views/join.js"
import type { Wanted } from "../../views/select.js"
import { resolveRange, selectFrom } from "../../views/select.js"
import { NOTHING, type Range } from "../../views/view.js"
import type { CommonOptions, InputOptions, JoinOptions, PartOptions } from "../options/flags.js"
import { tellDamage, tellWarnings } from "../report/outcome.js"
import type { Progress } from "../report/progress.js"
import { type OpenLog, withLogs } from "../report/with-log.js"
import { writing } from "../report/writing.js"
import type { Exit } from "../terminal/exit.js"
import { outWidth, painter, writeOut } from "../terminal/terminal.js"

interface PlotOptions extends CommonOptions, InputOptions, JoinOptions, PartOptions {
  readonly align?: Alignment
  readonly output?: string
  readonly force?: boolean
  readonly layout?: string
  readonly width?: number
  readonly height?: number
  readonly scale: number
  readonly panels: "unit" | "channel"
  readonly title?: string
}

const WIDTH = 1000
const PANEL_HEIGHT = 150
const PANEL_LINES = 8
/** Letters that are named. */
const FEW = 10
/** Most pixels of a layout's sizes. */
const LARGEST = 20_000

/** Plots a log, or several side by side. @throws LogError if it cannot be read; UsageError for a channel, a time or a layout that is wrong */
export async function plot(names: string[], options: PlotOptions): Promise<Exit> {
  const kind = pictureKind(options.output)
  const layout = options.layout === undefined ? {} : readLayout(options.layout)
  const titled = options.title === undefined ? layout : { ...layout, title: options.title }
  return withLogs(names, options, (open, progress) => draw(open, progress, kind, titled, options))
}

type Picture = "terminal" | "svg" | "png"

function pictureKind(output: string | undefined): Picture {
  if (output === undefined) return "terminal"
  if (output === "-" || /\.svg$/i.test(output)) return "svg"
  if (/\.png$/i.test(output)) return "png"
  throw new UsageError("a plot is an .svg or a .png file", { path: output })
}

function readLayout(path: string): PlotLayout {
  let layout: unknown
  try {
    layout = JSON.parse(readFileSync(path, "utf8"))
  } catch (error) {
    throw new UsageError(`cannot be read as a layout: ${(error as Error).message}`, { path })
  }
  if (typeof layout !== "object" || layout === null || Array.isArray(layout))
    throw new UsageError("is no layout: expected an object", { path })
  const fault = layoutFault(layout as Record<string, unknown>)
  if (fault !== null) throw new UsageError(`is no layout: expected ${fault}`, { path })
  return layout as PlotLayout
}

/** What is expected of a layout that is wrong; null if it is right. */
export function layoutFault({ title, width, panelHeight, panels = [] }: Record<string, unknown>): string | null {
  const isSize = (size: unknown) => size === undefined || (Number.isInteger(size) && (size as number) > 0 && (size as number) <= LARGEST)
  if (title !== undefined && typeof title !== "string") return '"title" to be a text'
  if (!isSize(width) || !isSize(panelHeight)) return `"width" and "panelHeight" to be whole numbers up to ${LARGEST}`
  if (!Array.isArray(panels)) return '"panels" to be a list'
  for (const panel of panels) {
    const { channels, min, max } = (panel ?? {}) as Record<string, unknown>
    if (!Array.isArray(channels) || !channels.every((name) => typeof name === "string")) return '"panels": [{"channels": [names]}]'
    if ([min, max].some((limit) => limit !== undefined && !Number.isFinite(limit))) return '"min" and "max" of a panel to be numbers'
    if (min !== undefined && max !== undefined && (min as number) >= (max as number)) return '"min" of a panel below its "max"'
  }
  return null
}

async function draw(open: OpenLog, progress: Progress, kind: Picture, layout: PlotLayout, options: PlotOptions): Promise<Exit> {
  const { input, log: whole, wanted } = open
  const range = await resolveRange(whole, rangeWanted(options, layout))
  const isTerminal = kind === "terminal"
  const width = options.width ?? (isTerminal ? outWidth() : (layout.width ?? WIDTH))
  const buckets = isTerminal ? dotsAcross(width) : plotWidth(width)
  const log = await selectFrom(
    whole,
    given({ channels: wanted.channels ?? (layout.panels === undefined ? withoutBookkeeping(whole.groups) : undefined) }),
    { progress: progress.at },
  )
  const titled = { title: basename(input.label), ...layout }
  const isEmpty = (range.start ?? range.end) !== undefined && !(await holdsRows(log, range))
  const figure = await figureOf(log, { buckets, layout: titled, panels: options.panels, whole, ...range })
  progress.end()
  if (isTerminal) writeOut(braillePlot(figure, { width, lines: options.height ?? PANEL_LINES }, painter(options.color, "out")))
  else {
    const panelHeight = options.height ?? layout.panelHeight ?? PANEL_HEIGHT
    await save(svgPlot(figure, { width, panelHeight }), kind, open.files, options)
  }
  if (isEmpty) tellWarnings([NOTHING], options)
  tellWarnings(clockIssues(whole, await suspectClocks(whole, await whole.survey())), options)
  return tellDamage(input.label, whole.issues, options)
}

/** True when a row lies in the range; the reading ends with the first one. */
async function holdsRows(log: Log, range: Range): Promise<boolean> {
  for await (const { rows } of log.chunks({ ...range })) if (rows > 0) return true
  return false
}

function rangeWanted({ start, end }: PlotOptions, layout: PlotLayout): Wanted {
  const from = start ?? layout.start
  const to = end ?? layout.end
  return { ...(from === undefined ? {} : { start: String(from) }), ...(to === undefined ? {} : { end: String(to) }) }
}

async function save(svg: string, kind: Picture, inputs: readonly string[], options: PlotOptions): Promise<void> {
  const { png, lacking } = kind === "png" ? await pngOf(svg, options.scale) : { png: null, lacking: [] }
  await writing(
    { output: options.output as string, ...given({ force: options.force }) },
    { text: kind === "svg", inputs },
    async ({ output }) => {
      const sink = output.sink()
      sink.write(png ?? Buffer.from(svg, "utf8"))
      sink.close()
    },
  )
  if (lacking.length > 0)
    tellWarnings(
      [
        issue(
          "no-font",
          "warning",
          `no font of this machine has ${lacking.slice(0, FEW).join(" ")}: boxes stand for it; SVG has the letters`,
        ),
      ],
      options,
    )
}
