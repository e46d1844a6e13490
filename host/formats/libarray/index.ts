import { stat } from "node:fs/promises"
import { basename, resolve } from "node:path"
import type { Format } from "../../format.js"
import { checkSeries } from "./check.js"
import { scanLines } from "./lines.js"
import { openSeries } from "./read.js"
import { type SeriesInput, sourceSeries, treeSeries } from "./series.js"
import { diskFiles, findSeries, looksLikeTree } from "./tree.js"
import { writeTree } from "./write.js"

/** Daily text files in a tree of directories; a lone file of one is read as well. */
export const libarray: Format = {
  name: "libarray",
  title: "libarray tree of daily text series",
  extensions: [],
  sniff: (head) => {
    const end = head.indexOf(10)
    const first = scanLines(head.subarray(0, end < 0 ? head.length : end), null)
    return first.n === 1 ? 2 : 0
  },
  write: writeTree,
  check: (source) => checkSeries([sourceSeries(source)]),
  open: (source, options) => openSeries(source.name, "lone file", [sourceSeries(source)], options),
  sniffTree: async (path) => (await stat(path)).isDirectory() && looksLikeTree(diskFiles, path),
  openTree: (path, options) => {
    return openSeries(basename(resolve(path)), "tree", seriesBelow(path), options)
  },
  checkTree: (path) => checkSeries(seriesBelow(path)),
}

function seriesBelow(root: string): SeriesInput[] {
  return findSeries(diskFiles, root).map((name) => treeSeries(diskFiles, root, name))
}
