import type { Channel, Chunk, Group, Log, TimeBase, Values, Wire } from "../../../host/model/log.js"
import { newValues } from "../../../host/model/values.js"

/** One group of a made-up log: ticks and columns, missing values as null. */
export interface MadeGroup {
  readonly name: string
  readonly time?: TimeBase
  readonly channels: readonly {
    readonly name: string
    readonly type: Wire
    readonly unit?: string
    readonly calibration?: Channel["calibration"]
  }[]
  readonly ticks: readonly (number | bigint)[]
  /** By channel. */
  readonly columns: readonly (readonly unknown[])[]
}

/** A log in memory, delivered in chunks of `chunkRows` rows. */
export function madeLog(made: readonly MadeGroup[], chunkRows = 1000): Log {
  const groups = made.map(({ name, time, channels }, id): Group => {
    const list = channels.map((channel): Channel => ({ unit: "", calibration: null, notes: {}, ...channel }))
    return { name, id, time: time ?? { kind: "stamped", tick: 0.001 }, channels: list }
  })
  return {
    format: "ddff",
    variant: "made",
    name: "made",
    start: null,
    groups,
    annotations: [],
    utc: [],
    userData: [],
    issues: [],
    async survey() {
      return {
        groups: made.map(({ ticks }) => ({ rows: ticks.length, first: ticks[0] ?? null, last: ticks.at(-1) ?? null })),
        duration: null,
      }
    },
    async *chunks() {
      for (const [group, { ticks, columns, channels }] of made.entries()) {
        for (let first = 0; first < ticks.length; first += chunkRows) {
          const rows = Math.min(chunkRows, ticks.length - first)
          const cut = columns.map((column, i) => cutColumn(column.slice(first, first + rows), (channels[i] as { type: Wire }).type))
          const chunk: Chunk = {
            group,
            first,
            rows,
            window: first / chunkRows,
            ticks: Float64Array.from(ticks.slice(first, first + rows), Number),
            columns: cut.map(({ values }) => values),
            missing: cut.map(({ missing }) => missing),
            order: null,
          }
          yield chunk
        }
      }
    },
    async close() {},
  }
}

function cutColumn(column: readonly unknown[], type: Wire): { values: Values; missing: Uint8Array | null } {
  const values = newValues(type, column.length) as unknown[]
  const missing = new Uint8Array(column.length)
  for (const [row, value] of column.entries()) {
    if (value === null) missing[row] = 1
    else values[row] = value
  }
  return { values: values as Values, missing: missing.includes(1) ? missing : null }
}
