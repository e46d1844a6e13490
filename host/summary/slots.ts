import { evenTime, evenTimes } from "../model/even-times.js"
import type { Chunk, Group, Reduced, Values } from "../model/log.js"
import { Moments } from "../model/moments.js"
import { rowTimes } from "../model/time.js"
import { physicalColumn } from "../model/values.js"
import { isNumeric } from "../model/wire.js"

/** What buckets stand for: seconds from the log's start or row numbers, half open, cut into equal parts. */
export interface Axis {
  readonly by: "time" | "rows"
  readonly from: number
  readonly to: number
}

/** The buckets of one group while its rows come in. */
export class Slots {
  /** One per channel. */
  readonly moments: readonly Moments[]
  private scratch = new Float64Array(0)

  constructor(
    private readonly group: Group,
    readonly axis: Axis,
    private readonly buckets: number,
  ) {
    this.moments = group.channels.map(() => new Moments(buckets))
  }

  add(chunk: Chunk): void {
    const runs = this.runs(chunk)
    if (this.scratch.length < chunk.rows) this.scratch = new Float64Array(chunk.rows)
    const into = this.scratch.subarray(0, chunk.rows)
    for (const [c, channel] of this.group.channels.entries()) {
      const column = physicalColumn(chunk.columns[c] as Values, channel.calibration, chunk.missing[c] ?? null, into)
      if (column === null) continue
      const moments = this.moments[c] as Moments
      for (let run = 0; run < runs.length; run += 3) {
        moments.add(runs[run] as number, column, runs[run + 1] as number, runs[run + 2] as number)
      }
    }
  }

  /** Neighbouring rows of the same bucket, as (bucket, from, to) one after another. */
  private runs(chunk: Chunk): number[] {
    const { by, from, to } = this.axis
    const { buckets } = this
    const perUnit = buckets / (to - from)
    const { time, isRising } = by === "rows" ? { time: (i: number) => chunk.first + i, isRising: true } : timesOf(this.group, chunk)
    const slotAt = (i: number): number => {
      const at = time(i)
      return at >= from && at < to ? Math.min(buckets - 1, Math.floor((at - from) * perUnit)) : -1
    }
    const runs: number[] = []
    let length = 1
    for (let begin = 0; begin < chunk.rows; begin += length) {
      const slot = slotAt(begin)
      // Buckets are equally long, and so are their runs but for a row. No run of a clock that goes back can be leapt over.
      length = isRising ? endOfRun(slotAt, slot, begin + 1, chunk.rows, begin + length) - begin : 1
      if (slot >= 0) runs.push(slot, begin, begin + length)
    }
    return runs
  }

  reduced(): (Reduced | null)[] {
    return this.group.channels.map(({ type }, c) => {
      if (!isNumeric(type)) return null
      return (this.moments[c] as Moments).reduced()
    })
  }
}

/** First row from `low` on in another bucket than `slot`, `high` at most, in rising buckets. `guess`: where that may be. */
function endOfRun(slotAt: (i: number) => number, slot: number, low: number, high: number, guess: number): number {
  let [same, other] = [low, high]
  let probe = guess
  for (let tries = 0; same < other; tries++) {
    const at = Math.max(same, Math.min(other - 1, probe))
    const isSame = slotAt(at) === slot
    if (isSame) same = at + 1
    else other = at
    // The row beside a near guess decides; then halves.
    probe = tries === 0 ? (isSame ? same : other - 1) : (same + other) >> 1
  }
  return same
}

/** Times of a chunk's rows, and whether they never fall. */
function timesOf(group: Group, chunk: Chunk): { time: (i: number) => number; isRising: boolean } {
  const { time } = group
  if (time.kind === "fixed") {
    const even = evenTimes(time)
    return { time: (i) => evenTime(even, chunk.first + i), isRising: true }
  }
  const times = rowTimes(group, chunk)
  let isRising = true
  for (let i = 1; i < times.length; i++) if (!((times[i] as number) >= (times[i - 1] as number))) isRising = false
  return { time: (i) => times[i] as number, isRising }
}
