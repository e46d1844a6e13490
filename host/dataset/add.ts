import { existsSync } from "node:fs"
import { basename, join } from "node:path"
import { writeParquet } from "../exports/parquet.js"
import { planTables, tableOptions } from "../exports/parts/table.js"
import { type Input, type OpenInput, openInput } from "../inputs/input.js"
import { nodeCompressors } from "../io/compressors.js"
import { FileSink } from "../io/file-sink.js"
import { makeFolder } from "../io/folder.js"
import { type Lock, lockPatiently } from "../io/lock.js"
import { replaceFile } from "../io/replace-file.js"
import { LogError, UsageError } from "../model/errors.js"
import type { Output } from "../model/format.js"
import type { Issue, Log, Loss } from "../model/log.js"
import { type Opening, openingForSeveral } from "../registry/open.js"
import { stats } from "../summary/stats.js"
import { dateOf } from "../text/times.js"
import { clocksOf, lastedOf } from "../views/clocks.js"
import { uniquelyNamed } from "../views/unique-names.js"
import { contentHash } from "./content-hash.js"
import { checkColumns, checkLevels } from "./levels.js"
import { manifestNames, readManifests } from "./manifests.js"
import { type Run, UNSEEN, writeRuns } from "./runs.js"

/** How logs are added to a dataset. */
export interface AddOptions {
  readonly opening?: Opening
  /** Folder levels that the user adds above the day, as `vehicle=7`. */
  readonly partition?: readonly string[]
  /** This machine's share of the inputs: the `index`-th of `count`, from 1. */
  readonly shard?: { readonly index: number; readonly count: number }
  /** `long` (default): a row a value; `wide`: a row a time, for datasets of one kind of log. */
  readonly layout?: "long" | "wide"
  readonly signal?: AbortSignal
}

/** What became of one input. */
export interface Added {
  readonly file: string
  /** Its name in the dataset; null if the log cannot be read. */
  readonly run: string | null
  /** False if the same bytes were added before. */
  readonly added: boolean
  readonly losses: readonly Loss[]
  readonly issues: readonly Issue[]
  /** Why the log cannot be read; the others are added all the same. */
  readonly error: LogError | null
}

/**
 * Adds logs to a folder of Hive-partitioned Parquet: `samples/.../day=D/run=R/part-0.parquet`, a manifest per run in
 * `runs/`, and `runs.parquet` with a row per run. A run is named by the hash of its bytes, so adding twice changes nothing, and
 * several machines can share the folder, each adding its shard.
 * @throws UsageError for a partition that is no `name=value` or has the name of a column; LogError at the end when a manifest of the
 * dataset cannot be read: its run stands in no table
 */
export async function* addToDataset(folder: string, inputs: readonly Input[], options: AddOptions = {}): AsyncGenerator<Added> {
  checkLevels(options.partition ?? [])
  makeFolder(join(folder, "runs"))
  const { each, done } = openingForSeveral(options.opening ?? {})
  const opening = inputs.length > 1 ? each : (options.opening ?? {})
  for (const input of shardOf(inputs, options.shard)) {
    yield await addOne(folder, input, { ...options, opening }).catch((error: unknown): Added => {
      if (!(error instanceof LogError)) throw error
      return { file: input.label, run: null, added: false, losses: [], issues: [], error }
    })
  }
  const broken = await lockPatiently(join(folder, "runs"), async () => rebuildTables(folder))
  done()
  const [first] = broken
  if (first === undefined) return
  const text =
    broken.length === 1
      ? "is no manifest of a run"
      : `and ${broken.length - 1} more are no manifests of runs: ${broken.slice(1, FEW).join(", ")}`
  throw new LogError(text, { path: first, hint: "remove it and add the run again" })
}

/** Broken manifests that are named. */
const FEW = 6

/**
 * Of machines that end together, one may write an older table over a newer one: a machine that then finds other manifests writes again.
 * @returns the paths of manifests that cannot be read
 */
function rebuildTables(folder: string): string[] {
  let broken: string[] = []
  for (let written = "", names = manifestNames(folder); written !== names.join(); names = manifestNames(folder)) {
    const found = readManifests(folder, names)
    writeRuns(join(folder, "runs.parquet"), found.runs)
    broken = found.broken
    written = names.join()
  }
  return broken
}

