import { filesOf, type Input, withSideFile } from "../inputs/input.js"
import { FileOutput } from "../io/output.js"
import { formatOf, located, type Opening } from "../registry/open.js"
import type { recover, Saved } from "./rescue.js"

/** How one input is rescued. */
interface RescueOptions {
  readonly opening: Opening
  /** An existing output may be replaced. */
  readonly force: boolean
  /** Is given what leaves nothing behind; what it returns is called at the end. */
  readonly interruptible?: (abort: () => void) => () => void
}

/**
 * Saves one input into a file at `path`, which gets its name when it has been read again and found sound.
 * @param rescue `recover` or `repair`
 * @throws LogError; nothing is left behind then
 */
export async function rescueInput(input: Input, path: string, rescue: typeof recover, options: RescueOptions): Promise<Saved> {
  const source = await input.source()
  try {
    const format = await located(input.label, () => formatOf(source, options.opening.format))
    const described = await withSideFile(input, format, options.opening)
    const output = new FileOutput(path, { force: options.force, inputs: filesOf({ input, options: described }) })
    const done = options.interruptible?.(() => output.abort())
    try {
      const saved = await located(input.label, () => rescue(source, format, described, { output, written: () => output.written() }))
      output.commit()
      return saved
    } catch (error) {
      output.abort()
      throw error
    } finally {
      done?.()
    }
  } finally {
    await source.close()
  }
}
