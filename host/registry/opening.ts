import type { Format, OpenOptions } from "../model/format.js"
import type { FormatName } from "../model/log.js"
import { aText, checkOptions, choice, flag, positive } from "../text/asked.js"
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
const NO_OPTION = ["format", "onFormat", "specPath", "beside", "besides"]

/** The names of everything that `Opening` holds. */
const OPENING = Object.keys({
  format: 1,
  spec: 1,
  specPath: 1,
  tick: 1,
  monthBase: 1,
  recording: 1,
  gaps: 1,
  tz: 1,
  beside: 1,
  besides: 1,
  onFormat: 1,
} satisfies Record<keyof Opening, 1>)

/**
 * Refuses names and values that no format knows, before anything is opened.
 * @param given what the caller gave as options, of which `own` are not for the formats: names and those that are on or off
 * @param what the function, as the error names it
 * @throws UsageError with the nearest name or value
 */
export function checkOpening(given: unknown, own: readonly string[], what: string): void {
  checkOptions(given, [...own, ...OPENING], what)
  const asked = { ...(given as Readonly<Record<string, unknown>> | undefined) }
  for (const name of own) flag(asked, name)
  positive(asked, "tick")
  choice({ monthBase: asked.monthBase === undefined ? undefined : String(asked.monthBase) }, "monthBase", ["0", "1", "auto"], "auto")
  choice(asked, "gaps", ["mark", "interpolate"], "mark")
  for (const name of ["format", "recording", "tz"]) if (asked[name] !== undefined) aText(asked[name], name)
}

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
