import { entrySpan } from "../../../host/formats/jls/chunks/structure.js"
import type { FsrReader } from "../../../host/formats/jls/samples/reader.js"
import { ENTRY } from "../../../host/formats/jls/samples/summary.js"
import { UsageError } from "../../../host/model/errors.js"

/** A level is used when the windows together are at least this many of its entries. */
const LEVEL_RULE = 25
/** Entries or samples held at once. */
const AT_ONCE = 65536

/** A running summary: k samples, their mean, the sum of squared distances from it, minimum, maximum. */
interface Sum {
  k: number
  mean: number
  s: number
  min: number
  max: number
}

/**
 * Statistics of `count` windows of `increment` samples from the signal's sample `start` on (the first is 0), raw units:
 * mean, standard deviation (sample), minimum, maximum each. The choice of level, the treatment of windows that cut
 * entries and the order of operations are the reference's (jetperch/jls 0.17.0, reader.c), so its answers are met bit
 * for bit wherever they are right: only the first window's start and the last one's end are exact.
 * @throws UsageError when the windows leave the signal
 */
export async function statistics(fsr: FsrReader, start: number, increment: number, count: number): Promise<Float64Array> {
  const length = fsr.map.end - fsr.map.first
  if (!(start >= 0 && increment >= 1 && count >= 1 && start + increment * count <= length)) {
    throw new UsageError(`windows ${start} + ${count} x ${increment} leave the signal's ${length} samples`, { format: "jls" })
  }
  const out = await windows(fsr, start, increment, count)
  // Nothing but NaN: no minimum is below another one.
  for (let o = 0; o < out.length; o += ENTRY) if ((out[o + 2] as number) > (out[o + 3] as number)) out.fill(Number.NaN, o, o + ENTRY)
  return out
}

function windows(fsr: FsrReader, start: number, increment: number, count: number): Promise<Float64Array> {
  const level = levelFor(fsr, increment, count)
  return level === 0 ? fromSamples(fsr, start, increment, count) : fromEntries(fsr, level, start, increment, count)
}

function levelFor(fsr: FsrReader, increment: number, count: number): number {
  let level = 0
  for (let step = entrySpan(fsr.signal.def, 1); increment >= step && increment * count >= LEVEL_RULE * step; level++) {
    step *= fsr.signal.def.entriesPerEntry
  }
  return level
}

async function fromSamples(fsr: FsrReader, start: number, increment: number, count: number): Promise<Float64Array> {
  const out = new Float64Array(count * ENTRY)
  const scale = 1 / increment
  for (let w = 0; w < count; w++) {
    const from = fsr.map.first + start + w * increment
    const x = await fsr.numbers(from, from + increment)
    let sum = 0
    let min = Number.POSITIVE_INFINITY
    let max = Number.NEGATIVE_INFINITY
    for (const v of x) {
      sum += v
      if (v < min) min = v
      if (v > max) max = v
    }
    const mean = sum * scale
    let square = 0
    for (const v of x) square += (v - mean) * (v - mean)
    out.set([mean, increment === 1 ? 0 : Math.sqrt(square * (1 / (increment - 1))), min, max], w * ENTRY)
  }
  return out
}

async function fromEntries(fsr: FsrReader, level: number, start: number, increment: number, count: number): Promise<Float64Array> {
  const out = new Float64Array(count * ENTRY)
  const step = entrySpan(fsr.signal.def, level)
  const stop = start + increment * count
  const sum = empty()
  let entry = Math.ceil(start / step)
  let left = increment
  if (entry * step !== start) {
    const part = entry * step - start
    add(sum, await exact(fsr, start, part))
    left -= part
  }
  const last = Math.ceil(stop / step)
  for (let w = 0, from = entry, block: Float64Array = new Float64Array(0); w < count; entry++) {
    if (w === count - 1 && left <= step) {
      if (left > 0) add(sum, await exact(fsr, stop - left, left))
      put(out, w++, sum)
      break
    }
    if ((entry - from) * ENTRY >= block.length) {
      from = entry
      block = await fsr.entries.read(level, entry, Math.min(entry + AT_ONCE, Math.floor((fsr.map.end - fsr.map.first) / step), last))
    }
    const o = (entry - from) * ENTRY
    if (left > step) {
      add(sum, entrySum(block, o, step))
      left -= step
      continue
    }
    add(sum, entrySum(block, o, left))
    put(out, w++, sum)
    Object.assign(sum, empty())
    const rest = step - left
    if (rest > 0) add(sum, entrySum(block, o, rest))
    left = increment - rest
  }
  return out
}

/** A short stretch by the same rule one level down. */
async function exact(fsr: FsrReader, start: number, length: number): Promise<Sum> {
  return entrySum(await windows(fsr, start, length, 1), 0, length)
}

function entrySum(entries: Float64Array, o: number, k: number): Sum {
  const std = entries[o + 1] as number
  return { k, mean: entries[o] as number, s: std * std * (k - 1), min: entries[o + 2] as number, max: entries[o + 3] as number }
}

function empty(): Sum {
  return { k: 0, mean: 0, s: 0, min: Number.NaN, max: Number.NaN }
}

function add(a: Sum, b: Sum): void {
  const k = a.k + b.k
  if (a.k === 0) {
    Object.assign(a, b)
    return
  }
  const share = a.k / k
  const mean = share * a.mean + (1 - share) * b.mean
  const da = a.mean - mean
  const db = b.mean - mean
  a.s = a.s + a.k * da * da + (b.s + b.k * db * db)
  a.mean = mean
  a.k = k
  if (!(a.min < b.min)) a.min = b.min
  if (!(a.max > b.max)) a.max = b.max
}

function put(out: Float64Array, w: number, sum: Sum): void {
  out.set([sum.mean, sum.k > 1 ? Math.sqrt(sum.s / (sum.k - 1)) : 0, sum.min, sum.max], w * ENTRY)
}
