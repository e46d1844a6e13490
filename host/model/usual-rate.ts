import type { Group, Log, Selection } from "./log.js"
import { hasTime, rowTimes } from "./time.js"

/** Steps in a row that are kept together, so that rounded stamps even out: 400 Hz in ms is 2, 3, 2, 3. */
const BURST = 64
/** Steps that are kept. */
const MOST = 128 * BURST
/** Rows of a group that `headRates` reads at least, where there are so many, and chunks that it reads at most. */
const HEAD_ROWS = 2 * MOST
const HEAD_CHUNKS = 32

/**
 * The step that rows usually take: the mean of the steps near the median. Pauses, gaps and damage do not change it, nor does the
 * rounding of stamps. It keeps bursts of steps from everywhere, in bounded memory.
 */
export class UsualStep {
  private steps = new Float64Array(BURST)
  private count = 0
  private seen = 0
  /** One burst of so many is kept. */
  private spacing = 1

  /** @param seconds from one row to the next, at least 0 */
  add(seconds: number): void {
    const burst = Math.floor(this.seen++ / BURST)
    if (burst % this.spacing !== 0) return
    if (this.count === MOST) {
      this.thin()
      if (burst % this.spacing !== 0) return
    }
    if (this.count === this.steps.length) {
      const more = new Float64Array(2 * this.count)
      more.set(this.steps)
      this.steps = more
    }
    this.steps[this.count++] = seconds
  }

  /** Rows a second, or null when fewer than two rows with different times were seen. @param tick seconds of one step of the stamps */
  rate(tick: number): number | null {
    const steps = this.steps.slice(0, this.count)
    const sorted = steps.slice().sort()
    const median = sorted[sorted.length >> 1] ?? 0
    const near = Math.max(median / 2, tick * 1.01)
    let [sum, count] = [0, 0]
    for (const step of steps) {
      if (Math.abs(step - median) > near) continue
      sum += step
      count++
    }
    return sum > 0 ? count / sum : null
  }

  /** Keeps every second burst. */
  private thin(): void {
    for (let from = 0; 2 * from < MOST; from += BURST) this.steps.copyWithin(from, 2 * from, 2 * from + BURST)
    this.count = MOST / 2
    this.spacing *= 2
  }
}

/**
 * Rows a second as each group usually has them: its fixed rate, or that of its first rows.
 * @returns null for a group without times, or with fewer than two rows of different times
 */
export async function headRates(log: Log, selection: Pick<Selection, "signal"> = {}): Promise<(number | null)[]> {
  const steps = log.groups.map(() => ({ last: Number.NaN, rows: 0, usual: new UsualStep() }))
  const groups = [...log.groups.keys()].filter((g) => isStamped(log.groups[g] as Group))
  let [chunks, waiting] = [0, groups.length]
  if (groups.length > 0) {
    for await (const chunk of log.chunks({ ...selection, groups, reuse: true })) {
      const own = steps[chunk.group] as (typeof steps)[number]
      const wasFull = own.rows >= HEAD_ROWS
      for (const time of wasFull ? [] : rowTimes(log.groups[chunk.group] as Group, chunk)) {
        if (time >= own.last) own.usual.add(time - own.last)
        own.last = time
      }
      own.rows += chunk.rows
      if (!wasFull && own.rows >= HEAD_ROWS) waiting--
      if (++chunks >= HEAD_CHUNKS || waiting === 0) break
    }
  }
  return log.groups.map(({ time }, g) => (time.kind === "fixed" ? time.rate : (steps[g]?.usual.rate(time.tick) ?? null)))
}

function isStamped(group: Group): boolean {
  return group.time.kind === "stamped" && hasTime(group)
}
