import { sliceChunk, timedRows } from "../model/chunk.js"
import { type Extent, NO_ROWS } from "../model/extent.js"
import type { Chunk, Log, Loss, Selection, Survey } from "../model/log.js"
import { counting } from "../model/losses.js"
import { type Clock, clocksOf, isBroken, rangeOf } from "./clocks.js"
import { View } from "./view.js"

/** A log without the rows whose stamps are odd or no number. */
interface SoundRows {
  readonly log: Log
  /** The rows left out. */
  readonly losses: readonly Loss[]
  /** The clocks of the stamped groups, null for the others. */
  readonly clocks: readonly (Clock | null)[]
  /** From the earliest to the latest row of the clocks whose first and last row do not tell; null where all tell. */
  readonly range: Extent | null
}

/** The log for a grid or bins: rows without a time, or with a stamp far from those around it, have no place there. One pass over stamped rows. */
export async function soundRows(log: Log, selection: Selection = {}): Promise<SoundRows> {
  const { groups, signal } = selection
  const clocks = await clocksOf(log, { ...(groups === undefined ? {} : { groups }), ...(signal === undefined ? {} : { signal }) })
  const range = rangeOf(clocks.map((clock) => (clock !== null && isBroken(clock) ? clock : null)))
  const odd = clocks.reduce((sum, clock) => sum + (clock?.odd.size ?? 0), 0)
  const untimed = clocks.reduce((sum, clock) => sum + (clock?.untimed ?? 0), 0)
  if (odd + untimed === 0) return { log, losses: [], clocks, range }
  const losses = counting(
    { kind: "rows", count: odd, text: `${odd} rows left out: their stamps are far from those around them` },
    { kind: "rows", count: untimed, text: `${untimed} rows left out: they have no time` },
  )
  return { log: new View(log, { rows: rowsOf(log, clocks) }), losses, clocks, range }
}

function rowsOf(log: Log, clocks: readonly (Clock | null)[]): Pick<Log, "groups" | "chunks" | "survey"> {
  return {
    groups: log.groups,
    async *chunks(selection: Selection = {}) {
      for await (const chunk of log.chunks(selection)) yield* withoutRows(chunk, clocks[chunk.group]?.odd)
    },
    async survey(): Promise<Survey> {
      const survey = await log.survey()
      const groups = survey.groups.map((count, g) => {
        const clock = clocks[g]
        if (clock === null || clock === undefined || clock.odd.size + clock.untimed === 0) return count
        const time = log.groups[g]?.time
        if (clock.range === null || time?.kind !== "stamped") return NO_ROWS
        return { rows: clock.rows, first: Math.round(clock.range.from / time.tick), last: Math.round(clock.range.to / time.tick) }
      })
      return { groups, duration: clocks.reduce((most, clock) => Math.max(most, clock?.lasted ?? 0), 0) }
    },
  }
}

function* withoutRows(whole: Chunk, odd: ReadonlySet<number> = new Set()): Generator<Chunk> {
  for (const chunk of timedRows(whole)) {
    let from = 0
    for (let i = 0; odd.size > 0 && i < chunk.rows; i++) {
      if (!odd.has(chunk.first + i)) continue
      if (i > from) yield sliceChunk(chunk, from, i)
      from = i + 1
    }
    if (from < chunk.rows) yield sliceChunk(chunk, from, chunk.rows)
  }
}
