/** The ways out: values a second from typed columns in memory, wide CSV by bytes of input, and memory on long inputs. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { openMeteor } from "../../host/formats/meteor/read.js"
import { fileSource } from "../../host/io/file-source.js"
import type { WriteOptions } from "../../host/model/format.js"
import type { Chunk, NumberValues } from "../../host/model/log.js"
import { targetFor } from "../../host/registry/targets.js"
import { raceLapSpec } from "../generate/race-lap.js"
import { bestOf } from "./best.js"
import { CountingOutput } from "./counting-output.js"
import type { Bench, BenchResult } from "./main.js"
import { specifiedLoop, withRaceLap } from "./meteor.js"
import { signals } from "./signals.js"

const ROUNDS = 4

/** A way out, fed with groups of channels of equal type. */
interface Shape {
  readonly target: string
  readonly groups: number
  readonly channels: number
  readonly rows: number
  readonly type: "f64" | "f32" | "i16"
  readonly options?: WriteOptions
}

const shapes: readonly Shape[] = [
  { target: "parquet", groups: 1, channels: 8, rows: 600_000, type: "f64" },
  { target: "parquet", groups: 1, channels: 8, rows: 600_000, type: "f64", options: { codec: "snappy" } },
  { target: "parquet", groups: 1, channels: 8, rows: 600_000, type: "f32" },
  { target: "parquet", groups: 8, channels: 3, rows: 200_000, type: "i16" },
  { target: "arrow", groups: 1, channels: 8, rows: 1_200_000, type: "f64" },
  { target: "arrow", groups: 8, channels: 3, rows: 200_000, type: "i16" },
  { target: "csv", groups: 8, channels: 3, rows: 200_000, type: "i16" },
  { target: "csv", groups: 8, channels: 3, rows: 100_000, type: "i16", options: { layout: "long" } },
  { target: "csv", groups: 1, channels: 8, rows: 100_000, type: "f64" },
  { target: "ndjson", groups: 8, channels: 3, rows: 100_000, type: "i16" },
  { target: "mcap", groups: 8, channels: 3, rows: 25_000, type: "i16" },
  { target: "mat", groups: 1, channels: 8, rows: 600_000, type: "f64" },
  { target: "mf4", groups: 1, channels: 8, rows: 600_000, type: "f64" },
  { target: "sqlite", groups: 1, channels: 8, rows: 25_000, type: "f64" },
  { target: "influx", groups: 8, channels: 3, rows: 50_000, type: "i16" },
  { target: "mlg", groups: 8, channels: 3, rows: 50_000, type: "i16", options: { rate: 100 } },
]

/** A way out from columns that are in memory already, against a loop that sums the same columns. */
function fromColumns({ target: name, groups, channels, rows, type, options = {} }: Shape): Bench {
  return async () => {
    const target = targetFor("", name)
    const { log, chunks } = signals(groups, channels, rows, type)
    const bytes = chunks.reduce(
      (sum, { columns }) => sum + columns.reduce((all, column) => all + (column as NumberValues).byteLength, 0),
      0,
    )
    let written = 0
    const [ours, plain] = await bestOf(
      ROUNDS,
      async () => {
        const output = new CountingOutput(name)
        await target.write(log, output, options)
        written = output.bytes
      },
      async () => sumOf(chunks),
    )
    const values = groups * channels * rows
    const rate = (seconds: number) => (values / seconds / 1e6).toFixed(1)
    const what = [options.layout ?? "wide", options.codec].filter((each) => each !== undefined).join(", ")
    const notes = [
      `${rate(ours.wall)} M values/s, by processor time ${rate(ours.cpu)} M values/s, ${(written / values).toFixed(1)} bytes a value written`,
    ]
    return { name: `${name} (${what}) from ${groups} x ${channels} ${type}`, bytes, ours, plain, notes }
  }
}

let sink = 0

function sumOf(chunks: readonly Chunk[]): void {
  for (const { columns } of chunks) {
    for (const column of columns as NumberValues[]) for (let i = 0; i < column.length; i++) sink += column[i] as number
  }
  if (Number.isNaN(sink)) throw new Error("the columns hold NaN")
}

/** Wide CSV of a 100 MB race-lap file, against the loop that reads every value of the same file and sums. */
async function wideCsv(): Promise<BenchResult> {
  return withRaceLap(6250, async (path, bytes) => {
    let written = 0
    const [ours, plain] = await bestOf(
      ROUNDS,
      async () => {
        const log = await openMeteor(await fileSource(path), { spec: raceLapSpec })
        const output = new CountingOutput("csv")
        await targetFor("", "csv").write(log, output, {})
        await log.close()
        written = output.bytes
      },
      async () => specifiedLoop(path),
    )
    return { name: "meteor to wide CSV, 100 MB", bytes, ours, plain, notes: [`${Math.round(written / 1e6)} MB of CSV`] }
  })
}

/** Targets that write while they read; those of many small messages get a shorter file, so that the bench ends. */
const streaming: readonly [target: string, seconds: number][] = [
  ["csv", 128_000],
  ["parquet", 128_000],
  ["arrow", 128_000],
  ["ndjson", 16_000],
  ["influx", 16_000],
  ["mf4", 16_000],
  ["mlg", 16_000],
  ["mcap", 4000],
]

/** Peak memory of a process of its own that converts a race-lap file, and of one that converts a tenth of it. */
function memory(target: string, seconds: number): Bench {
  return async () => {
    const short = await withRaceLap(seconds / 10, async (path) => peakOf(path, target))
    return withRaceLap(seconds, async (path, bytes) => {
      const long = peakOf(path, target)
      const [ours, plain] = [
        { wall: long.seconds, cpu: long.cpu },
        (
          await bestOf(
            1,
            async () => {},
            async () => specifiedLoop(path),
          )
        )[1],
      ]
      const notes = [`peak memory ${long.peak} MB; ${short.peak} MB for a tenth of it`]
      return { name: `meteor to ${target}, ${Math.round(bytes / 1e6)} MB, in a process of its own`, bytes, ours, plain, notes }
    })
  }
}

function peakOf(path: string, target: string): { peak: number; seconds: number; cpu: number } {
  const script = fileURLToPath(new URL("./convert-once.js", import.meta.url))
  return JSON.parse(execFileSync(process.execPath, [script, path, target], { encoding: "utf8" }))
}

export const exportBenches: readonly Bench[] = [wideCsv, ...shapes.map(fromColumns)]
export const memoryBenches: readonly Bench[] = streaming.map(([target, seconds]) => memory(target, seconds))
