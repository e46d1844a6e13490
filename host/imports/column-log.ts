import { rowsInRange, timedRows } from "../model/chunk.js"
import { durationOf } from "../model/extent.js"
import { issue } from "../model/issues.js"
import type { Channel, Chunk, FormatName, Group, Issue, Log, Selection, Ticks, TimeBase, Values } from "../model/log.js"
import { renameLosses } from "../model/losses.js"
import { distinctChannels } from "../views/unique-names.js"

/** Some rows of a table. */
interface Rows {
  readonly rows: number
  /** NaN for a row without a time. */
  readonly ticks: Ticks | null
  /** Per row 1 where it has no time, for ticks that cannot be NaN. */
  readonly untimed?: Uint8Array | null
  readonly columns: Values[]
  readonly missing: (Uint8Array | null)[]
}

/** A table with a time column: what CSV and Parquet files are to us. */
interface ColumnTable {
  readonly format: FormatName
  readonly variant: string
  readonly name: string
  readonly start: bigint | null
  readonly time: TimeBase
  readonly channels: readonly Channel[]
  readonly issues: readonly Issue[]
  /** All rows in order; `ticks` null where the table has no time column: then rows are counted. */
  rows(selection: Selection): AsyncGenerator<Rows>
  close(): Promise<void>
}

/**
 * A table as a log with one group, named as the table. Rows without a time are left out, and columns of equal names get a number: both are
 * issues.
 */
export function columnLog(table: ColumnTable): Log {
  const channels = distinctChannels(table.channels)
  const group: Group = { name: table.name, id: 0, time: table.time, channels }
  const renames = table.channels.map(({ name }, c) => [name, channels[c]?.name ?? name] as const)
  const renamed = renameLosses(renames, "others have the same name").map(({ text }) => issue("renamed", "warning", text))
  const { format, variant, name, start } = table
  const noTime: Issue[] = []
  async function* chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    if (selection.groups !== undefined && !selection.groups.includes(0)) return
    let first = 0
    let window = 0
    let timed = 0
    for await (const { rows, ticks, untimed = null, columns, missing } of table.rows(selection)) {
      selection.signal?.throwIfAborted()
      const counted = ticks ?? Float64Array.from({ length: rows }, (_, i) => first + i)
      const chunk: Chunk = { group: 0, first, rows, window: window++, ticks: counted, columns, missing, order: null }
      first += rows
      for (const part of timedRows(chunk, untimed)) {
        timed += part.rows
        yield* rowsInRange(group, part, selection)
      }
    }
    if (timed < first && noTime.length === 0) {
      noTime.push(issue("no-time", "error", `${first - timed} rows left out: their time is no number`, { group: name }))
    }
  }
  return {
    format,
    variant,
    name,
    start,
    groups: [group],
    annotations: [],
    utc: [],
    userData: [],
    get issues() {
      return renamed.length + noTime.length === 0 ? table.issues : [...renamed, ...table.issues, ...noTime]
    },
    chunks,
    async survey() {
      let rows = 0
      let first: number | bigint | null = null
      let last: number | bigint | null = null
      for await (const chunk of chunks()) {
        rows += chunk.rows
        first ??= chunk.ticks?.[0] ?? null
        last = chunk.ticks?.[chunk.rows - 1] ?? null
      }
      const groups = [{ rows, first, last }]
      return { groups, duration: durationOf([group], groups) }
    },
    close: () => table.close(),
  }
}

const TIME_TITLE = /^(time|timestamp|t|tick|xtime|elapsed|elapsed time|zeit)\s*(?:[[(]\s*([a-zµ]*)\s*[\])]|[_,\s]\s*([a-zµ]+))?$/i

/** Seconds of the units in which times are counted. */
const TIME_UNITS: Readonly<Record<string, number>> = {
  ...{ "": 1, s: 1, sec: 1, secs: 1, second: 1, seconds: 1 },
  ...{ ms: 1e-3, msec: 1e-3, millis: 1e-3, milliseconds: 1e-3, us: 1e-6, µs: 1e-6, usec: 1e-6, microseconds: 1e-6, ns: 1e-9, nsec: 1e-9 },
  ...{ min: 60, minutes: 60, h: 3600, hours: 3600 },
}

/** How a column of times is called and counted: `time [s]`, `Time (msec)`, `time_us`, `tick`; null when the name says no such thing. */
export function timeBaseOf(title: string): TimeBase | null {
  const found = TIME_TITLE.exec(title.trim())
  if (found === null) return null
  if (/^tick$/i.test(found[1] as string)) return { kind: "stamped", tick: 0 }
  const tick = TIME_UNITS[(found[2] ?? found[3] ?? "").toLowerCase()]
  return tick === undefined ? null : { kind: "stamped", tick }
}
