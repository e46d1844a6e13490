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

/** The more serious of two exit codes: failed, then usage, damaged, fine. */
export function worse(a: Exit, b: Exit): Exit {
  const order: readonly Exit[] = [EXIT.failed, EXIT.usage, EXIT.damaged, EXIT.fine]
  return order.indexOf(a) < order.indexOf(b) ? a : b
}
