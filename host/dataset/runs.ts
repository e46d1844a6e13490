import type { SchemaElement } from "hyparquet"
import { parquetWriteBuffer } from "hyparquet-writer"
import { replaceFile } from "../io/replace-file.js"

/** A run's manifest: all that a dataset knows of it. */
export interface Run {
  readonly run: string
  readonly file: string
  readonly format: string
  readonly name: string
  /** ns since 1970 UTC, or null. */
  readonly start: string | null
  readonly duration: number | null
  readonly rows: number
  readonly bytes: number
  /** Damaged places in the file. */
  readonly errors: number
  readonly partition: Readonly<Record<string, string>>
  readonly channels: readonly {
    group: string
    channel: string
    unit: string
    count: number
    min: number | null
    max: number | null
    mean: number | null
  }[]
}

/**
 * Prefix of a draft's name. Spark, Hive and Trino ignore files with this prefix in a folder of tables, so they see a file whole
 * or not at all, even if two machines write the same one. The one that is completed last stays.
 */
export const UNSEEN = "_"

/** A column of a table of `T`: its name, its type, its value in a row. */
type Column<T> = readonly [name: string, type: Omit<SchemaElement, "name">, value: (row: T) => unknown]

const TEXT = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const
const INTEGER = { type: "INT64" } as const
const NUMBER = { type: "DOUBLE" } as const
/** In µs, since Spark refuses a file with times in ns. */
const TIME = { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" } } as const

const RUN_COLUMNS: readonly Column<Run>[] = [
  ["file", TEXT, ({ file }) => file],
  ["format", TEXT, ({ format }) => format],
  ["name", TEXT, ({ name }) => name],
  ["start", TIME, ({ start }) => (start === null ? null : BigInt(start) / 1000n)],
  ["start_ns", INTEGER, ({ start }) => (start === null ? null : BigInt(start))],
  ["duration", NUMBER, ({ duration }) => duration],
  ["rows", INTEGER, ({ rows }) => BigInt(rows)],
  ["bytes", INTEGER, ({ bytes }) => BigInt(bytes)],
  ["errors", INTEGER, ({ errors }) => BigInt(errors)],
]

/** The names of the columns of `runs.parquet`, without the levels of the user. */
export const RUN_TABLE: readonly string[] = ["run", ...RUN_COLUMNS.map(([name]) => name)]

type RunChannel = Run["channels"][number] & { readonly run: string }

const CHANNEL_COLUMNS: readonly Column<RunChannel>[] = [
  ["run", TEXT, ({ run }) => run],
  ["group", TEXT, ({ group }) => group],
  ["channel", TEXT, ({ channel }) => channel],
  ["unit", TEXT, ({ unit }) => unit],
  ["count", INTEGER, ({ count }) => BigInt(count)],
  ["min", NUMBER, ({ min }) => min],
  ["max", NUMBER, ({ max }) => max],
  ["mean", NUMBER, ({ mean }) => mean],
]

/** Writes the table of runs: a row per run, and beside it `channels.parquet` with a row per channel of a run. */
export function writeRuns(path: string, runs: readonly Run[]): void {
  const levels = [...new Set(runs.flatMap(({ partition }) => Object.keys(partition)))].sort()
  const levelColumns = levels.map((level): Column<Run> => [level, TEXT, ({ partition }) => partition[level] ?? null])
  writeTable(path, [["run", TEXT, ({ run }) => run], ...levelColumns, ...RUN_COLUMNS], runs)
  const channels = runs.flatMap(({ run, channels }) => channels.map((channel) => ({ ...channel, run })))
  writeTable(path.replace(/runs\.parquet$/, "channels.parquet"), CHANNEL_COLUMNS, channels)
}

function writeTable<T>(path: string, columns: readonly Column<T>[], rows: readonly T[]): void {
  const elements = columns.map(([name, type]): SchemaElement => ({ name, repetition_type: "OPTIONAL", ...type }))
  const schema = [{ name: "table", num_children: columns.length }, ...elements]
  const columnData = columns.map(([name, , value]) => ({ name, data: rows.map(value) }))
  replaceFile(path, [new Uint8Array(parquetWriteBuffer({ columnData, schema, codec: "SNAPPY" }))], UNSEEN)
}
