/** Longest stretch of computing in ms: ctrl-C is heeded behind it. */
const LONGEST_MS = 100

/**
 * Lets signals and timers in now and then. A loop that awaits only what lies in memory keeps them out until it ends: promises go first.
 */
export class Breath {
  private last = performance.now()

  /** Waits a turn of the event loop, if the last one is long ago. */
  async taken(): Promise<void> {
    if (performance.now() - this.last < LONGEST_MS) return
    await new Promise((resolve) => setTimeout(resolve, 0))
    this.last = performance.now()
  }
}
