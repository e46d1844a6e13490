import type { Compressors } from "../bytes/compressors.js"
import type { Target } from "../model/format.js"
import type { Loss } from "../model/log.js"

/** An export, whose writer is also given what it may compress with. Each writer is loaded on first use, so that `info` starts fast. */
interface Export extends Omit<Target, "write"> {
  readonly write: (...writing: [...Parameters<Target["write"]>, Compressors]) => Promise<Loss[]>
}

const EXPORTS: readonly Export[] = [
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
    write: async (log, output, options, compressors) =>
      (await import("../exports/parquet.js")).writeParquet(log, output, options, compressors),
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
    write: async (log, output, options, compressors) => (await import("../exports/mcap.js")).writeMcap(log, output, options, compressors),
  },
  {
    name: "mat",
    title: "MATLAB version 5",
    extensions: [".mat"],
    options: [],
    write: async (log, output, options) => (await import("../exports/mat.js")).writeMat(log, output, options),
  },
  {
    name: "mf4",
    title: "ASAM MDF 4.10",
    extensions: [".mf4", ".mdf"],
    options: [],
    write: async (log, output, options) => (await import("../exports/mdf.js")).writeMdf(log, output, options),
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

/**
 * The exports that need no file system: targets that fieldlog writes and does not read as a log.
 * @param compressors what Parquet and MCAP compress with; without zstd Parquet takes snappy, and MCAP does not compress
 */
export function exportTargets(compressors: Compressors): Target[] {
  return EXPORTS.map(({ write, ...target }) => ({
    ...target,
    write: (log, output, options) => write(log, output, options, compressors),
  }))
}
