import { OptionError } from "../../model/errors.js"
import type { WriteOptions } from "../../model/format.js"
import type { Selection } from "../../model/log.js"
import { flag } from "../../text/asked.js"

/** Options that every export heeds, beside the options that it declares. */
export interface ExportOptions {
  /** Rows to write; all when absent. */
  readonly selection: Selection
  /** Stored values instead of physical ones. */
  readonly raw: boolean
}

/** The options that all exports heed: `selection` (a `Selection`) and `raw`. */
export function exportOptions(options: WriteOptions): ExportOptions {
  return { selection: (options.selection as Selection | undefined) ?? {}, raw: flag(options, "raw") }
}

/** Default of `hold`, in seconds. */
const DEFAULT_HOLD = 1

/** The hold limit in seconds; with 0 a value counts for its own row only. @throws UsageError if it is not a number of seconds */
export function holdOf(options: WriteOptions): number {
  const hold = Number(options.hold ?? DEFAULT_HOLD)
  if (!(hold >= 0)) throw new OptionError((called) => `${called("hold")}: ${options.hold} is not a number of seconds`)
  return hold
}
