import type { Reduced } from "../../model/log.js"
import { Moments } from "../../model/moments.js"
import { entrySpan } from "./chunks/structure.js"
import type { LogSignal } from "./groups.js"
import { recorded } from "./samples/gaps.js"
import type { FsrReader } from "./samples/reader.js"
import { ENTRY } from "./samples/summary.js"

/** Entries or samples held at once. */
const AT_ONCE = 65536

/**
 * Reduces one signal to buckets, from stored summaries of the highest level that is fine enough, else from samples. The outer
 * edges are exact. An entry that an inner edge cuts counts on both sides, weighted by its samples there; its minimum and
 * maximum count on both. Samples that are missing, never recorded or not finite do not count.
 * @param edges sample ids, one more than buckets, rising; a bucket holds `edges[i] <= id < edges[i + 1]`
 * @param scale physical value of 1 raw (fixed point)
 */
export async function reduceSignal({ fsr, gaps }: LogSignal, edges: Float64Array, scale: number): Promise<Reduced> {
  const buckets = edges.length - 1
  const { first, end } = fsr.map
  const sums = new Moments(buckets, "non-finite")
  const from = Math.max(edges[0] as number, first)
  const to = Math.min(edges[buckets] as number, end)
  const level = levelFor(fsr, (edges[buckets] as number) - (edges[0] as number), buckets)
  for (const part of recorded(gaps, from, to)) await addRange(fsr, sums, edges, part.first, part.end, level)
  return scaled(sums.reduced(), scale)
}

function levelFor(fsr: FsrReader, samples: number, buckets: number): number {
  const { def } = fsr.signal
  let level = 0
  // As in the reference, an entry is no longer than a bucket.
  while (entrySpan(def, level + 1) * buckets <= samples) level++
  return level
}

/** Adds the samples `from` to `to`: whole entries of the level, and the rest on both sides from one level below. */
async function addRange(fsr: FsrReader, sums: Moments, edges: Float64Array, from: number, to: number, level: number): Promise<void> {
  if (level === 0) return addSamples(fsr, sums, edges, from, to)
  const step = entrySpan(fsr.signal.def, level)
  const { first } = fsr.map
  const a = Math.ceil((from - first) / step)
  const b = Math.floor((to - first) / step)
  if (a >= b) return addRange(fsr, sums, edges, from, to, level - 1)
  if (first + a * step > from) await addRange(fsr, sums, edges, from, first + a * step, level - 1)
  let bucket = 0
  for (let block = a; block < b; block += AT_ONCE) {
    const stop = Math.min(b, block + AT_ONCE)
    const entries = await fsr.entries.read(level, block, stop)
    for (let e = block; e < stop; e++) {
      const start = first + e * step
      const end = start + step
      while ((edges[bucket + 1] as number) <= start) bucket++
      for (let i = bucket, at = start; at < end; i++) {
        const part = Math.min(end, edges[i + 1] as number)
        addEntry(sums, i, part - at, entries, (e - block) * ENTRY)
        at = part
      }
    }
  }
  if (first + b * step < to) await addRange(fsr, sums, edges, first + b * step, to, level - 1)
}

async function addSamples(fsr: FsrReader, sums: Moments, edges: Float64Array, from: number, to: number): Promise<void> {
  let bucket = 0
  for (let block = from; block < to; block += AT_ONCE) {
    const stop = Math.min(to, block + AT_ONCE)
    const numbers = await fsr.numbers(block, stop)
    for (let at = block; at < stop; ) {
      while ((edges[bucket + 1] as number) <= at) bucket++
      const part = Math.min(stop, edges[bucket + 1] as number)
      sums.add(bucket, numbers, at - block, part - block)
      at = part
    }
  }
}

/** Adds `k` samples of the entry at `o`. An entry with a NaN in it may have no deviation: then only its mean is known. */
function addEntry(sums: Moments, bucket: number, k: number, entries: Float64Array, o: number): void {
  const mean = entries[o] as number
  const std = entries[o + 1] as number
  if (!Number.isFinite(mean)) return
  sums.merge(bucket, k, mean, Number.isFinite(std) ? std * std * k : 0, entries[o + 2] as number, entries[o + 3] as number)
}

function scaled({ count, ...values }: Reduced, scale: number): Reduced {
  if (scale !== 1)
    for (const column of Object.values(values)) for (let i = 0; i < column.length; i++) column[i] = (column[i] as number) * scale
  return { count, ...values }
}
