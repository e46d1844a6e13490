import type { Format } from "../../model/format.js"
import { scanLines } from "./scan.js"

/** libarray as far as it needs no file system: one file of a tree is read, any log is written as a tree. Each part is loaded when it is needed. */
export const loneFile: Format = {
  name: "libarray",
  title: "libarray tree of daily text series",
  extensions: [],
  options: ["tz"],
  writeOptions: ["net", "method", "fraction", "separator", "tz"],
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
}
