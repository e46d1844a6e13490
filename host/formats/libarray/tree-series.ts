import { type SeriesName, seriesText } from "./names.js"
import type { SeriesInput } from "./series.js"
import { readStretches } from "./stretches.js"
import { seriesFiles, type TreeFiles } from "./tree.js"

/** A series of a tree. */
export function treeSeries(files: TreeFiles, root: string, series: SeriesName): SeriesInput {
  return {
    name: seriesText(series),
    files: (from) =>
      [...seriesFiles(files, root, series, from?.firstDay ?? Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)].map((file) => {
        return { label: file.below, firstDay: file.firstDay, stretches: (options) => readStretches(files, file, options) }
      }),
    async close() {},
  }
}
