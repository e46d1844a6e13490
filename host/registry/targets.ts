import { nodeCompressors } from "../io/compressors.js"
import { UsageError } from "../model/errors.js"
import type { Format, Target } from "../model/format.js"
import { exportTargets } from "./export-targets.js"
import { targetAmong, targetByExtension, targetOfFormat } from "./named.js"
import { formats } from "./open.js"

/** The exports: targets that fieldlog writes and does not read as a log. */
export const exports: readonly Target[] = [
  ...exportTargets(nodeCompressors),
  {
    name: "hdf5",
    title: "HDF5",
    extensions: [".h5", ".hdf5"],
    options: [],
    write: async (log, output, options) => (await import("../exports/hdf5.js")).writeHdf5(log, output, options),
  },
  {
    name: "sqlite",
    title: "SQLite database",
    extensions: [".sqlite", ".sqlite3", ".db"],
    options: [],
    write: async (log, output, options) => (await import("../exports/sqlite.js")).writeSqlite(log, output, options),
  },
]

/** Everything that a log can be written as. */
export function targets(): Target[] {
  return [...formats.flatMap((format) => targetOfFormat(format) ?? []), ...exports]
}

/** What an output of this name is to be: by `to` (a name or an extension without its dot), else by its longest known extension. @throws UsageError */
export function targetFor(path: string, to?: string): Target {
  return targetAmong(targets(), path, to)
}

/** @throws UsageError for a path whose extension is another target's: what reads it by its name would take it for that */
export function refuseOtherExtension(path: string, { name, extensions }: Pick<Format, "name" | "extensions">): void {
  const other = targetByExtension(targets(), path)
  if (other === undefined || other.name === name || extensions.some((extension) => path.toLowerCase().endsWith(extension))) return
  throw new UsageError(`has the extension of ${other.name}, and a ${name} log is written`, {
    path,
    hint: `${extensions[0] ?? "no extension"} is ${name}'s; fieldlog convert writes ${other.name}`,
  })
}
