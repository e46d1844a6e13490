import { OptionError, UsageError } from "../model/errors.js"
import { nearest } from "./nearest.js"

/** What a caller asks for is checked here, by the same words for the library and for the command: a wrong name or value is an error that tells the nearest right one. */

/** Options by their names, as they were given. */
type Asked = Readonly<Record<string, unknown>>

/** `: did you mean utc?`, or nothing where no name is near. */
export function meantText(given: unknown, names: Iterable<string>): string {
  const [near] = typeof given === "string" && given !== "" ? nearest(given, names, 1) : []
  return near === undefined ? "" : `: did you mean ${near}?`
}

/** `lcoal is none of utc, local: did you mean local?` */
export function noneOfText(given: unknown, choices: readonly string[]): string {
  return `${shown(given)} is none of ${choices.join(", ")}${meantText(given, choices)}`
}

/**
 * Refuses options of a function that it does not know: they would do nothing.
 * @param given what was given as options; undefined for none
 * @param known the names of all its options
 * @param what the function, as the error names it
 * @throws UsageError for the first name that is unknown, with the nearest one, and for what is no object of options
 */
export function checkOptions(given: unknown, known: readonly string[], what: string): void {
  const wrong = Object.entries(theOptions(given, what)).find(([name, value]) => value !== undefined && !known.includes(name))
  if (wrong === undefined) return
  const [name] = wrong
  throw new OptionError((called) => `there is no option ${called(name)}${meantText(name, known)}`, {
    hint: `${what} takes ${known.join(", ")}`,
  })
}

/** Options as they were given, none of them where nothing was. @throws UsageError for what is no object of options */
export function theOptions(given: unknown, what: string): Asked {
  if (given === undefined) return {}
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Asked
  throw new UsageError(`the options of ${what}: expected an object, got ${shown(given)}`)
}

/** A text. @param what its name in the error @throws UsageError if it is none */
export function aText(given: unknown, what: string): string {
  if (typeof given === "string") return given
  throw new UsageError(`${what}: expected a text, got ${shown(given)}`)
}

/** A list of texts. @throws UsageError if it is none; one text is none either: its letters would be taken for texts */
export function theTexts(given: unknown, what: string): readonly string[] {
  if (Array.isArray(given) && given.every((each) => typeof each === "string")) return given
  throw new UsageError(`${what}: expected a list of texts, got ${shown(given)}`)
}

/** A whole number above 0. @throws UsageError if it is none */
export function aCount(given: unknown, what: string): number {
  if (typeof given === "number" && Number.isSafeInteger(given) && given > 0) return given
  throw new UsageError(`${what}: expected a whole number above 0, got ${shown(given)}`)
}

/** Refuses limits that are no numbers. @param range seconds, each side open when absent @throws UsageError for a text (`"6:00"`) or NaN */
export function checkRange({ start, end }: { readonly start?: unknown; readonly end?: unknown }): void {
  for (const [name, limit] of [
    ["start", start],
    ["end", end],
  ] as const) {
    if (limit === undefined || (typeof limit === "number" && !Number.isNaN(limit))) continue
    throw new OptionError((called) => `${called(name)}: expected seconds as a number, got ${shown(limit)}`, {
      hint: 'selectFrom takes times as texts, such as "6:00"',
    })
  }
}

/** A log. @param what that it was given to @throws UsageError if it is none: a path, or a log that is still being opened */
export function checkLog(given: unknown, what: string): void {
  const { chunks, survey } = (given ?? {}) as Record<string, unknown>
  if (typeof chunks === "function" && typeof survey === "function") return
  throw new UsageError(`${what}: expected a log, got ${shown(given)}`, { hint: "open gives one: await open(path)" })
}

/** A number option, or undefined. @throws UsageError if it is not a positive number */
export function positive(options: Asked, name: string): number | undefined {
  const given = options[name]
  if (given === undefined) return undefined
  const value = typeof given === "number" || typeof given === "string" ? Number(given) : Number.NaN
  if (!(value > 0) || !Number.isFinite(value))
    throw new OptionError((called) => `${called(name)}: ${shown(given)} is not a positive number`)
  return value
}

/** A choice option. @throws UsageError if it is not one of the choices */
export function choice<T extends string>(options: Asked, name: string, choices: readonly T[], fallback: T): T {
  const given = options[name] ?? fallback
  const found = choices.find((each) => each === given)
  if (found === undefined) throw new OptionError((called) => `${called(name)}: ${noneOfText(given, choices)}`)
  return found
}

/** An option that is on or off, off when absent; text is understood. @throws UsageError if it is neither */
export function flag(options: Asked, name: string): boolean {
  const given = options[name] ?? false
  return choice({ [name]: typeof given === "boolean" ? String(given) : given }, name, ["true", "false"], "false") === "true"
}

/** A value in an error: texts as they are, what is nothing or a thing by its kind. */
function shown(given: unknown): string {
  if (typeof given === "string") return given === "" ? '""' : given
  if (given === null || given === undefined || typeof given === "number" || typeof given === "boolean" || typeof given === "bigint")
    return String(given)
  if (Array.isArray(given)) return "a list"
  if (given instanceof Promise) return "a promise (await it)"
  return typeof given === "function" ? "a function" : "an object"
}
