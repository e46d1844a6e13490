import { fork } from "node:child_process"
import { join } from "node:path"
import type { Message } from "./worker.js"

/** A fault, and the input that shows it. */
export interface Finding {
  readonly seed: number
  readonly number: number
  readonly fault: string
}

/** Longest time for one input, and the memory of the process that reads it. */
export const HANG_MS = 5000
const MEGABYTES = 500

/** Tries inputs `from` to `to` in process; one that hangs or takes too much memory ends its process, and the next one goes on behind it. */
export async function watched(seed: number, from: number, to: number): Promise<Finding[]> {
  const findings: Finding[] = []
  for (let next = from; next < to; ) {
    const { last, found, ended } = await once(seed, next, to)
    findings.push(...found)
    if (ended !== null) findings.push({ seed, number: last, fault: ended })
    next = last + 1
  }
  return findings
}

function once(seed: number, from: number, to: number): Promise<{ last: number; found: Finding[]; ended: string | null }> {
  return new Promise((resolve) => {
    const child = fork(join(import.meta.dirname, "worker.js"), [seed, from, to].map(String), {
      execArgv: [`--max-old-space-size=${MEGABYTES}`],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    })
    const found: Finding[] = []
    let last = from - 1
    let ended: string | null = null
    let watchdog: NodeJS.Timeout | undefined
    const stop = () => {
      ended = `took more than ${HANG_MS} ms`
      child.kill("SIGKILL")
    }
    child.on("message", (message: Message) => {
      if ("begins" in message) last = message.begins
      else found.push({ seed, ...message })
      clearTimeout(watchdog)
      watchdog = setTimeout(stop, HANG_MS)
    })
    child.on("close", (code) => {
      clearTimeout(watchdog)
      resolve({ last, found, ended: ended ?? (code === 0 ? null : `the process ended with ${code ?? "a signal"}: out of memory?`) })
    })
  })
}
