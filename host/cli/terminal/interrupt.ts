import { constants } from "node:os"
import { watchLeftovers } from "../../io/leftovers.js"

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/**
 * While there is something to clean up, a signal ends the process with 128 + its number (130 for ctrl-C), and what would be left goes.
 * Else the system ends it at once, whatever it is computing.
 */
export function cleanUpOnSignals(): void {
  watchLeftovers((isAny) => {
    for (const signal of SIGNALS) {
      if (isAny) process.on(signal, end)
      else process.removeListener(signal, end)
    }
  })
}

function end(signal: (typeof SIGNALS)[number]): void {
  process.exit(128 + constants.signals[signal])
}
