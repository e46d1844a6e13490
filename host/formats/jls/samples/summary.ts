/**
 * The arithmetic of summaries. An entry is mean, standard deviation (population), minimum, maximum of D samples, in
 * double, each sum in sample order: the reference's results bit for bit. Entries are independent, so four are summed
 * side by side, in the processor's vectors: each lane adds up its own entry in order.
 */

import { instantiate } from "../../../bytes/wasm.js"
import { PAGES, type SummaryExports, summaryModule } from "./summary-wasm.js"

/** Numbers in an entry. */
export const ENTRY = 4

/**
 * Entries of level 1: `entries` runs of `perEntry` samples from `samples[0]` on, into `out[outAt]` and on. Samples that are
 * not finite are left out; an entry without any finite one is NaN. Doubles hold every type but f32, 64-bit integers
 * rounded as in the reference.
 */
export function summarise(samples: Float32Array | Float64Array, entries: number, perEntry: number, out: Float64Array, outAt = 0): void {
  const size = perEntry * samples.BYTES_PER_ELEMENT
  const most = Math.min(MOST_ENTRIES, Math.floor(SAMPLES_SIZE / (4 * size)) * 4)
  let e = 0
  if (module !== null && size % 16 === 0 && most > 0) {
    const fours = samples.BYTES_PER_ELEMENT === 4 ? module.f32 : module.f64
    for (; e + 4 <= entries; ) {
      const n = Math.min(most, (entries - e) & ~3)
      bytes.set(new Uint8Array(samples.buffer, samples.byteOffset + e * size, n * size))
      fours(0, size, SAMPLES_SIZE, n / 4)
      out.set(results.subarray(0, n * ENTRY), outAt + e * ENTRY)
      e += n
    }
  }
  // Remaining entries, and entries whose sum is not finite because some of their samples are not.
  for (let i = 0; i < entries; i++) {
    const o = outAt + i * ENTRY
    if (i >= e || !Number.isFinite(out[o])) one(samples.subarray(i * perEntry, (i + 1) * perEntry), out, o)
  }
}

// The module's memory: samples, then entries.
const SAMPLES_SIZE = 192 * 1024
const MOST_ENTRIES = (PAGES * 65536 - SAMPLES_SIZE) / (ENTRY * 8)
const module = instantiate<SummaryExports>(summaryModule())
const bytes = new Uint8Array(module?.memory.buffer ?? new ArrayBuffer(0))
const results = new Float64Array(module?.memory.buffer ?? new ArrayBuffer(0)).subarray(SAMPLES_SIZE / 8)

/** One entry, finite samples only. */
function one(x: Float32Array | Float64Array, out: Float64Array, o: number): void {
  let count = 0
  let sum = 0
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const v of x) {
    if (v - v !== 0) continue
    count++
    sum += v
    if (v < low) low = v
    if (v > high) high = v
  }
  if (count === 0) {
    out.fill(Number.NaN, o, o + ENTRY)
    return
  }
  const mean = sum / count
  let square = 0
  for (const v of x) if (v - v === 0) square += (v - mean) * (v - mean)
  put(out, o, mean, square / count, low, high)
}

/**
 * Entries of a level from those of the level below: `perEntry` each, from `lower[0]` on. The mean is unweighted. One
 * entry without a standard deviation makes the result's standard deviation NaN, as in the reference.
 */
export function summariseEntries(
  lower: Float32Array | Float64Array,
  entries: number,
  perEntry: number,
  out: Float64Array,
  outAt = 0,
): void {
  for (let e = 0; e < entries; e++) {
    const from = e * perEntry * ENTRY
    const to = from + perEntry * ENTRY
    let count = 0
    let sum = 0
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    for (let i = from; i < to; i += ENTRY) {
      const mean = lower[i] as number
      if (mean - mean !== 0) continue
      count++
      sum += mean
      if ((lower[i + 2] as number) < low) low = lower[i + 2] as number
      if ((lower[i + 3] as number) > high) high = lower[i + 3] as number
    }
    const o = outAt + e * ENTRY
    if (count === 0) {
      out.fill(Number.NaN, o, o + ENTRY)
      continue
    }
    const mean = sum / count
    let square = 0
    for (let i = from; i < to; i += ENTRY) {
      const std = lower[i + 1] as number
      const off = (lower[i] as number) - mean
      square += std * std + off * off
    }
    put(out, o, mean, square / count, low, high)
  }
}

function put(out: Float64Array, o: number, mean: number, variance: number, low: number, high: number): void {
  out[o] = mean
  out[o + 1] = Math.sqrt(variance)
  out[o + 2] = low
  out[o + 3] = high
}
