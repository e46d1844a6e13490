import { OptionError } from "../model/errors.js"
import { meantText } from "../text/asked.js"

/** A format or a target, with the names of the options that it heeds. */
interface Heeding {
  readonly name: string
  readonly options: readonly string[]
}

/**
 * Refuses an option that would do nothing.
 * @param given names of the options that the user gave
 * @param takers each option must be heeded by one of these; with no takers nothing is refused
 * @param all everything that heeds options, to name those that do heed it
 * @throws UsageError for the first option that no taker heeds, with the nearest name
 */
export function refuseUnheeded(given: readonly string[], takers: readonly Heeding[], all: readonly Heeding[]): void {
  if (takers.length === 0) return
  const known = [...new Set(takers.flatMap(({ options }) => options))]
  const option = given.find((name) => !known.includes(name))
  if (option === undefined) return
  const names = [...new Set(takers.map(({ name }) => name))].join(", ")
  const others = all.filter(({ options }) => options.includes(option)).map(({ name }) => name)
  if (others.length > 0)
    throw new OptionError((called) => `the option ${called(option)} means nothing to ${names}`, { hint: `it is for ${others.join(", ")}` })
  const meant = meantText(option, known) || meantText(option, new Set(all.flatMap(({ options }) => options)))
  throw new OptionError((called) => `there is no option ${called(option)}${meant}`, {
    hint: known.length === 0 ? `${names} takes no options` : `${names} takes ${known.join(", ")}`,
  })
}
