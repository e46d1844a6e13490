import type { Storage, Wire } from "./wire.js"

/**
 * The model: every format is read into it and written from it.
 *
 * A log is a few groups of channels. Channels of a group are sampled together and share their ticks.
 * Rows come as chunks of typed columns of raw values; calibration and unit travel beside them.
 */

export type { Storage, Wire }

/** One column of a chunk: the raw values of one channel, one per row. */
export type Values = Storage[Wire]

/** Columns of numbers that a plain `number` loop can read. */
export type NumberValues = Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array

/** Columns of 64-bit integers. */
export type BigValues = BigInt64Array | BigUint64Array

/** Ticks of a chunk's rows: the file's own time numbers, in `TimeBase` units. */
export type Ticks = Float64Array | BigInt64Array

/** `physical = (raw + addition) / divisor * multiplier`, in f64, in this order (Meteor's rule). */
export interface Calibration {
  readonly addition: number
  readonly divisor: number
  readonly multiplier: number
}

/** One named quantity. */
export interface Channel {
  readonly name: string
  /** Free text as the source gives it; empty if unknown. */
  readonly unit: string
  /** Type in the file; the columns of all chunks are `Storage[type]`. */
  readonly type: Wire
  readonly calibration: Calibration | null
  /** What the file says beside this: description, display digits, enumeration names. */
  readonly notes: Readonly<Record<string, string>>
}

/**
 * How a row's tick becomes a time.
 * `fixed`: row n is at `offset + n / rate` seconds, and its tick is `first + n` where the file numbers its rows itself, else
 * `round(offset * rate) + n`.
 * `stamped`: `tick` seconds per tick; 0 when the file does not say. `naive`: the ticks are a wall clock without a zone, counted from
 * 1970 on that clock; people read and write them as dates, and count seconds from the first row. `zone`: that clock's zone (an IANA
 * name) is known. Then the ticks count from 1970 UTC, and only what people see is the time on that clock.
 */
export type TimeBase =
  | { readonly kind: "fixed"; readonly rate: number; readonly offset: number; readonly first?: number }
  | { readonly kind: "stamped"; readonly tick: number; readonly naive?: true; readonly zone?: string }

/** Channels sampled together. */
export interface Group {
  readonly name: string
  readonly time: TimeBase
  readonly channels: readonly Channel[]
  /** How much faster than their nominal rate the rows come by UTC, in ppm; absent where the file does not tell. */
  readonly drift?: number
  /** How the format names it: a Meteor id, a ddff stream id, a JLS signal id. */
  readonly id: number
}

/**
 * A run of rows of one group. Its arrays belong to whoever receives it.
 *
 * Chunks come in windows: no row of window w+1 is earlier than a row of window w, except where the file itself
 * goes back in time. So whoever merges groups by time needs to hold one window only.
 */
export interface Chunk {
  /** Index into `Log.groups`. */
  readonly group: number
  /**
   * Index within the group of the chunk's first row, counting every row of the file. In a group with its own ticks, a reader that
   * skipped to `Selection.start` without looking at what lies before counts from the first row it saw.
   */
  readonly first: number
  readonly rows: number
  readonly window: number
  /** `rows` values, or null for a fixed rate. Where a column holds the time, this may be that very array. */
  readonly ticks: Ticks | null
  /** One per channel, `rows` values each. */
  readonly columns: readonly Values[]
  /** Per channel null, or `rows` bytes: 1 where the file has no value for that row. */
  readonly missing: readonly (Uint8Array | null)[]
  /** With `Selection.order: "file"`: byte offset in the file of each row, else null. */
  readonly order: Float64Array | null
}

/** `error`: rows or values are lost or doubtful. `warning`: a rule is broken, nothing is lost. `note`: good to know. */
export type Severity = "error" | "warning" | "note"

/** Something in the file that is not as it should be. Damage is data: reading goes on behind it. */
export interface Issue {
  /** Kebab-case name, stable over releases: `bad-crc`, `gap`, `truncated`, `unknown-id`, `clock-step`, ... */
  readonly kind: string
  readonly severity: Severity
  /** Byte offset in the file, or -1 when the issue has no place. */
  readonly at: number
  /** Bytes concerned, 0 if none. */
  readonly length: number
  /** Group name, or null. */
  readonly group: string | null
  /** The file that `at` counts in, where a log has several. */
  readonly file?: string
  /** What is damaged only describes rows: none is missing because of it. */
  readonly rowsKept?: true
  readonly text: string
}

/** A remark at a point in time. */
export interface Annotation {
  /** Index into `Log.groups`, or null for the whole log. */
  readonly group: number | null
  /** Seconds from the log's start; null if the annotation has no time. */
  readonly time: number | null
  /** Tick as stored, or null. */
  readonly tick: number | bigint | null
  readonly kind: "text" | "vertical" | "horizontal" | "user"
  readonly text: string
  /** Bytes of a binary annotation, else null. */
  readonly data: Uint8Array | null
  /** Vertical position, or null for automatic. */
  readonly y: number | null
}

