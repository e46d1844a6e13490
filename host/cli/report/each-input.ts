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
  done: (found: FoundRecordings) => void = () => {},
): Promise<Exit> {
  const among = (inputs: readonly Input[], own: Opening) => recordingsAmong(inputs, own, how.join !== false)
  return eachFound(names, opening, how, among, body, done)
}

/** What a name turned out to mean. */
export interface FoundRecordings {
  readonly name: string
  /** Logs that were found. */
  readonly files: number
  /** What they are when those of one recording count once. */
  readonly recordings: number
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
  counted: (found: FoundRecordings) => void = () => {},
): Promise<Exit> {
  const { each, done } = openingForSeveral(opening)
  let exit: Exit = EXIT.fine
  for (const name of names) {
    await telling(async () => {
      const { inputs, issues } = await findInputs([name])
      const isLone = names.length === 1 && inputs.length === 1
      let recordings = 0
      for await (const one of among(inputs, isLone ? opening : each)) {
        recordings++
        await telling(async () => note(await body(one)))
      }
      counted({ name, files: inputs.length, recordings })
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
