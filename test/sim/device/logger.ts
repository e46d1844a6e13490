import { BALLAST } from "../../../devicescript/src/memory.js"
import type { Disk } from "../card/disk.js"
import { SimulatedCard } from "../card/sd-card.js"
import type { CardOptions, VirtualClock } from "../card/sd-options.js"
import { bytecode } from "./build.js"
import { type Peer, startVm, type Vm } from "./vm.js"

/** How the simulated logger shall run. */
export interface LoggerOptions {
  readonly format: "meteor" | "ddff"
  /** ms; 500 by default. */
  readonly flushMs?: number
  /** 4 MiB by default. */
  readonly fileBytes?: number
  /** ms after which a new file begins; never by default. */
  readonly fileMs?: number
  /** The oldest log makes room on a full card. */
  readonly overwrite?: boolean
  /** Heap set aside, bytes; BALLAST by default. */
  readonly ballast?: number
  readonly card?: Partial<CardOptions>
  readonly seed?: number | "random"
  /** ms for which the board was awake before; 0 by default. */
  readonly uptime?: number
}

/** The simulator's other side: a card in its socket, answers to its questions, an ear for its states. */
export interface LoggerPeer extends Peer {
  readonly card: SimulatedCard
  /** What the logger showed, with its time in ms. */
  readonly states: { at: number; state: string }[]
  /** When the logger asked for a restart of the board, ms. */
  readonly restarts: number[]
  /** Asks the logger to close its file, or to begin another. */
  close(wanted?: boolean): void
}

/** The logger program in the machine. */
export interface Logger extends LoggerPeer {
  readonly vm: Vm
}

/** Starts the simulator's program on a disk. */
export async function startLogger(disk: Disk, options: LoggerOptions): Promise<Logger> {
  const peer = loggerPeer(disk, options)
  const vm = await startVm(bytecode("devicescript/src/simulator.ts"), peer, options.seed, options.uptime)
  return { ...peer, vm }
}

/** The other side of a program that makes its machine by `simulatorMachine`. */
export function loggerPeer(disk: Disk, options: LoggerOptions): LoggerPeer {
  const time: VirtualClock = { micros: 0 }
  const card = new SimulatedCard(disk, time, options.card ?? {})
  const states: { at: number; state: string }[] = []
  const restarts: number[] = []
  const answers: Record<string, number> = {
    ddff: options.format === "ddff" ? 1 : 0,
    flushMs: options.flushMs ?? 500,
    fileBytes: options.fileBytes ?? 4 << 20,
    fileMs: options.fileMs ?? 0,
    overwrite: options.overwrite ? 1 : 0,
    ballast: options.ballast ?? BALLAST,
    stop: 0,
  }
  let sent = new Uint8Array(0)
  return {
    card,
    states,
    restarts,
    close(wanted = true) {
      answers.stop = Number(wanted)
    },
    ask: (name) => answers[name],
    tell(name, value, now) {
      time.micros = Math.max(time.micros, now * 1000)
      if (name === "select") card.select(value === 1)
      else if (name === "kHz") card.hz = value * 1000
      else if (name.startsWith("state ")) states.push({ at: now, state: name.slice(6) })
      else if (name === "restart") restarts.push(now)
      else throw new Error(`the program tells "${name}", which nobody here knows`)
    },
    exchange(bytes, now) {
      time.micros = Math.max(time.micros, now * 1000)
      if (sent.length < bytes.length) sent = new Uint8Array(bytes.length)
      sent.set(bytes)
      card.exchange(sent.subarray(0, bytes.length), bytes)
    },
  }
}
