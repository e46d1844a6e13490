import type { SchemaElement } from "hyparquet"
import { parquetWriteBuffer } from "hyparquet-writer"
import { writeWhole } from "./whole-file.js"

/** What a dataset knows of one run: its manifest. */
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

/** Writes the table of runs: a row per run, and beside it `channels.parquet` with a row per channel of a run. */
export function writeRuns(path: string, runs: readonly Run[]): void {
  const levels = [...new Set(runs.flatMap(({ partition }) => Object.keys(partition)))].sort()
  write(path, [
    text(
      "run",
      runs.map(({ run }) => run),
    ),
    ...levels.map((level) =>
      text(
        level,
        runs.map(({ partition }) => partition[level] ?? null),
      ),
    ),
    text(
      "file",
      runs.map(({ file }) => file),
    ),
    text(
      "format",
      runs.map(({ format }) => format),
    ),
    text(
      "name",
      runs.map(({ name }) => name),
    ),
    // In µs, since Spark refuses a file with times in ns; exact beside it.
    {
      ...column(
        "start",
        "INT64",
        runs.map(({ start }) => (start === null ? null : BigInt(start) / 1000n)),
      ),
      logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
    },
    column(
      "start_ns",
      "INT64",
      runs.map(({ start }) => (start === null ? null : BigInt(start))),
    ),
    column(
      "duration",
      "DOUBLE",
      runs.map(({ duration }) => duration),
    ),
    column(
      "rows",
      "INT64",
      runs.map(({ rows }) => BigInt(rows)),
    ),
    column(
      "bytes",
      "INT64",
      runs.map(({ bytes }) => BigInt(bytes)),
    ),
    column(
      "errors",
      "INT64",
      runs.map(({ errors }) => BigInt(errors)),
    ),
  ])
  const channels = runs.flatMap(({ run, channels: list }) => list.map((channel) => ({ run, ...channel })))
  write(path.replace(/runs\.parquet$/, "channels.parquet"), [
    text(
      "run",
      channels.map(({ run }) => run),
    ),
    text(
      "group",
      channels.map(({ group }) => group),
    ),
    text(
      "channel",
      channels.map(({ channel }) => channel),
    ),
    text(
      "unit",
      channels.map(({ unit }) => unit),
    ),
    column(
      "count",
      "INT64",
      channels.map(({ count }) => BigInt(count)),
    ),
    column(
      "min",
      "DOUBLE",
      channels.map(({ min }) => min),
    ),
    column(
      "max",
      "DOUBLE",
      channels.map(({ max }) => max),
    ),
    column(
      "mean",
      "DOUBLE",
      channels.map(({ mean }) => mean),
    ),
  ])
}

type Column = SchemaElement & { readonly data: unknown[] }

function column(name: string, type: NonNullable<SchemaElement["type"]>, data: unknown[]): Column {
  return { name, type, repetition_type: "OPTIONAL", data }
}

function text(name: string, data: (string | null)[]): Column {
  return { ...column(name, "BYTE_ARRAY", data), converted_type: "UTF8" }
}

function write(path: string, columns: readonly Column[]): void {
  const schema: SchemaElement[] = [{ name: "table", num_children: columns.length }, ...columns.map(({ data: _, ...element }) => element)]
  const bytes = parquetWriteBuffer({ columnData: columns.map(({ name, data }) => ({ name, data })), schema, codec: "SNAPPY" })
  writeWhole(path, new Uint8Array(bytes))
}
