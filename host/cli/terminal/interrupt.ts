import { constants } from "node:os"

const cleanups = new Set<() => void>()

/**
 * Runs something if the process is interrupted before the returned function is called: half-written files go.
 * @returns call it when there is nothing to clean up any more
 */
export function onInterrupt(cleanup: () => void): () => void {
  cleanups.add(cleanup)
  return () => cleanups.delete(cleanup)
}

/** Ends the process by 128 + signal (130 for ctrl-C) after everything begun has been taken back. */
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
