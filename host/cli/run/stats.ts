import { benchVerdict } from "../../logger/bench-verdict.js"
import { channelListRates } from "../../logger/sector-rate.js"
import type { Issue, Log } from "../../model/log.js"
import { given } from "../../model/options.js"
import { reduce } from "../../summary/reduce.js"
import { stats as channelStats } from "../../summary/stats.js"
import { clockIssues, suspectClocks } from "../../views/clocks.js"
import type { Alignment } from "../../views/join.js"
import { resolveRange, selectFrom } from "../../views/select.js"
import type { Range } from "../../views/view.js"
import type { CommonOptions, InputOptions, JoinOptions, PartOptions } from "../options/flags.js"
import { tellDamage, tellWarnings } from "../report/outcome.js"
import { withLogs } from "../report/with-log.js"
import type { Exit } from "../terminal/exit.js"
import { painter, tableRoom, writeErr, writeOut } from "../terminal/terminal.js"
import { benchLines } from "../text/bench.js"
import { printJson } from "../text/json.js"
import { bucketDocument, bucketLines, statsLines } from "../text/stats.js"

interface StatsOptions extends CommonOptions, InputOptions, JoinOptions, PartOptions {
  readonly align?: Alignment
  readonly json?: boolean
  readonly buckets?: number
}

/** Prints the result; `clocks` are what is odd about the log's times. */
type Print = (path: string, clocks: readonly Issue[]) => void

/** Shows figures of every channel of all logs. @throws LogError if the log cannot be read; UsageError for a channel or a time that it does not have */
export async function stats(names: string[], options: StatsOptions): Promise<Exit> {
  return withLogs(names, options, async ({ input, log: whole, wanted }, progress) => {
    const { channels, ...times } = wanted
    const log = await selectFrom(whole, given({ channels }), { progress: progress.at })
    const range = await resolveRange(whole, times)
    const print = options.buckets === undefined ? await figures(log, range, options) : await buckets(log, range, options, options.buckets)
    progress.end()
    const clocks = clockIssues(whole, await suspectClocks(whole, await whole.survey()))
    print(input.label, clocks)
    if (options.json !== true) tellWarnings(clocks, options)
    return tellDamage(input.label, whole.issues, options)
  })
}

async function figures(log: Log, range: Range, options: StatsOptions): Promise<Print> {
  const found = await channelStats(log, range)
  const isPart = range.start !== undefined || range.end !== undefined || options.channel !== undefined
  if (isPart && found.every(({ count }) => count === 0)) writeErr("warning: no-rows: no value lies in the part that was asked for\n")
  const bench = await benchVerdict(log)
  if (options.json === true) {
    const card = bench === null ? {} : { card: bench }
    return (path, clocks) => printJson({ path, ...range, channels: found, ...card, issues: [...log.issues, ...clocks] })
  }
  const told = bench === null ? "" : benchLines(bench, channelListRates(), tableRoom())
  return () => writeOut(statsLines(found, tableRoom(), painter(options.color, "out")) + told)
}

async function buckets(log: Log, range: Range, options: StatsOptions, n: number): Promise<Print> {
  const found = await reduce(log, { ...range, buckets: n })
  if (options.json === true) {
    return (path, clocks) => printJson({ path, groups: bucketDocument(log, found), issues: [...log.issues, ...clocks] })
  }
  return () => writeOut(bucketLines(log, found, tableRoom(), painter(options.color, "out")))
}
