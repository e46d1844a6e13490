import type { WriteOptions } from "../../model/format.js"
import type { Log } from "../../model/log.js"
import { UniqueNames } from "../../text/unique.js"
import { checkSeriesName, isWritableName, type SeriesName, seriesText, writableName } from "./names.js"

/**
 * The series that each group of a log becomes: its name if that is `net/method/id` already, else the station of the network and
 * method that the options `net` and `method` name (default: the log and its format).
 * @throws UsageError for a `net` or `method` that may not be written
 */
export function seriesOf(log: Log, { net, method }: WriteOptions): SeriesName[] {
  const free = new UniqueNames({ fold: (name) => name.toLowerCase() })
  return log.groups.map(({ name }) => {
    const parts = name.split("/")
    const isSeries = parts.length === 3 && parts.every(isWritableName)
    const own = isSeries ? { net: parts[0] as string, method: parts[1] as string, id: parts[2] as string } : null
    const series = {
      net: net === undefined ? (own?.net ?? writableName(log.name)) : String(net),
      method: method === undefined ? (own?.method ?? log.format) : String(method),
      id: own?.id ?? writableName(name),
    }
    const [id = series.id] = free.take(seriesText(series)).split("/").slice(-1)
    checkSeriesName({ ...series, id })
    return { ...series, id }
  })
}
