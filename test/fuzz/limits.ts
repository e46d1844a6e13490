import type { ChildProcess } from "node:child_process"
import { readFileSync } from "node:fs"

/** Longest time of the processor for one input, in seconds: a busy machine does not count. */
const SECONDS = 5
/** Longest time of the clock, for what waits and computes nothing. */
const PATIENCE = 60
/** Most memory of a process, typed arrays and WebAssembly included. */
const MEGABYTES = 500
const LOOK_EVERY_MS = 200
/** Linux counts processor time in these per second (`man 5 proc`). */
const JIFFIES = 100

/** Ends a process that takes too long or too much memory. Where there is no /proc only the clock is watched. */
export class Limits {
  /** Why the process was ended; null while it may go on. */
  broken: string | null = null
  private began = performance.now()
  private used = 0
  private readonly timer: NodeJS.Timeout

  constructor(private readonly child: ChildProcess) {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS)
    child.on("close", () => clearInterval(this.timer))
  }

  /** Another input begins. */
  restart(): void {
    this.began = performance.now()
    this.used = this.spent()
  }

  private look(): void {
    const memory = this.peak()
    if (this.spent() - this.used > SECONDS) this.end(`took more than ${SECONDS} s of the processor`)
    else if (performance.now() - this.began > PATIENCE * 1000) this.end(`was not done after ${PATIENCE} s`)
    else if (memory > MEGABYTES) this.end(`took ${memory} MB`)
  }

  private end(why: string): void {
    this.broken ??= why
    this.child.kill("SIGKILL")
  }

  /** Seconds of the processor that the process has taken. */
  private spent(): number {
    const fields = this.proc("stat")
      .replace(/^.*\) /s, "")
      .split(" ")
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / JIFFIES
  }

  /** Megabytes that it held at most. */
  private peak(): number {
    return Math.round(Number(/VmHWM:\s*(\d+)/.exec(this.proc("status"))?.[1] ?? 0) / 1000)
  }

  private proc(name: string): string {
    try {
      return readFileSync(`/proc/${this.child.pid}/${name}`, "latin1")
    } catch {
      return ""
    }
  }
}
