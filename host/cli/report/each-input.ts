import type { Input } from "../../inputs/input.js"
import { EXIT, type Exit, worse } from "../terminal/exit.js"
import { ClosedPipe } from "../terminal/terminal.js"
import { reportError } from "./report-error.js"

/**
 * Runs `body` on every log that the names mean. An error is reported, and the next log follows.
 * @returns the most serious exit code
 */
export async function eachInput(names: readonly string[], body: (input: Input) => Promise<Exit>): Promise<Exit> {
  const { findInputs } = await import("../../inputs/find.js")
  let exit: Exit = EXIT.fine
  for (const name of names) {
    await telling(async () => {
      for (const input of await findInputs([name])) await telling(async () => note(await body(input)))
    })
  }
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
