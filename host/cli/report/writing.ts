import { basename } from "node:path"
import type { Output } from "../../model/format.js"
import type { OutputChoice } from "../options/flags.js"
import { onInterrupt } from "../terminal/interrupt.js"

/** Where a command writes. */
export interface WritingTo {
  readonly output: Output
  /** The files written; empty for standard output. */
  paths(): readonly string[]
}

/** What is known about an output before it is written. */
export interface Shape {
  /** True for text, which may go to a terminal. */
  readonly text: boolean
  /** True if the output is a folder of files. */
  readonly folder?: boolean
  /** Paths of the inputs, which are never overwritten. */
  readonly inputs: readonly string[]
}

/** Runs `body` with a place to write. The output gets its name when `body` returns; if it fails or is interrupted, nothing is left. */
export async function writing<T>(choice: OutputChoice, shape: Shape, body: (to: WritingTo) => Promise<T>): Promise<T> {
  const { output, commit, abort, paths } = await open(choice, shape)
  const done = onInterrupt(abort)
  try {
    const result = await body({ output, paths })
    commit()
    return result
  } catch (error) {
    abort()
    throw error
  } finally {
    done()
  }
}

interface Place {
  readonly output: Output
  commit(): void
  abort(): void
  paths(): readonly string[]
}

async function open({ output: path, force }: OutputChoice, { text, folder, inputs }: Shape): Promise<Place> {
  if (path === "-") {
    const { BytesToStdout, TextToStdout } = await import("../terminal/stdout-output.js")
    if (text) return { output: new TextToStdout(), commit() {}, abort() {}, paths: () => [] }
    const output = new BytesToStdout()
    return { output, commit: () => output.commit(), abort: () => output.abort(), paths: () => [] }
  }
  const { FileOutput } = await import("../../io/output.js")
  const output = new FileOutput(path, { force: force === true, inputs, folder: folder === true, mainName: basename(path) })
  return { output, commit: () => output.commit(), abort: () => output.abort(), paths: () => output.paths }
}
