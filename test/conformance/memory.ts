import { MemorySink } from "../../host/bytes/sink.js"
import type { Output } from "../../host/model/format.js"
import type {
  Annotation,
  Calibration,
  Channel,
  Chunk,
  Group,
  Issue,
  Log,
  Selection,
  Ticks,
  TimeBase,
  UserData,
  UtcPoint,
  Values,
  Wire,
} from "../../host/model/log.js"
import { rowTimes } from "../../host/model/time.js"
import { newValues } from "../../host/model/values.js"

/** One channel of a case; `values` has one entry per row, `null` where the log has no value. */
export interface CaseChannel {
  readonly name: string
  readonly type: Wire
  readonly values: readonly unknown[]
  readonly unit?: string
  readonly calibration?: Calibration
  readonly notes?: Record<string, string>
}

/** One group of a case. */
export interface CaseGroup {
  readonly name: string
  readonly time: TimeBase
  /** One per row; absent for a fixed rate. */
  readonly ticks?: readonly (number | bigint)[]
  readonly channels: readonly CaseChannel[]
}

/** A log as data. */
export interface Case {
  readonly name?: string
  readonly format?: Log["format"]
  readonly start?: bigint | null
  readonly groups: readonly CaseGroup[]
  readonly annotations?: readonly Annotation[]
  readonly utc?: readonly UtcPoint[]
  readonly userData?: readonly UserData[]
  readonly issues?: readonly Issue[]
  /** Length of a window in seconds (ticks without time); one window when absent. */
  readonly window?: number
  /** Groups known before `survey()`; all when absent. */
  readonly known?: number
}

/** A log in memory that keeps the contract of `Log`: windows by time, groups that turn up late, selections. */
export function memoryLog(data: Case): Log {
  const all: Group[] = data.groups.map((group, id) => ({ name: group.name, time: group.time, id, channels: group.channels.map(channelOf) }))
  const groups = all.slice(0, data.known ?? all.length)
  const grow = (to: number) => {
    while (groups.length < to) groups.push(all[groups.length] as Group)
  }
  const whole = data.groups.map((group, g) => wholeChunk(group, g))
  const times = whole.map((chunk, g) => rowTimes(all[g] as Group, chunk))
  return {
    format: data.format ?? "meteor",
    variant: "memory",
    name: data.name ?? "memory",
    start: data.start ?? null,
    groups,
    annotations: data.annotations ?? [],
    utc: data.utc ?? [],
    userData: data.userData ?? [],
    issues: data.issues ?? [],
    async survey() {
      grow(all.length)
      const ends = times.filter((each) => each.length > 0)
      const first = Math.min(...ends.map((each) => Math.min(...each)))
      const last = Math.max(...ends.map((each) => Math.max(...each)))
      return {
        groups: whole.map(({ rows, ticks }) => ({
          rows,
          first: rows === 0 ? null : (ticks?.[0] ?? 0),
          last: rows === 0 ? null : (ticks?.[rows - 1] ?? rows - 1),
        })),
        duration: ends.length === 0 || all.some(({ time }) => time.kind === "stamped" && time.tick === 0) ? null : last - first,
      }
    },
    async *chunks(selection: Selection = {}) {
      const wanted = new Set(selection.groups ?? all.keys())
      for (const chunk of cut(whole, times, data.window ?? Number.POSITIVE_INFINITY)) {
        grow(chunk.group + 1)
        const range = rangeOf(chunk, times[chunk.group] as Float64Array, selection)
        if (wanted.has(chunk.group) && range.rows > 0) yield part(chunk, range.from, range.rows)
      }
    },
    async close() {},
  }
}

function channelOf({ name, type, unit, calibration, notes }: CaseChannel): Channel {
  return { name, type, unit: unit ?? "", calibration: calibration ?? null, notes: notes ?? {} }
}

function wholeChunk(group: CaseGroup, index: number): Chunk {
  const rows = group.channels[0]?.values.length ?? group.ticks?.length ?? 0
  return {
    group: index,
    first: 0,
    rows,
    window: 0,
    ticks: group.ticks === undefined ? null : ticksOf(group.ticks),
    columns: group.channels.map(columnOf),
    missing: group.channels.map(({ values }) =>
      values.includes(null) ? Uint8Array.from(values, (value) => (value === null ? 1 : 0)) : null,
    ),
    order: null,
  }
}

function ticksOf(ticks: readonly (number | bigint)[]): Ticks {
  return typeof ticks[0] === "bigint" ? BigInt64Array.from(ticks as bigint[]) : Float64Array.from(ticks as number[])
}

function columnOf({ type, values }: CaseChannel): Values {
  const column = newValues(type, values.length) as unknown[]
  for (const [i, value] of values.entries()) if (value !== null) column[i] = value
  return column as Values
}

/** Windows of equal length in time; a group's rows stay in order, so a row that goes back stays with the one before it. */
function cut(whole: readonly Chunk[], times: readonly Float64Array[], length: number): Chunk[] {
  const parts: Chunk[] = []
  for (const [g, chunk] of whole.entries()) {
    let from = 0
    for (let i = 1; i <= chunk.rows; i++) {
      const here = windowOf(times[g] as Float64Array, from, length)
      if (i < chunk.rows && windowOf(times[g] as Float64Array, i, length) <= here) continue
      parts.push({ ...part(chunk, from, i - from), window: here })
      from = i
    }
  }
  return parts.sort((a, b) => a.window - b.window || a.group - b.group)
}

function windowOf(times: Float64Array, i: number, length: number): number {
  return Math.floor((times[i] as number) / length) || 0
}

function rangeOf(chunk: Chunk, times: Float64Array, { start, end }: Selection): { from: number; rows: number } {
  let from = 0
  let to = chunk.rows
  const at = (i: number) => times[chunk.first + i] as number
  if (start !== undefined) while (from < to && at(from) < start) from++
  if (end !== undefined) while (to > from && at(to - 1) >= end) to--
  return { from, rows: to - from }
}

function part(chunk: Chunk, from: number, rows: number): Chunk {
  const end = from + rows
  return {
    ...chunk,
    first: chunk.first + from,
    rows,
    ticks: chunk.ticks === null ? null : chunk.ticks.slice(from, end),
    columns: chunk.columns.map((column) => column.slice(from, end) as Values),
    missing: chunk.missing.map((flags) => flags?.slice(from, end) ?? null),
  }
}

/** An output in memory: the main file under its own name, others beside it. */
export class MemoryOutput implements Output {
  readonly files = new Map<string, MemorySink>()
  constructor(readonly name = "log.out") {}

  sink(relative = this.name): MemorySink {
    if (this.files.has(relative)) throw new Error(`${relative} opened twice`)
    const sink = new MemorySink()
    this.files.set(relative, sink)
    return sink
  }

  bytes(relative = this.name): Uint8Array {
    const sink = this.files.get(relative)
    if (sink === undefined) throw new Error(`${relative} was not written`)
    return sink.bytes()
  }

  text(relative = this.name): string {
    return new TextDecoder().decode(this.bytes(relative))
  }
}
