import { OptionError } from "./errors.js"
import type { WriteOptions } from "./format.js"

/** A number option, or undefined. @throws UsageError if it is not a positive number */
export function positive(options: WriteOptions, name: string): number | undefined {
  const given = options[name]
  if (given === undefined) return undefined
  const value = Number(given)
  if (!(value > 0) || !Number.isFinite(value)) throw new OptionError((called) => `${called(name)}: ${given} is not a positive number`)
  return value
}

/** A choice option. @throws UsageError if it is not one of the choices */
export function choice<T extends string>(options: WriteOptions, name: string, choices: readonly T[], fallback: T): T {
  const given = options[name] ?? fallback
  const found = choices.find((each) => each === given)
  if (found === undefined) throw new OptionError((called) => `${called(name)}: ${given} is none of ${choices.join(", ")}`)
  return found
}

/** An option that is on or off, off when absent; text is understood. @throws UsageError if it is neither */
export function flag(options: WriteOptions, name: string): boolean {
  return choice({ [name]: String(options[name] ?? false) }, name, ["true", "false"], "false") === "true"
}

/** The entries that are given: those that are not undefined. */
export function given<T extends object>(entries: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as ReturnType<typeof given<T>>
}
