import type { Log } from "../model/log.js"
import { BENCH } from "./heads.js"

/** How long a card's writes took: of those by themselves and of those in streams. */
export interface BenchVerdict {
  /** Upper bounds in ms, the last one without; writes below each. */
  readonly belowMs: readonly number[]
  readonly single: readonly number[]
  readonly stream: readonly number[]
  readonly slowestMs: number
  /** Sectors a second of the stream, pauses of the card included. */
  readonly sustained: number
  /** Sectors a second that may come evenly without one being lost, with so many sectors of buffer. */
  readonly holds: number
  readonly slots: number
}

/** The logger's ring: `slots` in devicescript/src/board.ts. */
export const SLOTS = 16
const BOUNDS = [2, 4, 8, 16, 32, 64, 128, 256, 512, Number.POSITIVE_INFINITY]
const SINGLE = 1
const STREAM = 2

/** What the log of `sdbench` says of its card; null for any other log. */
export async function benchVerdict(log: Log): Promise<BenchVerdict | null> {
  const [group] = log.groups
  if (log.format !== "btsf" || group?.channels.length !== 3 || group.channels[1]?.notes.name !== BENCH) return null
  const times: number[] = []
  const counts: Record<number, number[]> = { [SINGLE]: BOUNDS.map(() => 0), [STREAM]: BOUNDS.map(() => 0) }
  let slowestMs = 0
  for await (const { rows, columns } of log.chunks()) {
    const [time, took, mode] = columns as [Uint32Array, Uint16Array, Uint8Array]
    for (let i = 0; i < rows; i++) {
      const counted = counts[mode[i] as number]
      if (counted === undefined) continue
      const ms = took[i] as number
      const bucket = BOUNDS.findIndex((bound) => ms < bound)
      counted[bucket] = (counted[bucket] as number) + 1
      slowestMs = Math.max(slowestMs, ms)
      if (mode[i] === STREAM) times.push(time[i] as number)
    }
  }
  // From one write's beginning to the next: what it took, to a part of a millisecond over many.
  const durations = times.slice(1).map((time, i) => time - (times[i] as number))
  const total = durations.reduce((sum, ms) => sum + ms, 0)
  const sustained = total > 0 ? (durations.length / total) * 1000 : 0
  return {
    belowMs: BOUNDS,
    single: counts[SINGLE] as number[],
    stream: counts[STREAM] as number[],
    slowestMs,
    sustained,
    // Of a bench that was ended soon, the buffer alone takes a good part: that is no rate to go on with.
    holds: total > 0 ? Math.min(sustained, heldRate(durations, SLOTS)) : 0,
    slots: SLOTS,
  }
}

/** The highest even rate at which no sector finds the buffer full, found by halving. @param durations ms of each write */
export function heldRate(durations: readonly number[], slots: number): number {
  let low = 0
  let high = 1_000_000
  while (high - low > 0.001 * high) {
    const rate = (low + high) / 2
    if (holds(durations, slots, 1000 / rate)) low = rate
    else high = rate
  }
  return low
}

/** True when a sector every `every` ms finds a slot: one is always being filled, the others wait or are being written. */
function holds(durations: readonly number[], slots: number, every: number): boolean {
  const finished = new Float64Array(durations.length)
  let free = 0
  for (const [k, duration] of durations.entries()) {
    const sealed = (k + 1) * every
    const before = k - (slots - 1)
    if (before >= 0 && (finished[before] as number) > sealed) return false
    free = Math.max(free, sealed) + duration
    finished[k] = free
  }
  return true
}
