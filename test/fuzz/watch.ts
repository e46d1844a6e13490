import { fork } from "node:child_process"
import { join } from "node:path"
import { Limits } from "./limits.js"
import type { Message } from "./worker.js"

/** A fault, and the input that shows it. */
export interface Finding {
  readonly seed: number
  readonly number: number
  readonly fault: string
}

/** Inputs that one process tries: what it keeps of each adds up. */
const RUN = 500

/**
 * Tries inputs `from` to `to` in processes of their own. One that takes too long or too much memory ends its process, and the next
 * one goes on behind it. What looks like a fault is tried again alone, and counts only if it is one then, too.
 */
export async function watched(seed: number, from: number, to: number, tell: (finding: Finding) => void): Promise<Finding[]> {
  const findings: Finding[] = []
  for (let next = from; next < to; ) {
    const { last, suspects } = await once(seed, next, Math.min(to, next + RUN))
    for (const number of suspects) {
      const [fault] = (await once(seed, number, number + 1)).faults
      if (fault === undefined) continue
      findings.push({ seed, number, fault })
      tell({ seed, number, fault })
    }
    next = last + 1
  }
  return findings
}

/** What one process has tried. */
interface Tried {
  readonly last: number
  readonly suspects: readonly number[]
  readonly faults: readonly string[]
}

function once(seed: number, from: number, to: number): Promise<Tried> {
  return new Promise((resolve) => {
    const child = fork(join(import.meta.dirname, "worker.js"), [seed, from, to].map(String), {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    })
    const limits = new Limits(child)
    const suspects: number[] = []
    const faults: string[] = []
    let last = from - 1
    const found = (number: number, fault: string) => {
      suspects.push(number)
      faults.push(fault)
    }
    child.on("message", (message: Message) => {
      limits.restart()
      if ("begins" in message) last = message.begins
      else found(message.number, message.fault)
    })
    child.on("close", (code) => {
      if (limits.broken !== null) found(last, limits.broken)
      else if (code !== 0) found(last, `the process ended with ${code ?? "a signal"}`)
      resolve({ last: Math.max(last, from), suspects, faults })
    })
  })
}