/** A pair that ties a group's tick to wall time: `utc` in ns since 1970 UTC. */
export interface UtcPoint {
  readonly group: number
  readonly tick: bigint
  readonly utc: bigint
}

/** Data that the application put beside the log. */
export interface UserData {
  readonly meta: number
  readonly kind: "binary" | "text" | "json"
  readonly data: Uint8Array
}

/** Which rows a reader shall deliver. */
export interface Selection {
  /** Indexes into `Log.groups`; all when absent. */
  readonly groups?: readonly number[]
  /** Seconds from the log's start, half open: start <= time < end. Groups without time deliver all rows. */
  readonly start?: number
  readonly end?: number
  /** `file` fills `Chunk.order`. */
  readonly order?: "time" | "file"
  /** The arrays of a chunk may be used again for the next window: for who is done with a chunk before asking for the next. */
  readonly reuse?: boolean
  /** A pass over all rows keeps what helps to find a range later without reading the rest, where that is not free. */
  readonly remember?: boolean
  /** Aborts between windows. */
  readonly signal?: AbortSignal
  /** Called between windows with the bytes of the file that are done. */
  readonly progress?: (bytes: number) => void
  /**
   * For files that grow. At the end of the data the reader delivers what it has, then awaits this:
   * true means look again (`Source.refresh` has been called), false means stop.
   */
  readonly follow?: () => Promise<boolean>
}

/** What a look at the structure tells of a group, without reading values. */
export interface GroupSurvey {
  readonly rows: number
  /** Tick of the first and last row, null if none. */
  readonly first: number | bigint | null
  readonly last: number | bigint | null
}

/** The result of `Log.survey`: one entry per group, in the order of `Log.groups`. */
export interface Survey {
  readonly groups: readonly GroupSurvey[]
  /** From the earliest to the latest row in seconds; null when the file gives no time. */
  readonly duration: number | null
}

/** One channel over time in buckets of equal length: each array has one value per bucket, physical units, NaN where empty. */
export interface Reduced {
  readonly count: Float64Array
  readonly mean: Float64Array
  /** Population standard deviation. */
  readonly std: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
}

/**
 * How a reader answers from stored summaries. `exact` (what is meant when nothing is said): every value counts in its own
 * bucket, and what is not finite counts nowhere. `drawn`: fast and good enough for a picture: a summary that a bucket's edge
 * cuts counts on both sides, and one of values that are not all finite counts as if they were.
 */
export type Exactness = "exact" | "drawn"

/** The five formats, and the tables that can be read as logs. */
export type FormatName = "meteor" | "ddff" | "btsf" | "jls" | "libarray" | "csv" | "parquet"

/** An open log. */
export interface Log {
  readonly format: FormatName
  /** `version 2`, `tagged, block 512`: what kind of file of that format this is. */
  readonly variant: string
  /** The name in the file, or the file's base name. */
  readonly name: string
  /** ns since 1970 UTC of second 0, or null when the file does not say. */
  readonly start: bigint | null
  /** Known at opening; a group that turns up later is added at the end. Final after `survey()` or a full read. */
  readonly groups: readonly Group[]
  readonly annotations: readonly Annotation[]
  readonly utc: readonly UtcPoint[]
  readonly userData: readonly UserData[]
  /** Grows while the log is read: complete after `survey()` or a full read. Capped; the last entry says what was left out. */
  readonly issues: readonly Issue[]
  /** Rows and ticks per group, read from the structure alone where the format allows. Makes `groups` and `issues` final. */
  survey(selection?: Pick<Selection, "signal" | "progress">): Promise<Survey>
  /** The rows, as chunks in windows. May be called again for another pass. */
  chunks(selection?: Selection): AsyncIterable<Chunk>
  /** Answers from summaries stored in the file, where the format has them: `from <= time < to` in seconds, cut into `buckets`. */
  reduce?(group: number, channel: number, from: number, to: number, buckets: number, how?: Exactness): Promise<Reduced>
  /**
   * Chunks that hold the first and last `rows` rows of each group, and perhaps rows between them, without reading the others.
   * Null where that cannot be done; `chunks` gives them then.
   */
  ends?(rows: number): Promise<readonly Chunk[] | null>
  close(): Promise<void>
}

/** Something a writer could not carry. */
export interface Loss {
  /** `rows` and `values`: data is missing from the output (exit 3). `form`: the target has no place for it (exit 0). */
  readonly kind: "rows" | "values" | "form"
  readonly count: number
  /** A sentence for the user: "3 annotations dropped: btsf has no place for them". */
  readonly text: string
}
