/** Values a second of every streaming way out, from typed columns in memory to a sink that only counts. */
import { exportNamed } from "../../host/exports/registry.js"
import type { Output, WriteOptions } from "../../host/format.js"
import type { Channel, Group, Log } from "../../host/log.js"
import type { Sink } from "../../host/sink.js"

const WINDOW = 65_536

/** `groups` groups of `channels` channels: 16-bit integers in hundredths, or floats; made as they are read. */
function signals(groups: number, channels: number, rows: number, type: "f64" | "f32" | "i16"): Log {
  const calibration = type === "i16" ? { addition: 0, divisor: 100, multiplier: 1 } : null
  const all = Array.from({ length: groups }, (_, g): Group => {
    const list = Array.from({ length: channels }, (_, c): Channel => ({ name: `c${g}_${c}`, unit: "V", type, calibration, notes: {} }))
    return { name: `g${g}`, id: g, time: { kind: "stamped", tick: 0.001 }, channels: list }
  })
  return {
    format: "meteor",
    variant: "bench",
    name: "bench",
    start: 0n,
    groups: all,
    annotations: [],
    utc: [],
    userData: [],
    issues: [],
    async survey() {
      const last = (rows - 1) * 10
      return { groups: all.map(() => ({ rows, first: 0, last })), duration: last / 1000 }
    },
    async *chunks() {
      for (let first = 0; first < rows; first += WINDOW) {
        for (let g = 0; g < groups; g++) {
          const n = Math.min(WINDOW, rows - first)
          const ticks = Float64Array.from({ length: n }, (_, i) => (first + i) * 10 + (g % 7))
          const columns = Array.from({ length: channels }, (_, c) => column(type, n, first, c))
          yield { group: g, first, rows: n, window: first / WINDOW, ticks, columns, missing: columns.map(() => null), order: null }
        }
      }
    },
    async close() {},
  }
}

function column(type: "f64" | "f32" | "i16", n: number, first: number, c: number): Float64Array | Float32Array | Int16Array {
  const values = type === "f64" ? new Float64Array(n) : type === "f32" ? new Float32Array(n) : new Int16Array(n)
  for (let i = 0; i < n; i++)
    values[i] = type === "i16" ? (((first + i) * 7 + c * 13) % 30_000) - 15_000 : Math.sin((first + i) * 0.001 * (c + 1))
  return values
}

/** An output that keeps the count and nothing else. */
class CountingOutput implements Output {
  readonly name = "bench"
  bytes = 0

  sink(): Sink {
    const count = (n: number) => (this.bytes += n)
    let size = 0
    return {
      get size() {
        return size
      },
      write(bytes) {
        size += bytes.length
        count(bytes.length)
      },
      patch() {},
      close() {},
      abort() {},
    }
  }
}

const runs: readonly [target: string, what: string, log: () => Log, options: WriteOptions][] = [
  ["csv", "wide, 8 groups of 3 i16", () => signals(8, 3, 200_000, "i16"), {}],
  ["csv", "long, 8 groups of 3 i16", () => signals(8, 3, 100_000, "i16"), { layout: "long" }],
  ["csv", "8 f64", () => signals(1, 8, 200_000, "f64"), {}],
  ["ndjson", "8 groups of 3 i16", () => signals(8, 3, 200_000, "i16"), {}],
  ["parquet", "8 f64, zstd", () => signals(1, 8, 600_000, "f64"), {}],
  ["parquet", "8 f64, snappy", () => signals(1, 8, 600_000, "f64"), { codec: "snappy" }],
  ["parquet", "8 f32, zstd", () => signals(1, 8, 600_000, "f32"), {}],
  ["parquet", "wide, 8 groups of 3 i16", () => signals(8, 3, 200_000, "i16"), {}],
  ["arrow", "8 f64", () => signals(1, 8, 1_200_000, "f64"), {}],
  ["mcap", "8 groups of 3 i16", () => signals(8, 3, 50_000, "i16"), {}],
  ["mat", "8 f64", () => signals(1, 8, 600_000, "f64"), {}],
  ["mf4", "8 f64", () => signals(1, 8, 600_000, "f64"), {}],
  ["sqlite", "8 f64", () => signals(1, 8, 50_000, "f64"), {}],
  ["influx", "8 groups of 3 i16", () => signals(8, 3, 100_000, "i16"), {}],
  ["mlg", "8 groups of 3 i16", () => signals(8, 3, 100_000, "i16"), { rate: 100 }],
]

/** Prints a table: target, what was written, million values a second, output in MB. */
export async function benchExports(only: readonly string[] = []): Promise<void> {
  for (const [name, what, make, options] of runs) {
    const target = exportNamed(name)
    if (target === undefined || (only.length > 0 && !only.includes(name))) continue
    let values = 0
    const log = make()
    const before = performance.now()
    for await (const chunk of log.chunks()) values += chunk.rows * chunk.columns.length
    const making = performance.now() - before
    const best = { seconds: Number.POSITIVE_INFINITY, bytes: 0 }
    for (let k = 0; k < 2; k++) {
      const output = new CountingOutput()
      const start = performance.now()
      await target.write(make(), output, options)
      best.seconds = Math.min(best.seconds, (performance.now() - start - making) / 1000)
      best.bytes = output.bytes
    }
    const rate = (values / best.seconds / 1e6).toFixed(1).padStart(8)
    const megabytes = (best.bytes / 1e6).toFixed(1).padStart(8)
    console.log(
      `${name.padEnd(8)} ${what.padEnd(28)} ${rate} M values/s ${megabytes} MB, peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
    )
  }
}

if (process.argv[1]?.endsWith("exports.js")) await benchExports(process.argv.slice(2))
