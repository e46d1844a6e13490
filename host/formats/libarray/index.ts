import { stat } from "node:fs/promises"
import { basename, resolve } from "node:path"
import type { Format } from "../../format.js"
import { scanLines } from "./lines.js"
import type { SeriesInput } from "./series.js"
import { diskFiles, findSeries, looksLikeTree } from "./tree.js"

/** Daily text files in a tree of directories; a lone file of one is read as well. Each part is loaded when it is needed. */
export const libarray: Format = {
  name: "libarray",
  title: "libarray tree of daily text series",
  extensions: [],
  sniff: (head) => {
    const end = head.indexOf(10)
    const first = scanLines(head.subarray(0, end < 0 ? head.length : end), null)
    return first.n === 1 ? 2 : 0
  },
  write: async (log, output, options) => (await import("./write.js")).writeTree(log, output, options),
  async *check(source) {
    const { sourceSeries } = await import("./series.js")
    yield* (await import("./check.js")).checkSeries([sourceSeries(source)])
  },
  async open(source, options) {
    const { sourceSeries } = await import("./series.js")
    return (await import("./read.js")).openSeries(source.name, "lone file", [sourceSeries(source)], options)
  },
  sniffTree: async (path) => (await stat(path)).isDirectory() && looksLikeTree(diskFiles, path),
  async openTree(path, options) {
    return (await import("./read.js")).openSeries(basename(resolve(path)), "tree", await seriesBelow(path), options)
  },
  async *checkTree(path) {
    yield* (await import("./check.js")).checkSeries(await seriesBelow(path))
  },
}

async function seriesBelow(root: string): Promise<SeriesInput[]> {
  const { treeSeries } = await import("./series.js")
  return findSeries(diskFiles, root).map((name) => treeSeries(diskFiles, root, name))
}
