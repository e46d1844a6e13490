import type { Command } from "commander"
import type { OpenInput } from "../../inputs/input.js"
import type { BenchVerdict } from "../../logger/bench-verdict.js"
import type { Log } from "../../model/log.js"
import type { Range } from "../../views/select.js"
import {
  type CommonOptions,
  channelOption,
  commonOptions,
  count,
  type InputOptions,
  inputOptions,
  jsonOption,
  openingOf,
  type PartOptions,
  rangeOptions,
  wantedOf,
} from "../options/flags.js"
import { startProgress } from "../report/progress.js"
import { EXIT, type Exit, exits } from "../terminal/exit.js"
import { painter, tableRoom, writeOut } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"

interface StatsOptions extends CommonOptions, InputOptions, PartOptions {
  readonly json?: boolean
  readonly buckets?: number
}

/** `fieldlog stats INPUT`: figures of every channel, over the whole range or in buckets of time. */
export function addStats(program: Command): void {
  const command = program
    .command("stats")
    .summary("count, min, max, mean, std, first, last and missing of every channel")
    .argument("<input>", "a log, a file in a card image (card.img:/LOG00001.MET), a libarray folder, - for standard input")
    .addHelpText(
      "before",
      `Examples:
  fieldlog stats run.met                  every channel
  fieldlog stats run.met -c "cell*" --start 1m  some, from the first minute on
  fieldlog stats run.met -c speed --buckets 60  min, mean, max in 60 parts
`,
    )
    .option("--buckets <n>", "n rows of min, mean and max over time for each channel", count)
  commonOptions(jsonOption(inputOptions(rangeOptions(channelOption(command))))).action(exits(stats))
}

async function stats(name: string, options: StatsOptions): Promise<Exit> {
  const { openNamed } = await import("../../inputs/find.js")
  const open = await openNamed(name, await openingOf(options))
  try {
    return await show(open, options)
  } finally {
    await open.close()
  }
}

async function show({ input, log: whole, source }: OpenInput, options: StatsOptions): Promise<Exit> {
  const { resolveRange, selectFrom } = await import("../../views/select.js")
  const { channels, start, end } = wantedOf(options)
  const progress = startProgress(input.label, source?.size ?? 0, options)
  try {
    const log = await selectFrom(whole, channels === undefined ? {} : { channels }, { progress: progress.at })
    const range = await resolveRange(whole, { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) })
    const print = options.buckets === undefined ? await figures(log, range, options) : await buckets(log, range, options, options.buckets)
    progress.end()
    print(input.label)
  } finally {
    progress.end()
  }
  return whole.issues.some(({ severity }) => severity === "error") ? EXIT.damaged : EXIT.fine
}

async function figures(log: Log, range: Range, options: StatsOptions): Promise<(path: string) => void> {
  const found = await (await import("../../summary/stats.js")).stats(log, range)
  const { benchVerdict } = await import("../../logger/bench-verdict.js")
  const bench = await benchVerdict(log)
  if (options.json === true) {
    const card = bench === null ? {} : { card: bench }
    return (path) => printJson({ path, ...range, channels: found, ...card, issues: log.issues })
  }
  const { statsLines } = await import("../text/stats.js")
  const told = bench === null ? "" : await benchText(bench)
  return () => writeOut(statsLines(found, tableRoom(), painter(options.color, "out")) + told)
}

async function benchText(verdict: BenchVerdict): Promise<string> {
  const { benchLines } = await import("../text/bench.js")
  const { sectorRate } = await import("../../logger/sector-rate.js")
  const { readSettings } = await import("../../logger/settings.js")
  const settings = readSettings(new Uint8Array(0))
  const needs = Object.fromEntries(["meteor", "ddff"].map((format) => [format, sectorRate({ ...settings, format })]))
  return benchLines(verdict, needs, tableRoom())
}

async function buckets(log: Log, range: Range, options: StatsOptions, n: number): Promise<(path: string) => void> {
  const found = await (await import("../../summary/reduce.js")).reduce(log, { ...range, buckets: n })
  const { bucketDocument, bucketLines } = await import("../text/stats.js")
  if (options.json === true) return (path) => printJson({ path, groups: bucketDocument(log, found), issues: log.issues })
  return () => writeOut(bucketLines(log, found, tableRoom(), painter(options.color, "out")))
}
