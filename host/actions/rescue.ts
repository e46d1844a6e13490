import type { Source } from "../bytes/source.js"
import { FormatError, UnsupportedError } from "../model/errors.js"
import type { Format, OpenOptions, Output, Rescue } from "../model/format.js"
import { holesOf } from "../model/issues.js"
import type { Log } from "../model/log.js"

/** Where a rescue writes: the output, and what was written, read again before it gets its name. */
interface RescueTarget {
  readonly output: Output
  written(): Promise<Source>
}

/** What a rescue saved, what it could not save, and what was lost on the way into the new file. */
export interface Saved extends Rescue {
  readonly format: Format["name"]
  readonly losses: readonly string[]
}

/**
 * Salvages what a damaged log holds into a sound file of the same format, by the format's own means or else by
 * reading past the damage and writing anew. The new file is opened and counted before this returns.
 * @throws FormatError when nothing can be saved or the new file does not read back
 */
export async function recover(source: Source, format: Format, options: OpenOptions, target: RescueTarget): Promise<Saved> {
  const saved =
    format.recover === undefined
      ? await rewrite(source, format, options, target)
      : { ...(await format.recover(source, target.output, options)), losses: [] }
  await verify(format, options, target, saved.rows)
  return { ...saved, format: format.name }
}

/**
 * Rebuilds a format's structure without touching values.
 * @throws UnsupportedError for a format without structure to rebuild
 */
export async function repair(source: Source, format: Format, options: OpenOptions, target: RescueTarget): Promise<Saved> {
  if (format.repair === undefined) {
    throw new UnsupportedError(`${format.name} has no structure to rebuild`, {
      path: source.name,
      hint: "recover saves what a damaged log holds",
    })
  }
  const saved = await format.repair(source, target.output, options)
  await verify(format, options, target, saved.rows)
  return { ...saved, format: format.name, losses: [] }
}

async function rewrite(
  source: Source,
  format: Format,
  options: OpenOptions,
  { output }: RescueTarget,
): Promise<Rescue & { losses: string[] }> {
  if (format.write === undefined) throw new UnsupportedError(`${format.name} cannot be written`, { path: source.name })
  const log = await format.open(source, options)
  try {
    const losses = await format.write(log, output, {})
    return { rows: await rowsOf(log), holes: holesOf(log.issues), losses: losses.map(({ text }) => text) }
  } finally {
    await log.close()
  }
}

async function verify(format: Format, options: OpenOptions, target: RescueTarget, rows: number): Promise<void> {
  const source = await target.written()
  try {
    const log = await format.open(source, options)
    try {
      const found = await rowsOf(log)
      const [damage] = holesOf(log.issues)
      if (damage !== undefined) throw new FormatError(`the new file is damaged itself: ${damage.text}`, { format: format.name })
      if (found !== rows) throw new FormatError(`the new file reads back ${found} rows, ${rows} were saved`, { format: format.name })
    } finally {
      await log.close()
    }
  } finally {
    await source.close()
  }
}

async function rowsOf(log: Log): Promise<number> {
  let rows = 0
  for await (const chunk of log.chunks({ reuse: true })) rows += chunk.rows
  return rows
}
