/** The library's own errors. Nothing else escapes from a reader, whatever the file holds. */

/** Where and in what an error was found. */
export interface ErrorPlace {
  readonly format?: string
  readonly path?: string
  /** Byte offset in the file. */
  readonly at?: number
  /** What the user can do. */
  readonly hint?: string
}

/** Base of all errors: the message says what was found and what was expected. */
export class LogError extends Error {
  override name = "LogError"
  readonly format: string | undefined
  readonly path: string | undefined
  readonly at: number | undefined
  readonly hint: string | undefined

  constructor(message: string, place: ErrorPlace = {}) {
    super(message)
    this.format = place.format
    this.path = place.path
    this.at = place.at
    this.hint = place.hint
  }
}

/** The bytes break the format so that nothing can be read. */
export class FormatError extends LogError {
  override name = "FormatError"
}

/** Valid, but not handled. */
export class UnsupportedError extends LogError {
  override name = "UnsupportedError"
}

/** A length or count over its named cap. */
export class LimitError extends LogError {
  override name = "LimitError"
}

/** The caller asked for something that makes no sense: unknown channel, end before start (exit 2). */
export class UsageError extends LogError {
  override name = "UsageError"
}

/** An option that is wrong or that nothing heeds. The message names the library's options; a front end may give them its own names. */
export class OptionError extends UsageError {
  /** @param text the message, given what an option is called */
  constructor(
    readonly text: (called: (option: string) => string) => string,
    place: ErrorPlace = {},
  ) {
    super(
      text((option) => option),
      place,
    )
  }
}
