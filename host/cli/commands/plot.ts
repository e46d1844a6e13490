import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { type Command, Option } from "commander"
import type { OpenInput } from "../../inputs/input.js"
import { UsageError } from "../../model/errors.js"
import type { FigureOptions, PlotLayout } from "../../plot/figure.js"
import type { Wanted } from "../../views/select.js"
import {
  type CommonOptions,
  channelOption,
  commonOptions,
  count,
  type InputOptions,
  inputOptions,
  openingOf,
  type PartOptions,
  rangeOptions,
  wantedOf,
} from "../options/flags.js"
import { startProgress } from "../report/progress.js"
import { writing } from "../report/writing.js"
import { EXIT, type Exit, exits } from "../terminal/exit.js"
import { outWidth, writeOut } from "../terminal/terminal.js"

interface PlotOptions extends CommonOptions, InputOptions, PartOptions {
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
/** Pixels of a layout's sizes. */
const LARGEST = 20_000

/** `fieldlog plot INPUT`: min/max plots as SVG or PNG, or in the terminal. */
export function addPlot(program: Command): void {
  const command = program
    .command("plot")
    .summary("min/max plots as SVG or PNG; in the terminal without -o")
    .argument("<input>", "a log, a file in a card image (card.img:/LOG00001.MET), a libarray folder, - for standard input")
    .addHelpText(
      "before",
      `Examples:
  fieldlog plot run.met -c speed                       in the terminal
  fieldlog plot run.met -o run.png -c "cell*"          a picture for a report
  fieldlog plot run.met -o lap3.svg --start 4m --end 6m
  fieldlog plot run.met -o run.svg --layout report.json  the same every time

A layout is {"title", "width", "panelHeight", "start", "end", "panels":
[{"title", "channels": ["speed", "imu.*"], "min", "max"}]}.
`,
    )
    .option("-o, --output <file>", "an .svg or .png file; - for SVG on standard output")
    .option("--force", "replace an existing file")
    .option("--layout <file>", "panels, limits and range as JSON")
    .option("--title <text>", "above the plots")
    .option("--width <n>", "pixels, or columns in the terminal", count)
    .option("--height <n>", "of one panel: pixels, or lines in the terminal", count)
    .option("--scale <n>", "PNG pixels per pixel", count, 2)
    .addOption(
      new Option("--panels <by>", "a panel for each unit of a group, or for each channel").choices(["unit", "channel"]).default("unit"),
    )
  commonOptions(inputOptions(rangeOptions(channelOption(command)))).action(exits(plot))
}

async function plot(name: string, options: PlotOptions): Promise<Exit> {
  const { openNamed } = await import("../../inputs/find.js")
  const kind = pictureKind(options.output)
  const layout = options.layout === undefined ? {} : readLayout(options.layout)
  const open = await openNamed(name, await openingOf(options))
  try {
    return await draw(open, kind, { ...layout, ...(options.title === undefined ? {} : { title: options.title }) }, options)
  } finally {
    await open.close()
  }
}

function pictureKind(output: string | undefined): "terminal" | "svg" | "png" {
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

/** What a layout should have instead of what it has, or null. */
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

async function draw(open: OpenInput, kind: "terminal" | "svg" | "png", layout: PlotLayout, options: PlotOptions): Promise<Exit> {
  const { input, log: whole, source } = open
  const { filesOf } = await import("../../inputs/input.js")
  const { resolveRange, selectFrom } = await import("../../views/select.js")
  const { figureOf } = await import("../../plot/figure.js")
  const { plotWidth, svgPlot } = await import("../../plot/svg.js")
  const { braillePlot, dotsAcross } = await import("../../plot/braille.js")
  const { channels } = wantedOf(options)
  const range = await resolveRange(whole, rangeWanted(options, layout))
  const progress = startProgress(input.label, source?.size ?? 0, options)
  const isTerminal = kind === "terminal"
  const width = options.width ?? (isTerminal ? outWidth() : (layout.width ?? WIDTH))
  const buckets = isTerminal ? dotsAcross(width) : plotWidth(width)
  try {
    const log = await selectFrom(whole, channels === undefined ? {} : { channels }, { progress: progress.at })
    const wanted: FigureOptions = { buckets, layout: { title: basename(input.label), ...layout }, panels: options.panels, ...range }
    const figure = await figureOf(log, wanted)
    progress.end()
    if (isTerminal) writeOut(braillePlot(figure, { width, lines: options.height ?? PANEL_LINES }))
    else
      await save(
        svgPlot(figure, { width, panelHeight: options.height ?? layout.panelHeight ?? PANEL_HEIGHT }),
        kind,
        filesOf(open),
        options,
      )
  } finally {
    progress.end()
  }
  return whole.issues.some(({ severity }) => severity === "error") ? EXIT.damaged : EXIT.fine
}

function rangeWanted({ start, end }: PlotOptions, layout: PlotLayout): Wanted {
  const from = start ?? layout.start
  const to = end ?? layout.end
  return { ...(from === undefined ? {} : { start: String(from) }), ...(to === undefined ? {} : { end: String(to) }) }
}

async function save(svg: string, kind: "svg" | "png" | "terminal", inputs: readonly string[], options: PlotOptions): Promise<void> {
  const bytes = kind === "png" ? await (await import("../../plot/png.js")).pngOf(svg, options.scale) : Buffer.from(svg, "utf8")
  const choice = { output: options.output as string, ...(options.force === undefined ? {} : { force: options.force }) }
  await writing(choice, { text: kind === "svg", inputs }, async ({ output }) => {
    const sink = output.sink()
    sink.write(bytes)
    sink.close()
  })
}
