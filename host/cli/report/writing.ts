import { basename } from "node:path"
import type { PendingOutput } from "../../io/output.js"
import type { Output } from "../../model/format.js"
import type { OutputChoice } from "../options/flags.js"
import { onInterrupt } from "../terminal/interrupt.js"

/** Where a command writes. */
interface WritingTo {
  readonly output: Output
  /** The files written; empty for standard output. */
  paths(): readonly string[]
}

/** What is known about an output before it is written. */
interface Shape {
  /** True for text, which may go to a terminal. */
  readonly text: boolean
  /** True if the output is a folder of files. */
  readonly folder?: boolean
  /** Paths of the inputs, which are never overwritten. */
  readonly inputs: readonly string[]
}

/** Runs `body` with a place to write. The output gets its name when `body` returns; if it fails or is interrupted, nothing is left. */
export async function writing<T>(choice: OutputChoice, shape: Shape, body: (to: WritingTo) => Promise<T>): Promise<T> {
  const { committed } = await import("../../io/output.js")
  const output = await placeFor(choice, shape)
  return committed(output, () => body({ output, paths: () => output.paths }), onInterrupt)
}

/** Standard output for `-`, else a file or folder. */
export async function placeFor({ output: path, force }: OutputChoice, { text, folder, inputs }: Shape): Promise<PendingOutput> {
  if (path === "-") {
    const { BytesToStdout, TextToStdout } = await import("../terminal/stdout-output.js")
    return text ? new TextToStdout() : new BytesToStdout()
  }
  const { FileOutput } = await import("../../io/output.js")
  return new FileOutput(path, { force: force === true, inputs, folder: folder === true, mainName: basename(path) })
}
