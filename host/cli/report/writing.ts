import { basename } from "node:path"
import type { Lock } from "../../io/lock.js"
import { committed, FileOutput, type PendingOutput } from "../../io/output.js"
import type { Output } from "../../model/format.js"
import type { OutputChoice } from "../options/flags.js"
import { BytesToStdout, TextToStdout } from "../terminal/stdout-output.js"

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
  /** The lock of the output, where the caller has it. */
  readonly lock?: Lock | undefined
}

/** Runs `body` with a place to write. The output gets its name when `body` returns; if it fails or is interrupted, nothing is left. */
export async function writing<T>(choice: OutputChoice, shape: Shape, body: (to: WritingTo) => Promise<T>): Promise<T> {
  const output = placeFor(choice, shape)
  return committed(output, () => body({ output, paths: () => output.paths }))
}

/** Standard output for `-`, else a file or folder. */
export function placeFor({ output: path, force }: OutputChoice, { text, folder, inputs, lock }: Shape): PendingOutput {
  if (path === "-") return text ? new TextToStdout() : new BytesToStdout()
  return new FileOutput(path, { force: force === true, inputs, folder: folder === true, mainName: basename(path), lock })
}