/** Every machine sorts the same list and takes its share. */
function shardOf(inputs: readonly Input[], shard: AddOptions["shard"]): Input[] {
  const sorted = [...inputs].sort((a, b) => (a.label < b.label ? -1 : 1))
  if (shard === undefined) return sorted
  const { index, count } = shard
  if (!(Number.isInteger(index) && Number.isInteger(count) && index >= 1 && index <= count)) {
    throw new UsageError(`shard ${index}/${count}: expected 1/N to N/N`)
  }
  return sorted.filter((_, i) => i % count === index - 1)
}

async function addOne(folder: string, input: Input, options: AddOptions): Promise<Added> {
  const open = await openInput(input, options.opening)
  try {
    const settings = JSON.stringify([open.options.spec ?? null, options.layout ?? "long", options.partition ?? []])
    const run = await contentHash(open.source, input.path, settings)
    const told = { file: input.label, run, error: null }
    const path = join(folder, "runs", `${run}.json`)
    return await lockPatiently(path, (lock) => writeRun(folder, { run, path, lock }, open, options)).then((done) => ({ ...told, ...done }))
  } finally {
    await open.close()
  }
}

/** Where a run goes. */
interface NewRun {
  readonly run: string
  /** Of its manifest. */
  readonly path: string
  readonly lock: Lock
}

/** Writes a run, if no machine has done so before. */
async function writeRun(
  folder: string,
  { run, path, lock }: NewRun,
  open: OpenInput,
  options: AddOptions,
): Promise<Pick<Added, "added" | "losses" | "issues">> {
  if (existsSync(path)) return { added: false, losses: [], issues: [] }
  const { input } = open
  // The tables of runs and of samples tell channels apart by their names.
  const { log, losses: nameLosses } = uniquelyNamed(open.log)
  const place = ["samples", ...(options.partition ?? []), `day=${dayOf(log)}`, `run=${run}`]
  const losses = await writeSamples(log, join(folder, ...place, "part-0.parquet"), options)
  const row = await describe(log, run, input, open.source?.size ?? 0, options.partition ?? [])
  // The manifest is written last: a run without a manifest is written again.
  replaceFile(path, [Buffer.from(JSON.stringify(row))], UNSEEN, lock)
  return { added: true, losses: [...losses, ...nameLosses()], issues: log.issues }
}

/** @throws UsageError if a column has the name of a level */
async function writeSamples(log: Log, path: string, { layout = "long", partition = [], signal }: AddOptions): Promise<Loss[]> {
  await log.survey()
  const tables = planTables(log, tableOptions({ layout, time: "seconds" }))
  checkColumns(
    tables.flatMap(({ columns }) => columns.map(({ name }) => name)),
    partition,
  )
  const sink = new FileSink(path, UNSEEN)
  const output: Output = { name: basename(path), sink: () => sink }
  const selection = signal === undefined ? {} : { selection: { signal } }
  try {
    return await writeParquet(log, output, { layout, time: "seconds", ...selection }, nodeCompressors)
  } catch (error) {
    sink.abort()
    throw error
  }
}

/** UTC day of the log's start; `unknown` if the log does not say. */
function dayOf({ start }: Log): string {
  return (start === null ? null : dateOf(start))?.toISOString().slice(0, 10) ?? "unknown"
}

async function describe(log: Log, run: string, input: Input, size: number, partition: readonly string[]): Promise<Run> {
  const survey = await log.survey()
  const duration = lastedOf(log, survey, await clocksOf(log))
  const found = await stats(log)
  return {
    run,
    file: input.label,
    format: log.format,
    name: log.name,
    start: log.start === null ? null : log.start.toString(),
    duration,
    rows: survey.groups.reduce((sum, { rows }) => sum + rows, 0),
    bytes: size,
    errors: log.issues.filter(({ severity }) => severity === "error").length,
    partition: Object.fromEntries(partition.map((level) => level.split("=") as [string, string])),
    channels: found.map(({ group, channel, unit, count, min, max, mean }) => {
      return { group, channel, unit, count, min: min === null ? null : Number(min), max: max === null ? null : Number(max), mean }
    }),
  }
}
