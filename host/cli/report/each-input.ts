import { findInputs } from "../../inputs/find.js"
import type { Input } from "../../inputs/input.js"
import { type Recording, recordingsAmong } from "../../inputs/recordings.js"
import { type Opening, openingForSeveral } from "../../registry/open.js"
import type { CommonOptions, JoinOptions } from "../options/flags.js"
import { EXIT, type Exit, worse } from "../terminal/exit.js"
import { ClosedPipe } from "../terminal/terminal.js"
import { tellDamage } from "./outcome.js"
import { reportError } from "./report-error.js"

/** How what goes wrong is told. */
type Telling = Pick<CommonOptions, "color"> & { readonly json?: boolean }

/** As `eachInput`, for recordings: their files are one log, unless the options say otherwise. */
export async function eachRecording(
  names: readonly string[],
  opening: Opening,
  how: Telling & JoinOptions,
  body: (recording: Recording) => Promise<Exit>,
): Promise<Exit> {
  return eachFound(names, opening, how, (inputs, own) => recordingsAmong(inputs, own, how.join !== false), body)
}

/**
 * Runs `body` on every log that the names mean, with the options to open it with. An error is reported, and the next log follows.
 * An option that no log heeds is an error: before a lone log is read, at the end of several.
 * @returns the most serious exit code
 */
export async function eachInput(
  names: readonly string[],
  opening: Opening,
  how: Telling,
  body: (input: Input, opening: Opening) => Promise<Exit>,
): Promise<Exit> {
  const each = (inputs: readonly Input[], own: Opening) => inputs.map((input) => ({ input, own }))
  return eachFound(names, opening, how, each, ({ input, own }) => body(input, own))
}

async function eachFound<T>(
  names: readonly string[],
  opening: Opening,
  how: Telling,
  among: (inputs: readonly Input[], opening: Opening) => Iterable<T> | AsyncIterable<T>,
  body: (one: T) => Promise<Exit>,
): Promise<Exit> {
  const { each, done } = openingForSeveral(opening)
  let exit: Exit = EXIT.fine
  for (const name of names) {
    await telling(async () => {
      const { inputs, issues } = await findInputs([name])
      const isLone = names.length === 1 && inputs.length === 1
      for await (const one of among(inputs, isLone ? opening : each)) await telling(async () => note(await body(one)))
      note(tellDamage(name, issues, how))
    })
  }
  await telling(async () => done())
  return exit

  function note(end: Exit): void {
    exit = worse(exit, end)
  }

  async function telling(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof ClosedPipe) throw error
      note(reportError(error, process.argv.slice(2)))
    }
  }
}
