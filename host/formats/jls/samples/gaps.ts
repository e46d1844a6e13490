import { STORAGE_JSON } from "../../../../shared/jls/layout.js"
import { latin1 } from "../../../text/hex.js"
import type { JlsAnnotation } from "../timed/timed.js"

/** Sample ids `first` to `end` that were never recorded. */
export interface Stretch {
  readonly first: number
  readonly end: number
}

const MARK = '{"fieldlog":"gap","samples":'

/**
 * The annotation that marks a gap: a user annotation in JSON at the gap's first sample. Other readers show it as an annotation;
 * the samples themselves are stored as NaN or 0, as the format has it.
 */
export function gapMark(first: number, samples: number): JlsAnnotation {
  const data = new TextEncoder().encode(`${MARK}${samples}}`)
  return { timestamp: BigInt(first), type: 0, storage: STORAGE_JSON, group: 0, y: Number.NaN, data }
}

/** The gaps that annotations mark, in order. */
export function gapsOf(annotations: readonly JlsAnnotation[]): Stretch[] {
  const gaps: Stretch[] = []
  for (const { timestamp, type, storage, data } of annotations) {
    if (type !== 0 || storage !== STORAGE_JSON || data.length > MARK.length + 20) continue
    const samples = new RegExp(`^${MARK}(\\d{1,16})}$`).exec(latin1(data))?.[1]
    if (samples !== undefined) gaps.push({ first: Number(timestamp), end: Number(timestamp) + Number(samples) })
  }
  return gaps.sort((a, b) => a.first - b.first)
}

/** Marks the samples of `from` to `to` that lie in a gap as missing. @returns `missing`, or a new array if it was null */
export function markGaps(missing: Uint8Array | null, gaps: readonly Stretch[], from: number, to: number): Uint8Array | null {
  let marked = missing
  for (const { first, end } of gaps) {
    if (first >= to || end <= from) continue
    marked ??= new Uint8Array(to - from)
    marked.fill(1, Math.max(0, first - from), Math.min(to, end) - from)
  }
  return marked
}

/** The parts of `from` to `to` outside gaps, in order. */
export function* recorded(gaps: readonly Stretch[], from: number, to: number): Generator<Stretch> {
  let first = from
  for (const gap of gaps) {
    if (gap.end <= first) continue
    if (gap.first >= to) break
    if (gap.first > first) yield { first, end: gap.first }
    first = gap.end
  }
  if (first < to) yield { first, end: to }
}
