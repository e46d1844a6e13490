import { csv } from "../imports/csv.js"
import type { Format } from "../model/format.js"

/** What can be read as a log beside the five formats. Found by name only where a user gives it: a folder of logs often holds its exports, too. */
export const imports: readonly Format[] = [
  csv,
  {
    name: "parquet",
    title: "Parquet with flat columns",
    extensions: [".parquet"],
    sniff: () => 0,
    // The library is loaded when it is wanted.
    open: async (source, options) => (await import("../imports/parquet.js")).parquet.open(source, options),
  },
]
