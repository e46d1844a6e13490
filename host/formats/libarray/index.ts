import { stat } from "node:fs/promises"
import { basename, resolve } from "node:path"
import type { Format } from "../../model/format.js"
import { loneFile } from "./lone-file.js"
import type { SeriesInput } from "./series.js"
import { diskFiles, findSeries, looksLikeTree } from "./tree.js"

/**
 * Daily text files in a tree of directories; a lone file of one is read as well.
 *
 * To read it: tree.ts (which files), read.ts, series.ts, scan.ts (bytes to lines), fields.ts (lines to columns).
 * To write it: write.ts, place.ts, names.ts. docs/architecture.md has every file in order.
 */
export const libarray: Format = {
  ...loneFile,
  sniffTree: async (path) => (await stat(path)).isDirectory() && looksLikeTree(diskFiles, path),
  async openTree(path, options) {
    return (await import("./read.js")).openSeries(basename(resolve(path)), "tree", await seriesBelow(path), options)
  },
  async *checkTree(path) {
    yield* (await import("./check.js")).checkSeries(await seriesBelow(path))
  },
}

async function seriesBelow(root: string): Promise<SeriesInput[]> {
  const { treeSeries } = await import("./tree-series.js")
  return findSeries(diskFiles, root).map((name) => treeSeries(diskFiles, root, name))
}
