import { evenTime, evenTimes } from "../../model/even-times.js"
import type { Ticks, TimeBase } from "../../model/log.js"
import type { TimeMap } from "../../model/time-map.js"

/** When the rows of a signal are: seconds from the log's start, and back. Row 0 is the signal's first sample. */
export interface RowClock {
  readonly time: TimeBase
  /** Rows a second: the fixed rate, or the mean over all rows. */
  readonly rate: number
  timeAt(row: number): number
  /** The row at a time, with its fraction: before the first and behind the last row too. */
  rowAt(seconds: number): number
  /** The same rows in a log whose second 0 is so many seconds earlier. */
  later(seconds: number): RowClock
  /** Ticks of the rows `from` to `to`; null for a fixed rate. */
  ticks(from: number, to: number): Ticks | null
}

/** Rows that come evenly: `offset + row / rate`. */
export function evenClock(rate: number, offset: number, first: number): RowClock {
  const time = { kind: "fixed", rate, offset, first } as const
  const even = evenTimes(time)
  return {
    time,
    rate,
    timeAt: (row) => evenTime(even, row),
    rowAt: (seconds) => (seconds - offset) * rate,
    later: (seconds) => evenClock(rate, offset + seconds, first),
    ticks: () => null,
  }
}

/** Rows whose times follow UTC pairs that lie on no single line: each is stamped in ns. @param start ns since 1970 of second 0 */
export function pairedClock(map: TimeMap, start: bigint, { first, end }: { readonly first: number; readonly end: number }): RowClock {
  const timeAt = (row: number) => Number(map.nsAt(first + row) - start) / 1e9
  const span = end - first > 1 ? timeAt(end - first - 1) - timeAt(0) : 0
  return {
    time: { kind: "stamped", tick: 1e-9 },
    rate: span > 0 ? (end - first - 1) / span : 1,
    timeAt,
    rowAt(seconds) {
      // Far beyond what ns in 64 bits can say there is no row.
      if (Math.abs(seconds) > 9e9) return seconds > 0 ? Number.MAX_SAFE_INTEGER : -Number.MAX_SAFE_INTEGER
      return map.sampleAt(start + BigInt(Math.round(seconds * 1e9))) - first
    },
    later: (seconds) => pairedClock(map, start - BigInt(Math.round(seconds * 1e9)), { first, end }),
    ticks: (from, to) => map.ticks(first + from, first + to, start, { first, end }),
  }
}
