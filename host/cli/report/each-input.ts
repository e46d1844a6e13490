import { findInputs } from "../../inputs/find.js"
import type { Input } from "../../inputs/input.js"
import { type Opening, openingForSeveral } from "../../registry/open.js"
import type { CommonOptions } from "../options/flags.js"
import { EXIT, type Exit, worse } from "../terminal/exit.js"
import { ClosedPipe } from "../terminal/terminal.js"
import { tellDamage } from "./outcome.js"
import { reportError } from "./report-error.js"

/**
 * Runs `body` on every log that the names mean, with the options to open it with. An error is reported, and the next log follows.
 * An option that no log heeds is an error: before a lone log is read, at the end of several.
 * @returns the most serious exit code
 */
export async function eachInput(
  names: readonly string[],
  opening: Opening,
  how: Pick<CommonOptions, "color"> & { readonly json?: boolean },
  body: (input: Input, opening: Opening) => Promise<Exit>,
): Promise<Exit> {
  const { each, done } = openingForSeveral(opening)
  let exit: Exit = EXIT.fine
  for (const name of names) {
    await telling(async () => {
      const { inputs, issues } = await findInputs([name])
      const isLone = names.length === 1 && inputs.length === 1
      for (const input of inputs) await telling(async () => note(await body(input, isLone ? opening : each)))
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
