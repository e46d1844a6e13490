/** How the program ends. */
export const EXIT = {
  fine: 0,
  /** Something cannot be read or written. */
  failed: 1,
  /** Wrong usage: an unknown option or channel, an output that exists. */
  usage: 2,
  /** Finished, but the input is damaged, or rows or values were left out. */
  damaged: 3,
} as const

/** One of the codes of `EXIT`. */
export type Exit = (typeof EXIT)[keyof typeof EXIT]

/**
 * A commander action that ends the program with the exit code of a function.
 * @param load imports the function's module when the command runs: a command costs nothing until then
 */
export function runs<A extends unknown[]>(load: () => Promise<(...args: A) => Promise<Exit>>): (...args: A) => Promise<void> {
  return async (...args) => {
    const run = await load()
    process.exitCode = await run(...args)
  }
}

/** The more serious of two exit codes: failed, then usage, damaged, fine. */
export function worse(a: Exit, b: Exit): Exit {
  const order: readonly Exit[] = [EXIT.failed, EXIT.usage, EXIT.damaged, EXIT.fine]
  return order.indexOf(a) < order.indexOf(b) ? a : b
}
