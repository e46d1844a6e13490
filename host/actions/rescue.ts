import type { Source } from "../bytes/source.js"
import { findOneInput } from "../inputs/find.js"
import { damageAround, filesOf, type Input, withCause, withSideFile } from "../inputs/input.js"
import { committed, FileOutput } from "../io/output.js"
import { FormatError, LogError, UnsupportedError } from "../model/errors.js"
import type { Format, OpenOptions, Output, Rescue } from "../model/format.js"
import { holesOf } from "../model/issues.js"
import type { Log } from "../model/log.js"
import { checkOpening, formatFor, located, type Opening } from "../registry/open.js"
import { refuseOtherExtension } from "../registry/targets.js"
import { aText } from "../text/asked.js"

/** What a rescue saved, what it could not save, and what was lost on the way into the new file. */
export interface Saved extends Rescue {
  readonly format: Format["name"]
  readonly losses: readonly string[]
  /** What is still wrong or doubtful in the new file; places are those in it. */
  readonly doubts: Rescue["holes"]
}

/** How `recover` and `repair` read their input and write their output. */
export interface Recovery extends Opening {
  readonly force?: boolean
}

/**
 * Saves what a damaged log holds into a file of the same format at `path`, by the format's own recovery or else by reading past
 * the damage and writing a new file. The new file is read again before it gets its name; what is still wrong in it is reported as doubts.
 * @param input a path as the command takes it
 * @returns rows saved, every hole, what the new file could not carry, and what is doubtful in it
 * @throws LogError if nothing can be saved or nothing of the new file reads back; nothing is left behind then
 */
export async function recover(input: string, path: string, recovery: Recovery = {}): Promise<Saved> {
  return rescueNamed(input, path, recovery, "recover")
}

/**
 * Rebuilds missing or wrong structure (indexes, chains, tags) and keeps the values.
 * @throws UnsupportedError for a format without structure to rebuild
 */
export async function repair(input: string, path: string, recovery: Recovery = {}): Promise<Saved> {
  return rescueNamed(input, path, recovery, "repair")
}

async function rescueNamed(input: string, path: string, recovery: Recovery, verb: "recover" | "repair"): Promise<Saved> {
  checkOpening(recovery, ["force"], verb)
  const { force = false, ...opening } = recovery
  return rescueInput(await findOneInput(aText(input, `${verb}: input`)), aText(path, `${verb}: path`), verb, {
    opening,
    force,
    isNamed: true,
  })
}

/** How one input is rescued. */
interface RescueOptions {
  readonly opening: Opening
  /** An existing output may be replaced. */
  readonly force: boolean
  /** A person chose the output's name: it must not be another format's. */
  readonly isNamed: boolean
}

/** Recovers or repairs one input into a file at `path`. @throws LogError; nothing is left behind then */
export async function rescueInput(input: Input, path: string, verb: "recover" | "repair", options: RescueOptions): Promise<Saved> {
  const source = await input.source()
  try {
    const format = await located(input.label, () => formatFor(source, options.opening))
    if (options.isNamed) refuseOtherExtension(path, format)
    const { opening, torn } = await described(input, source, format, options.opening)
    const output = new FileOutput(path, { force: options.force, inputs: filesOf(input, opening) })
    const rescue = verb === "recover" ? salvage : rebuild
    const body = () => located(input.label, () => rescue(source, format, opening, output))
    const saved = await committed(output, body)
    return { ...saved, holes: [...torn, ...holesOf(damageAround(input, source)), ...saved.holes] }
  } catch (error) {
    throw withCause(error, input, source)
  } finally {
    await source.close()
  }
}

/** The options with the side file; without it, and a hole that says so, where the one that is there cannot be read. */
async function described(
  input: Input,
  source: Source,
  format: Format,
  options: Opening,
): Promise<{ opening: Opening; torn: Rescue["holes"] }> {
  try {
    return { opening: (await withSideFile(input, source, format, options)).options, torn: [] }
  } catch (error) {
    if (!(error instanceof LogError) || error.path === undefined) throw error
    const text = `${error.path} ${error.message}: the log is saved without it, so names, units and scales may be missing`
    return { opening: options, torn: [{ at: -1, length: 0, kind: "specification", text }] }
  }
}

async function salvage(source: Source, format: Format, options: OpenOptions, output: FileOutput): Promise<Saved> {
  const saved =
    format.recover === undefined
      ? await rewrite(source, format, options, output)
      : { ...(await format.recover(source, output, options)), losses: [] }
  return { ...saved, format: format.name, doubts: await doubtsIn(format, options, output, saved.rows) }
}

async function rebuild(source: Source, format: Format, options: OpenOptions, output: FileOutput): Promise<Saved> {
  if (format.repair === undefined) {
    throw new UnsupportedError(`${format.name} has no structure to rebuild`, {
      path: source.name,
      hint: "recover saves what a damaged log holds",
    })
  }
  const saved = await format.repair(source, output, options)
  return { ...saved, format: format.name, losses: [], doubts: await doubtsIn(format, options, output, saved.rows) }
}

async function rewrite(source: Source, format: Format, options: OpenOptions, output: Output): Promise<Rescue & { losses: string[] }> {
  if (format.write === undefined) throw new UnsupportedError(`${format.name} cannot be written`, { path: source.name })
  const log = await format.open(source, options)
  try {
    const losses = await format.write(log, output, {})
    return { rows: await rowsOf(log), holes: holesOf(log.issues), losses: losses.map(({ text }) => text) }
  } finally {
    await log.close()
  }
}

/**
 * Reads the new file again.
 * @param rows that were saved
 * @throws LogError where it cannot be read, or none of its rows
 */
async function doubtsIn(format: Format, options: OpenOptions, output: FileOutput, rows: number): Promise<Rescue["holes"]> {
  const source = await output.written()
  try {
    const log = await openAgain(format, source, options)
    try {
      const found = await rowsOf(log)
      const doubts = holesOf(log.issues)
      if (found === rows) return doubts
      const text = `the new file reads back ${found} rows, ${rows} were saved`
      if (found === 0) throw new FormatError(text, { format: format.name })
      return [...doubts, { at: -1, length: 0, kind: "rows-read-back", text }]
    } finally {
      await log.close()
    }
  } finally {
    await source.close()
  }
}

/** Opens the new file; by its bytes alone where what describes the old one describes nothing. */
async function openAgain(format: Format, source: Source, options: OpenOptions): Promise<Log> {
  try {
    return await format.open(source, options)
  } catch (error) {
    if (!(error instanceof LogError) || options.spec === undefined) throw error
    return format.open(source, { ...options, spec: undefined })
  }
}

async function rowsOf(log: Log): Promise<number> {
  let rows = 0
  for await (const chunk of log.chunks({ reuse: true })) rows += chunk.rows
  return rows
}
