import type { Format, OpenOptions } from "../model/format.js"
import type { FormatName } from "../model/log.js"
import { refuseUnheeded } from "./heeded.js"

/** How a log is opened. */
export interface Opening extends OpenOptions {
  /** Overrides what the content says. */
  readonly format?: FormatName | undefined
  /**
   * Is told the format of every log that is opened with these options: one of several formats may heed an option, and the caller
   * refuses those that none heeds. Absent, an option that the log's own format does not heed is refused at once.
   */
  readonly onFormat?: ((format: Format) => void) | undefined
}

/** What is no option of a format: how it is found, and what its readers are given beside the user's wishes. */
const NO_OPTION = ["format", "onFormat", "specPath", "beside"]

/** Sees to it that no option is ignored. @throws UsageError for an option that the format does not heed, unless `onFormat` takes care of that */
export function heedOptions(format: Format, options: Opening, all: readonly Format[]): void {
  if (options.onFormat === undefined) refuseOptions(options, [format], all)
  else options.onFormat(format)
}

/** @throws UsageError for an option that none of the opened logs' formats heeds */
export function refuseOptions(options: Opening, opened: readonly Format[], all: readonly Format[]): void {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null)
  const names = given.map(([name]) => name).filter((name) => !NO_OPTION.includes(name))
  refuseUnheeded(names, opened, all)
}
