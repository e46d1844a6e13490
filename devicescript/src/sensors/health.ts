import { nothing, type Source } from "../source.js"
import type { Status } from "../status.js"

/** The logger's own health: rows dropped, most sectors waiting, slowest card write. */
export function health(status: Status): Source {
  return {
    start: nothing,
    read: (values) => {
      status.report(values)
      return true
    },
  }
}
