import "../../../host/bytes/device-buffer.js"
import { PERIODS } from "../../../devicescript/src/generated/plan.js"
import { simulatedSources } from "../../../devicescript/src/generated/simulated-sources.js"
import type { Machine } from "../../../devicescript/src/machine.js"
import { logger } from "../../../devicescript/src/main.js"
import { defaultSettings } from "../../../shared/logger/settings.js"
import type { Disk } from "../card/disk.js"
import { type LoggerOptions, type LoggerPeer, loggerPeer } from "./logger.js"
import { random } from "./random.js"

/**
 * The logger's program in Node: the same sources as on the board, without its machine, under a clock of its own. Some fifty times
 * faster than the machine, for hours and months. What only the machine has (its heap, its limits, its arithmetic) is not looked at.
 */

declare global {
  interface Function {
    /** As on the board: the fiber begins when the present one waits. */
    start(...parameters: unknown[]): void
  }
}

Function.prototype.start = function start(...parameters: unknown[]): void {
  void Promise.resolve().then(() => this(...parameters))
}

/** A running logger. */
export interface NodeLogger extends LoggerPeer {
  readonly time: FiberClock
}

/** Starts the program on a disk. @param change parts of the machine that are others */
export function startInNode(disk: Disk, options: LoggerOptions, change?: (time: FiberClock) => Partial<Machine>): NodeLogger {
  const time = new FiberClock(options.uptime)
  const peer = loggerPeer(disk, options)
  const next = random(1)
  let kHz = 400
  let bits = 0
  const machine: Machine = {
    settings: {
      ...defaultSettings([...PERIODS]),
      format: options.format,
      flushMs: Number(peer.ask("flushMs", 0)),
      fileBytes: Number(peer.ask("fileBytes", 0)),
      fileMs: Number(peer.ask("fileMs", 0)),
      overwrite: peer.ask("overwrite", 0) === 1,
    },
    flash: async () => "",
    slots: 16,
    hz: 10_000_000,
    bus: {
      setClock(hz) {
        kHz = hz / 1000
        peer.tell("kHz", kHz, time.now())
      },
      select: (on) => peer.tell("select", on ? 1 : 0, time.now()),
      // Takes the time that the wire would take, a millisecond at a time, as the simulator's bus does.
      async xfer(tx, rx) {
        rx.set(tx)
        peer.exchange(rx, time.now())
        bits += 8 * tx.length
        if (bits < kHz) return
        bits = Math.min(bits - kHz, kHz)
        await time.sleep(1)
      },
    },
    clock: time,
    wallClocks: [],
    sources: simulatedSources,
    show: (state) => peer.tell(`state ${state}`, 0, time.now()),
    stopped: () => peer.ask("stop", 0) === 1,
    restart: () => peer.tell("restart", 0, time.now()),
    random: () => (next() * 2 ** 32) | 0,
    ballast: 0,
    ...change?.(time),
  }
  time.fail = () => undefined
  logger(machine).catch((error: unknown) => {
    time.fail = () => {
      throw error
    }
  })
  return { ...peer, time }
}

/** Virtual time for fibers that only wait by `sleep`. */
export class FiberClock {
  /** Throws what a fiber has thrown. */
  fail: () => void = () => undefined
  private ms: number
  private readonly waiting: { at: number; wake: () => void }[] = []

  /** @param uptime ms since the power came */
  constructor(uptime = 0) {
    this.ms = uptime
  }

  now(): number {
    return this.ms
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.waiting.push({ at: this.ms + Math.max(1, Math.ceil(ms)), wake }))
  }

  /** Lets time pass in which no fiber gets its turn. */
  jump(ms: number): void {
    this.ms += ms
  }

  /** Lets the fibers run up to a time in ms. */
  async run(until: number): Promise<void> {
    for (;;) {
      // A fiber is done with its turn when no promise of it is left to settle.
      await new Promise((settled) => setImmediate(settled))
      this.fail()
      let next = -1
      for (let i = 0; i < this.waiting.length; i++) {
        const at = (this.waiting[i] as { at: number }).at
        if (at <= until && (next < 0 || at < (this.waiting[next] as { at: number }).at)) next = i
      }
      if (next < 0) break
      const [due] = this.waiting.splice(next, 1) as [{ at: number; wake: () => void }]
      this.ms = Math.max(this.ms, due.at)
      due.wake()
    }
    this.ms = Math.max(this.ms, until)
  }
}
