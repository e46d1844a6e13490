import type { Disk } from "../card/disk.js"
import { startInNode } from "./in-node.js"
import { type LoggerOptions, type LoggerPeer, startLogger } from "./logger.js"

/** The logger under trial, wherever it runs. */
export interface Trial extends LoggerPeer {
  /** Lets time pass up to `until`, ms. */
  run(until: number): void | Promise<void>
  /** Lets time pass in which the program gets no turn. */
  jump(ms: number): void
}

/** Starts a logger on a disk. */
export type Start = (disk: Disk, options: LoggerOptions) => Promise<Trial>

/** The program in Node. */
export async function inNode(disk: Disk, options: LoggerOptions): Promise<Trial> {
  const logger = startInNode(disk, options)
  return { ...logger, run: (until) => logger.time.run(until), jump: (ms) => logger.time.jump(ms) }
}

/** The program as it is built for the board, in the board's virtual machine. */
export async function inMachine(disk: Disk, options: LoggerOptions): Promise<Trial> {
  const logger = await startLogger(disk, options)
  return { ...logger, run: (until) => logger.vm.run(until), jump: (ms) => logger.vm.jump(ms) }
}
