import { UsageError } from "../../model/errors.js"
import { evenTime, evenTimes } from "../../model/even-times.js"
import type { WriteOptions } from "../../model/format.js"
import type { Channel, Log, Loss } from "../../model/log.js"
import { isNumeric } from "../../model/wire.js"
import { choice, positive } from "../../text/asked.js"
import { usualRates } from "../../views/clocks.js"
import { resample } from "../../views/resample.js"
import { soundRows } from "../../views/sound-rows.js"
import { exportOptions, holdOf } from "./options.js"

/** Highest rate that is chosen by default. */
const MOST_HZ = 1000

/** A channel of a grid: it has a unique name. */
export interface GridChannel {
  readonly channel: Channel
  /** The channel of the log that the values come from. */
  readonly source: Channel
  /** The first physical value, where it has been looked for. */
  readonly first?: number
}

/** A log on a grid, for targets of constant rate. */
export interface Grid {
  readonly rate: number
  /** Seconds from the log's start to the first row. */
  readonly begin: number
  /** ns since 1970 UTC of the first row; null where the log does not say when it started. */
  readonly instant: bigint | null
  readonly channels: readonly GridChannel[]
  /** Seconds from the first row to the last. */
  readonly duration: number
  /** Times in seconds since the first row; columns of physical values, NaN for an empty cell. */
  rows(): AsyncGenerator<{ rows: number; times: Float64Array; columns: readonly Float64Array[] }>
  /** Complete when the rows have been read. */
  losses(): Loss[]
}

/** Puts a log on the grid that the options ask for: `rate` (else the fastest group's), `hold`, `fill`. */
export async function gridOf(log: Log, options: WriteOptions): Promise<Grid> {
  const { selection } = exportOptions(options)
  const { clocks } = await soundRows(log, selection)
  const rate = positive(options, "rate") ?? fastestRate(await usualRates(log, clocks))
  const fill = choice(options, "fill", ["last", "mean", "linear"], "last")
  const grid = await resample(log, { rate, hold: holdOf(options), fill, selection })
  const group = grid.groups[0]
  if (group === undefined || group.time.kind !== "fixed") throw new UsageError("the log has no channel of numbers")
  const even = evenTimes(group.time)
  const begin = evenTime(even, 0)
  const sources = log.groups.flatMap(({ channels }) => channels.filter(({ type }) => isNumeric(type)))
  return {
    rate,
    begin,
    instant: log.start === null ? null : log.start + BigInt(Math.round(begin * 1e9)),
    channels: group.channels.map((channel, c) => ({ channel, source: sources[c] as Channel })),
    duration: (await grid.survey()).duration ?? 0,
    async *rows() {
      for await (const { rows, first, columns } of grid.chunks()) {
        const times = Float64Array.from({ length: rows }, (_, i) => (first + i) / rate)
        yield { rows, times, columns: columns as readonly Float64Array[] }
      }
    },
    losses: () => [...movedTime(begin), ...(options.rate === undefined ? [chosen(rate)] : []), ...grid.losses],
  }
}

/** Programs of constant rate begin at 0, and an f32 would not hold the seconds since 1970. */
function movedTime(begin: number): Loss[] {
  return begin === 0 ? [] : [{ kind: "form", count: 1, text: `times count from the first row, which is at ${begin} s of the log` }]
}

/** Reports a rate that was chosen by default. */
function chosen(rate: number): Loss {
  return { kind: "form", count: 1, text: `rows put on a grid of ${rate} Hz, the fastest group's rate; --rate chooses another` }
}

/** The rate of the fastest group, as a round number of Hz (or of seconds below 1 Hz). */
function fastestRate(rates: readonly (number | null)[]): number {
  const fastest = Math.max(0, ...rates.map((rate) => rate ?? 0))
  const rate = Math.min(MOST_HZ, fastest === 0 ? 1 : fastest)
  return rate >= 1 ? Math.round(rate) : 1 / Math.round(1 / rate)
}
