import { constants } from "node:os"

const cleanups = new Set<() => void>()

/**
 * Runs `cleanup` if the process is interrupted before the returned function is called: it removes half-written files.
 * @returns a function to call when there is nothing left to clean up
 */
export function onInterrupt(cleanup: () => void): () => void {
  cleanups.add(cleanup)
  return () => cleanups.delete(cleanup)
}

/** On a signal, runs every cleanup and ends the process with 128 + the signal's number (130 for ctrl-C). */
export function cleanUpOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      for (const cleanup of cleanups) {
        try {
          cleanup()
        } catch {}
      }
      process.exit(128 + constants.signals[signal])
    })
  }
}
