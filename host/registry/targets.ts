import { UsageError } from "../model/errors.js"
import type { Format, Target } from "../model/format.js"
import { given } from "../model/options.js"
import { nearest } from "../text/nearest.js"
import { formats } from "./open.js"

/** The exports: targets that fieldlog writes and does not read as a log. Each is loaded on first use, so that `info` starts fast. */
export const exports: readonly Target[] = [
  {
    name: "csv",
    title: "CSV: wide, long or one file a group",
    extensions: [".csv"],
    text: true,
    options: ["layout", "separator", "decimal", "newline", "units", "spreadsheet", "bom", "time"],
    write: async (log, output, options) => (await import("../exports/csv.js")).writeCsv(log, output, options),
  },
  {
    name: "tsv",
    title: "CSV with tabs",
    extensions: [".tsv"],
    text: true,
    options: ["layout", "decimal", "newline", "units", "spreadsheet", "bom", "time"],
    write: async (log, output, options) => (await import("../exports/csv.js")).writeCsv(log, output, options, "\t"),
  },
  {
    name: "ndjson",
    title: "NDJSON: one JSON object a row",
    extensions: [".ndjson", ".jsonl"],
    text: true,
    options: [],
    write: async (log, output, options) => (await import("../exports/ndjson.js")).writeNdjson(log, output, options),
  },
  {
    name: "parquet",
    title: "Parquet: wide, long or one file a group",
    extensions: [".parquet"],
    options: ["layout", "time", "codec"],
    write: async (log, output, options) => (await import("../exports/parquet.js")).writeParquet(log, output, options),
  },
  {
    name: "arrow",
    title: "Arrow IPC file (Feather 2)",
    extensions: [".arrow", ".feather"],
    options: ["layout", "time", "stream"],
    write: async (log, output, options) => (await import("../exports/arrow.js")).writeArrow(log, output, options),
  },
  {
    name: "mcap",
    title: "MCAP with JSON messages, for Foxglove",
    extensions: [".mcap"],
    options: [],
    write: async (log, output, options) => (await import("../exports/mcap.js")).writeMcap(log, output, options),
  },
  {
    name: "mat",
    title: "MATLAB version 5",
    extensions: [".mat"],
    options: [],
    write: async (log, output, options) => (await import("../exports/mat.js")).writeMat(log, output, options),
  },
  {
    name: "hdf5",
    title: "HDF5",
    extensions: [".h5", ".hdf5"],
    options: [],
    write: async (log, output, options) => (await import("../exports/hdf5.js")).writeHdf5(log, output, options),
  },
  {
    name: "mf4",
    title: "ASAM MDF 4.10",
    extensions: [".mf4", ".mdf"],
    options: [],
    write: async (log, output, options) => (await import("../exports/mdf.js")).writeMdf(log, output, options),
  },
  {
    name: "sqlite",
    title: "SQLite database",
    extensions: [".sqlite", ".sqlite3", ".db"],
    options: [],
    write: async (log, output, options) => (await import("../exports/sqlite.js")).writeSqlite(log, output, options),
  },
  {
    name: "influx",
    title: "InfluxDB line protocol",
    extensions: [".lp", ".influx"],
    text: true,
    options: [],
    write: async (log, output, options) => (await import("../exports/influx.js")).writeInflux(log, output, options),
  },
  {
    name: "mlg",
    title: "MegaLogViewer MLG version 2",
    extensions: [".mlg"],
    ownGrid: true,
    options: ["rate", "hold", "fill"],
    write: async (log, output, options) => (await import("../exports/mlg.js")).writeMlg(log, output, options),
  },
  {
    name: "msl",
    title: "MegaLogViewer MSL text",
    extensions: [".msl"],
    text: true,
    ownGrid: true,
    options: ["rate", "hold", "fill"],
    write: async (log, output, options) => (await import("../exports/msl.js")).writeMsl(log, output, options),
  },
  {
    name: "motec",
    title: "MoTeC i2 CSV",
    extensions: [".motec.csv"],
    text: true,
    ownGrid: true,
    options: ["rate", "hold", "fill", "venue", "vehicle", "driver", "device", "comment"],
    write: async (log, output, options) => (await import("../exports/motec.js")).writeMotec(log, output, options),
  },
]

/** Everything that a log can be written as. */
export function targets(): Target[] {
  return [...formats.flatMap((format) => ofFormat(format) ?? []), ...exports]
}

/** What an output of this name is to be: by `to` (a name or an extension without its dot), else by its longest known extension. @throws UsageError */
export function targetFor(path: string, to?: string): Target {
  const all = targets()
  const names = all.map(({ name }) => name)
  const hint = `--to takes ${names.join(", ")}`
  if (to === undefined) {
    const target = byExtension(all, path)
    if (target !== undefined) return target
    if (path === "-") throw new UsageError("standard output has no extension that says what to write", { hint })
    const extension = /[^/\\.](\.[^./\\]+)$/.exec(path)?.[1]
    throw new UsageError(extension === undefined ? "has no extension that says what to write" : `nothing is written as ${extension}`, {
      path,
      hint,
    })
  }
  const wanted = to.toLowerCase()
  const target = all.find(({ name }) => name === wanted) ?? byExtension(all, `.${wanted}`)
  if (target !== undefined) return target
  const [near] = nearest(wanted, names, 1)
  throw new UsageError(`cannot write "${to}"${near === undefined ? "" : `: did you mean "${near}"?`}`, { hint })
}

/** @throws UsageError for a path whose extension is another target's: what reads it by its name would take it for that */
export function refuseOtherExtension(path: string, { name, extensions }: Pick<Format, "name" | "extensions">): void {
  const other = byExtension(targets(), path)
  if (other === undefined || other.name === name || extensions.some((extension) => path.toLowerCase().endsWith(extension))) return
  throw new UsageError(`has the extension of ${other.name}, and a ${name} log is written`, {
    path,
    hint: `${extensions[0] ?? "no extension"} is ${name}'s; fieldlog convert writes ${other.name}`,
  })
}

function byExtension(all: readonly Target[], path: string): Target | undefined {
  const lower = path.toLowerCase()
  const matches = all.flatMap((target) =>
    target.extensions.filter((extension) => lower.endsWith(extension)).map(({ length }) => ({ target, length })),
  )
  return matches.sort((a, b) => b.length - a.length)[0]?.target
}

function ofFormat({ name, title, extensions, write, writeOptions = [], append, ownGrid, openTree }: Format): Target | null {
  if (write === undefined) return null
  return {
    name,
    title,
    extensions,
    options: writeOptions,
    write,
    ...given({ append, ownGrid, folder: openTree === undefined ? undefined : true }),
  }
}
