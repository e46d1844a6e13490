import { Command as Commander } from "commander"
import type { Exit } from "../terminal/exit.js"
import { commonOptions } from "./flags.js"

/** A command of the tree: how each of them shows examples, takes options that several have, and runs. */
export class Command extends Commander {
  override createCommand(name?: string): Command {
    return new Command(name)
  }

  /** Shows examples before the help. @param lines with a line end before the first and behind the last */
  examples(lines: string): this {
    return this.addHelpText("before", `Examples:${lines}`)
  }

  /** Adds options, those of `flags.ts` and `target-flags.ts`, in this order. */
  takes(...kinds: readonly ((command: Commander) => Commander)[]): this {
    for (const add of kinds) add(this)
    return this
  }

  /**
   * Adds the options that every command has, and ends the program with the exit code of a function.
   * @param load imports the function's module when the command runs: a command costs nothing until then
   */
  runs<A extends unknown[]>(load: () => Promise<(...args: A) => Promise<Exit>>): this {
    return this.takes(commonOptions).action(async (...args) => {
      const run = await load()
      process.exitCode = await run(...(args as unknown[] as A))
    })
  }
}
