import { search } from "../../bytes/search.js"
import type { Source } from "../../bytes/source.js"
import type { Reduced } from "../../model/log.js"
import { Moments } from "../../model/moments.js"
import { newValues } from "../../model/values.js"
import type { DataType } from "./chunks/datatype.js"
import { Pages } from "./chunks/pages.js"
import { entrySpan } from "./chunks/structure.js"
import type { LogSignal } from "./groups.js"
import { recorded, type Stretch } from "./samples/gaps.js"
import type { FsrReader, Memory } from "./samples/reader.js"
import { ENTRY } from "./samples/summary.js"

/** Entries or samples held at once. */
const AT_ONCE = 65536
/** Entries that a range must have at least to be answered from a level: with fewer, those that edges cut weigh too much. */
const LEAST_ENTRIES = 25

/** How `reduceSignal` answers. */
interface ReduceHow {
  /** Physical value of 1 raw (fixed point). */
  readonly scale: number
  /**
   * Every sample counts in its own bucket, and what is not finite counts nowhere. An entry does not say how many of its
   * samples were finite, so floats are read sample by sample. False: for pictures, from entries of about a bucket's length.
   */
  readonly exact: boolean
  /** Where the samples are read. */
  readonly source: Source
}

/**
 * One signal in buckets, from stored summaries where they are fine enough, else from samples. The outer edges are always
 * exact. Without `exact` an entry that an inner edge cuts counts on both sides by the samples it has there, its minimum
 * and maximum on both, and of an entry with samples that are not finite all count. Samples that are missing or were
 * never recorded count nowhere.
 * @param edges sample ids, one more than buckets, rising; a bucket holds `edges[i] <= id < edges[i + 1]`
 */
export async function reduceSignal({ fsr, gaps }: LogSignal, edges: Float64Array, how: ReduceHow): Promise<Reduced> {
  const buckets = edges.length - 1
  const { first, end } = fsr.map
  const from = Math.max(edges[0] as number, first)
  const to = Math.min(edges[buckets] as number, end)
  const sums = new Moments(buckets, "non-finite")
  const work = new Work(fsr, sums, edges, how.source, Math.min(AT_ONCE, Math.max(0, to - from)))
  const isFloat = fsr.signal.type?.wire.startsWith("f") === true
  const level = how.exact && isFloat ? 0 : levelFor(fsr, (edges[buckets] as number) - (edges[0] as number), to - from, buckets)
  for (const part of recorded(gaps, from, to)) {
    if (!how.exact || level === 0) await work.addRange(part.first, part.end, level)
    else for (const piece of cutAt(edges, part.first, part.end)) await work.addRange(piece.first, piece.end, level)
  }
  return scaled(sums.reduced(), how.scale)
}

/**
 * The reference's rule: an entry is no longer than a bucket, and the range holds at least 25 of them.
 * @param samples length of all buckets @param held samples of the signal within them
 */
function levelFor(fsr: FsrReader, samples: number, held: number, buckets: number): number {
  const { def } = fsr.signal
  let level = 0
  const fits = (span: number) => span * buckets <= samples && span * LEAST_ENTRIES <= held
  while (fits(entrySpan(def, level + 1))) level++
  return level
}

/** What of `from` to `to` lies in each bucket, in order. */
function* cutAt(edges: Float64Array, from: number, to: number): Generator<Stretch> {
  // The first edge behind `from`.
  let i = search(0, edges.length, (edge) => (edges[edge] as number) > from)
  for (let first = from; first < to; i++) {
    const end = Math.min(to, edges[i] ?? to)
    if (end > first) yield { first, end }
    first = end
  }
}

/** Adds stretches of one signal to its buckets; they come in order. */
class Work {
  private readonly memory: Memory
  private bucket = 0

  constructor(
    private readonly fsr: FsrReader,
    private readonly sums: Moments,
    private readonly edges: Float64Array,
    source: Source,
    samples: number,
  ) {
    const { wire } = fsr.signal.type as DataType
    this.memory = { pages: new Pages(source, 0), values: newValues(wire, samples), numbers: new Float64Array(samples) }
  }

  /** Adds the samples `from` to `to`: whole entries of the level, and what sticks out on both sides one level below. */
  async addRange(from: number, to: number, level: number): Promise<void> {
    if (level === 0) return this.addSamples(from, to)
    const { fsr, edges, sums } = this
    const step = entrySpan(fsr.signal.def, level)
    const { first } = fsr.map
    const a = Math.ceil((from - first) / step)
    const b = Math.floor((to - first) / step)
    if (a >= b) return this.addRange(from, to, level - 1)
    if (first + a * step > from) await this.addRange(from, first + a * step, level - 1)
    for (let block = a; block < b; block += AT_ONCE) {
      const stop = Math.min(b, block + AT_ONCE)
      const entries = await fsr.entries.read(level, block, stop)
      for (let e = block; e < stop; e++) {
        const start = first + e * step
        const end = start + step
        const bucket = this.bucketOf(start)
        const o = (e - block) * ENTRY
        const [mean, std] = [entries[o] as number, entries[o + 1] as number]
        // No deviation beside a mean: some entry below has no finite sample. Those that have some are told apart there.
        if (level > 1 && mean - mean === 0 && std - std !== 0) {
          await this.addRange(start, end, level - 1)
          continue
        }
        for (let i = bucket, at = start; at < end; i++) {
          const part = Math.min(end, edges[i + 1] as number)
          addEntry(sums, i, part - at, entries, o)
          at = part
        }
      }
    }
    if (first + b * step < to) await this.addRange(first + b * step, to, level - 1)
  }

  private async addSamples(from: number, to: number): Promise<void> {
    const { fsr, edges, sums, memory } = this
    for (let block = from; block < to; block += AT_ONCE) {
      const stop = Math.min(to, block + AT_ONCE)
      // A few samples at an edge are not worth a page.
      const numbers = await fsr.numbers(block, stop, stop - block < AT_ONCE ? undefined : memory)
      for (let at = block; at < stop; ) {
        const bucket = this.bucketOf(at)
        const part = Math.min(stop, edges[bucket + 1] as number)
        sums.add(bucket, numbers, at - block, part - block)
        at = part
      }
    }
  }

  private bucketOf(id: number): number {
    while ((this.edges[this.bucket + 1] as number) <= id) this.bucket++
    return this.bucket
  }
}

/** `k` samples of the entry at `o`. An entry with a NaN in it may have no deviation: then its mean is all that is known. */
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
