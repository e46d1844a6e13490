import type { Log } from "../../host/model/log.js"
import { reduce } from "../../host/summary/reduce.js"
import { bestOf } from "./best.js"
import type { Bench, BenchResult } from "./main.js"

const SAMPLES = 50_000_000
/** Samples of a bucket of the first pyramid level. */
const STEP = 64
const ROWS = 65_536
const RATE = 100_000

/** Min, max, mean and spread of every 64 of 50 M f32, as `reduce` gives them, against a plain loop for min, max and mean. */
async function pyramid(): Promise<BenchResult> {
  const values = new Float32Array(SAMPLES)
  for (let i = 0; i < SAMPLES; i++) values[i] = Math.fround(((i * 7919) % 100_003) / 1000)
  const log = fixedRate(values)
  const buckets = Math.floor(SAMPLES / STEP)
  const [ours, plain] = await bestOf(
    5,
    async () => {
      const [found] = await reduce(log, { buckets, start: 0, end: (buckets * STEP) / RATE })
      const { count, max } = found?.channels[0] ?? { count: [], max: [] }
      if (count[buckets - 1] !== STEP || !((max[1] as number) > 0)) throw new Error(`a bucket holds ${count[buckets - 1]} samples`)
    },
    async () => plainLevel(values, buckets),
  )
  const notes = [`first pyramid level of 50 M samples: ${ours.wall.toFixed(3)} s, plain loop ${plain.wall.toFixed(3)} s`]
  return { name: "reduce 64:1, 50 M f32", bytes: values.byteLength, ours, plain, notes }
}

export const reduceBenches: readonly Bench[] = [pyramid]

function plainLevel(values: Float32Array, buckets: number): void {
  const min = new Float32Array(buckets)
  const max = new Float32Array(buckets)
  const mean = new Float32Array(buckets)
  for (let b = 0; b < buckets; b++) {
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    let sum = 0
    for (let i = b * STEP; i < (b + 1) * STEP; i++) {
      const value = values[i] as number
      if (value < low) low = value
      if (value > high) high = value
      sum += value
    }
    min[b] = low
    max[b] = high
    mean[b] = sum / STEP
  }
  if (mean[0] === 0 && min[1] === 1 && max[2] === 1) throw new Error("no sum")
}

/** Samples in memory as a log of one channel of fixed rate. */
function fixedRate(values: Float32Array): Log {
  const rows = values.length
  return {
    format: "jls",
    variant: "bench",
    name: "bench",
    start: null,
    groups: [
      {
        name: "v",
        id: 0,
        time: { kind: "fixed", rate: RATE, offset: 0 },
        channels: [{ name: "v", unit: "V", type: "f32", calibration: null, notes: {} }],
      },
    ],
    annotations: [],
    utc: [],
    userData: [],
    issues: [],
    survey: async () => ({ groups: [{ rows, first: 0, last: rows - 1 }], duration: (rows - 1) / RATE }),
    async *chunks() {
      for (let first = 0; first < rows; first += ROWS) {
        const columns = [values.subarray(first, Math.min(rows, first + ROWS))]
        yield {
          group: 0,
          first,
          rows: (columns[0] as Float32Array).length,
          window: first / ROWS,
          ticks: null,
          columns,
          missing: [null],
          order: null,
        }
      }
    },
    close: async () => {},
  }
}
