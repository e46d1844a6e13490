import type { Writer } from "../model/format.js"

/** A way out: a format that fieldlog writes and does not read as a log. */
export interface Target {
  /** What `--to` takes. */
  readonly name: string
  readonly title: string
  /** Lower case, with dot; the first is the usual one. */
  readonly extensions: readonly string[]
  /** True for text, which may be shown on a terminal. */
  readonly text?: boolean
  readonly write: Writer
}

/** The ways out. Each is loaded on first use, so that `info` starts fast. */
export const exports: readonly Target[] = [
  {
    name: "csv",
    title: "CSV: wide, long or one file a group",
    extensions: [".csv"],
    text: true,
    write: async (log, output, options) => (await import("../exports/csv.js")).writeCsv(log, output, options),
  },
  {
    name: "tsv",
    title: "CSV with tabs",
    extensions: [".tsv"],
    text: true,
    write: async (log, output, options) => (await import("../exports/csv.js")).writeCsv(log, output, { separator: "\t", ...options }),
  },
  {
    name: "ndjson",
    title: "NDJSON: one JSON object a row",
    extensions: [".ndjson", ".jsonl"],
    text: true,
    write: async (log, output, options) => (await import("../exports/ndjson.js")).writeNdjson(log, output, options),
  },
  {
    name: "parquet",
    title: "Parquet: wide, long or one file a group",
    extensions: [".parquet"],
    write: async (log, output, options) => (await import("../exports/parquet.js")).writeParquet(log, output, options),
  },
  {
    name: "arrow",
    title: "Arrow IPC file (Feather 2)",
    extensions: [".arrow", ".feather"],
    write: async (log, output, options) => (await import("../exports/arrow.js")).writeArrow(log, output, options),
  },
  {
    name: "mcap",
    title: "MCAP with JSON messages, for Foxglove",
    extensions: [".mcap"],
    write: async (log, output, options) => (await import("../exports/mcap.js")).writeMcap(log, output, options),
  },
  {
    name: "mat",
    title: "MATLAB version 5",
    extensions: [".mat"],
    write: async (log, output, options) => (await import("../exports/mat.js")).writeMat(log, output, options),
  },
  {
    name: "hdf5",
    title: "HDF5",
    extensions: [".h5", ".hdf5"],
    write: async (log, output, options) => (await import("../exports/hdf5.js")).writeHdf5(log, output, options),
  },
  {
    name: "mf4",
    title: "ASAM MDF 4.10",
    extensions: [".mf4", ".mdf"],
    write: async (log, output, options) => (await import("../exports/mdf.js")).writeMdf(log, output, options),
  },
  {
    name: "sqlite",
    title: "SQLite database",
    extensions: [".sqlite", ".sqlite3", ".db"],
    write: async (log, output, options) => (await import("../exports/sqlite.js")).writeSqlite(log, output, options),
  },
  {
    name: "influx",
    title: "InfluxDB line protocol",
    extensions: [".lp", ".influx"],
    text: true,
    write: async (log, output, options) => (await import("../exports/influx.js")).writeInflux(log, output, options),
  },
  {
    name: "mlg",
    title: "MegaLogViewer MLG version 2",
    extensions: [".mlg"],
    write: async (log, output, options) => (await import("../exports/mlg.js")).writeMlg(log, output, options),
  },
  {
    name: "msl",
    title: "MegaLogViewer MSL text",
    extensions: [".msl"],
    text: true,
    write: async (log, output, options) => (await import("../exports/msl.js")).writeMsl(log, output, options),
  },
  {
    name: "motec",
    title: "MoTeC i2 CSV",
    extensions: [".motec.csv"],
    text: true,
    write: async (log, output, options) => (await import("../exports/motec.js")).writeMotec(log, output, options),
  },
]

/** The way out of this name, or undefined. */
export function exportNamed(name: string): Target | undefined {
  return exports.find((target) => target.name === name)
}

/** The way out for a file of this name, by its longest extension, or undefined. */
export function exportFor(path: string): Target | undefined {
  const lower = path.toLowerCase()
  const matches = exports.flatMap((target) =>
    target.extensions.filter((each) => lower.endsWith(each)).map((each) => ({ target, length: each.length })),
  )
  return matches.sort((a, b) => b.length - a.length)[0]?.target
}
