/** What would be left behind if this process ended now: drafts, locks, temporary folders. */
const cleanups = new Set<() => void>()
let watcher: (isAny: boolean) => void = () => {}

/**
 * Runs `cleanup` if the process ends before the returned function is called.
 * @returns a function to call when there is nothing left to clean up
 */
export function leaveNothing(cleanup: () => void): () => void {
  if (cleanups.size === 0) {
    process.on("exit", cleanAll)
    watcher(true)
  }
  cleanups.add(cleanup)
  return () => {
    if (!cleanups.delete(cleanup) || cleanups.size > 0) return
    process.removeListener("exit", cleanAll)
    watcher(false)
  }
}

/** Calls `told` with true when there is something to clean up, and with false when there is nothing any more. */
export function watchLeftovers(told: (isAny: boolean) => void): void {
  watcher = told
}

function cleanAll(): void {
  for (const cleanup of [...cleanups].reverse()) {
    try {
      cleanup()
    } catch {
      // What cannot be removed stays; the others go.
    }
  }
}
