import { basename } from "node:path"
import type { Source } from "../bytes/source.js"
import { FormatError, LogError } from "../model/errors.js"
import type { Format, OpenOptions } from "../model/format.js"
import { issue } from "../model/issues.js"
import type { Issue, Log } from "../model/log.js"
import { formatFor, located, type Opening, openTree } from "../registry/open.js"
import { computed } from "../sensors/computed.js"
import { View } from "../views/view.js"
import { type Folder, findSideFile } from "./side-file.js"

/** One log that a user named: a file, a file in a card image, standard input, a folder that is a log. */
export interface Input {
  /** As the user would write it. */
  readonly label: string
  /** The file or folder on disk that is read, and so never written; null for standard input. */
  readonly path: string | null
  readonly kind: "bytes" | "tree"
  /** For `bytes`. @throws LogError */
  source(): Promise<Source>
  /** Where the file that describes it may lie, nearest first. */
  folders(): Promise<readonly Folder[]>
  /** What is wrong with the place that it lies in: a broken chain of clusters. */
  readonly issues: readonly Issue[]
}

/** What the names that a user gave mean. */
export interface Found {
  readonly inputs: readonly Input[]
  /** What is wrong where logs were looked for, so that some may be missing: a folder that cannot be read. */
  readonly issues: readonly Issue[]
}

/** What is wrong with the place of an input so far, and what its device could not read: it grows while the source is read. */
export function damageAround({ issues }: Pick<Input, "issues">, source: Source): readonly Issue[] {
  const { unreadable = [] } = source
  if (unreadable.length === 0) return issues
  const holes = unreadable.map(({ at, length }) => {
    const text = `${source.name}: ${length} bytes cannot be read, the device reports an input/output error; they are taken as zeros`
    return issue("unreadable", "error", text, { at, length })
  })
  return [...issues, ...holes]
}

/** An input that has been opened. Closing it closes the log and the bytes below it. */
export interface OpenInput {
  readonly input: Input
  /** The label of its first file. */
  readonly first: string
  /** The log as people read it: with the channels that are computed from what a sensor stored. */
  readonly log: Log
  /** The log as the file has it. */
  readonly stored: Log
  /** Null for a folder; the last file's for a recording of several. */
  readonly source: Source | null
  /** Bytes of all its files when it was opened; null for a folder. */
  readonly size: number | null
  /** Every file on disk that it is read from: itself and its side file. None of them is ever written. */
  readonly files: readonly string[]
  readonly format: Format | null
  /** With the side file that was found. */
  readonly options: OpenOptions
  close(): Promise<void>
}

/** Opens a log with the file that describes it. @throws LogError */
export async function openInput(input: Input, options: Opening = {}): Promise<OpenInput> {
  if (input.kind === "tree") {
    const stored = await openTree(input.path as string, options)
    const close = () => stored.close()
    return {
      input,
      first: input.label,
      log: computed(stored),
      stored,
      source: null,
      size: null,
      files: filesOf(input, options),
      format: null,
      options,
      close,
    }
  }
  const source = await input.source()
  try {
    const format = await located(input.label, () => formatFor(source, options))
    const { options: described, issues } = await withSideFile(input, source, format, options)
    const beside = async (name: string) => (await (await input.folders())[0]?.find(name)) ?? null
    const besides = async (fits: (name: string) => boolean) => (await (await input.folders())[0]?.all(fits)) ?? []
    const log = await located(input.label, () => format.open(source, { beside, besides, ...described }))
    const close = async () => {
      await log.close()
      await source.close()
    }
    // What cannot be read is known when it has been tried.
    const isWhole = input.issues.length + issues.length === 0 && source.unreadable === undefined
    const stored = isWhole ? log : new View(log, { around: () => [...damageAround(input, source), ...issues] })
    const { size } = source
    return {
      input,
      first: input.label,
      log: computed(stored),
      stored,
      source,
      size,
      files: filesOf(input, described),
      format,
      options: described,
      close,
    }
  } catch (error) {
    await source.close()
    throw withCause(error, input, source)
  }
}

/** Why a log cannot be opened: before all that its bytes cannot be read, or are not there, where that is so. */
export function withCause(error: unknown, input: Input, source: Source): unknown {
  const [first] = damageAround(input, source).filter(({ severity }) => severity === "error")
  if (first === undefined || !(error instanceof LogError)) return error
  return new FormatError(`${first.text}; then: ${error.message}`, { path: input.label, at: first.at })
}

/**
 * The log to read of an opened input.
 * @param raw true for the channels as stored: for `--raw`, and for a copy in the log's own format
 * @param channels patterns as `-c` takes them: a stored channel that one of them names is in the computed log as well
 */
export function readingOf({ log, stored }: Pick<OpenInput, "log" | "stored">, raw: boolean, channels?: readonly string[]): Log {
  if (raw) return stored
  return channels === undefined ? log : computed(stored, channels)
}

/** Every file on disk that an input is read from: itself and its side file. */
export function filesOf({ path }: Input, { specPath }: OpenOptions): string[] {
  return [path, specPath].filter((file) => file !== null && file !== undefined)
}

/** How an input is opened, and what is wrong with the side files beside it. */
interface Described {
  readonly options: OpenOptions
  readonly issues: readonly Issue[]
}

/** The options for opening an input, with its side file where the format takes one and none is given. */
export async function withSideFile(input: Input, source: Source, format: Format, options: OpenOptions): Promise<Described> {
  if (options.spec !== undefined || format.sideFile !== true) return { options, issues: [] }
  const mark = (await format.specMark?.(source)) ?? null
  const { side, foreign } = await findSideFile(basename(input.label), await input.folders(), mark)
  if (side !== null) return { options: { ...options, ...side }, issues: [] }
  const names = foreign.map(({ specPath }) => basename(specPath)).join(", ")
  const text = `no specification beside the log has its mark ${mark}: ${names} not used, so it has no names, units and scales`
  return { options, issues: foreign.length === 0 ? [] : [issue("foreign-specification", "error", text)] }
}
