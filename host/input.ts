import { createReadStream } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { basename, join } from "node:path"
import { imageInputs, insideImage } from "./card-input.js"
import { LogError, UsageError } from "./errors.js"
import type { Format, OpenOptions } from "./format.js"
import type { FormatName, Issue, Log } from "./log.js"
import { byExtension, formatOf, hasSignature, located, openTree, treeFormat } from "./open.js"
import { diskFolders, type Folder, findSideFile } from "./side-file.js"
import { fileSource, type Source } from "./source.js"
import { spool } from "./spool.js"
import { View } from "./view.js"

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

/** An input that has been opened. Closing it closes the log and the bytes below it. */
export interface OpenInput {
  readonly input: Input
  readonly log: Log
  /** Null for a folder. */
  readonly source: Source | null
  readonly format: Format | null
  /** With the side file that was found. */
  readonly options: OpenOptions
  close(): Promise<void>
}

/** Side files are the logger's; the other formats describe themselves. */
const DESCRIBED: readonly FormatName[] = ["meteor", "ddff"]

/** More logs than this in one folder are a wrong folder. */
const LOGS_CAP = 100_000

/**
 * The logs behind the names that a user gave: files, `-`, `card.img`, `card.img:/LOG00001.MET`, folders.
 * @throws LogError when one of them does not exist or holds no log
 */
export async function findInputs(names: readonly string[]): Promise<Input[]> {
  const found: Input[] = []
  for (const name of names) found.push(...(await findInput(name)))
  return found
}

/** The one log behind a name. @throws UsageError when there are several, naming them */
export async function findOneInput(name: string): Promise<Input> {
  const found = await findInput(name)
  if (found.length === 1) return found[0] as Input
  const labels = found.slice(0, 4).map(({ label }) => label)
  throw new UsageError(`holds ${found.length} logs, expected one`, {
    path: name,
    hint: `name one: ${labels.join(", ")}${found.length > labels.length ? ", ..." : ""}`,
  })
}

/** Opens a log with the file that describes it. @throws LogError */
export async function openInput(input: Input, options: OpenOptions & { format?: FormatName | undefined } = {}): Promise<OpenInput> {
  if (input.kind === "tree") {
    const log = await openTree(input.path as string, options)
    return { input, log, source: null, format: null, options, close: () => log.close() }
  }
  const source = await input.source()
  try {
    const format = await located(input.label, () => formatOf(source, options.format))
    const described = await withSideFile(input, format, options)
    const log = await located(input.label, () => format.open(source, described))
    const close = async () => {
      await log.close()
      await source.close()
    }
    const whole = input.issues.length === 0 ? log : new View(log, { issues: input.issues })
    return { input, log: whole, source, format, options: described, close }
  } catch (error) {
    await source.close()
    throw error
  }
}

/** Every file on disk that an opened input is read from: itself and its side file. */
export function filesOf({ input, options }: Pick<OpenInput, "input" | "options">): string[] {
  return [input.path, options.specPath].filter((path) => path !== null && path !== undefined)
}

/** The options for opening an input, with its side file where the format takes one and none is given. */
export async function withSideFile(input: Input, format: Format, options: OpenOptions): Promise<OpenOptions> {
  if (options.spec !== undefined || !DESCRIBED.includes(format.name)) return options
  const side = await findSideFile(basename(input.label), await input.folders())
  return side === null ? options : { ...options, ...side }
}

async function findInput(name: string): Promise<Input[]> {
  if (name === "-") return [standardInput()]
  const found = await stat(name).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) {
    const inside = await insideImage(name)
    if (inside !== null) return inside
    const reason = found.code === "ENOENT" || found.code === "ENOTDIR" ? "no such file" : `cannot be read (${found.code})`
    throw new LogError(reason, { path: name })
  }
  if (found.isDirectory()) return folderInputs(name)
  if (!found.isFile() && !found.isBlockDevice()) return [pipe(name)]
  return (await imageInputs(name)) ?? [diskFile(name)]
}

function diskFile(path: string): Input {
  return { label: path, path, kind: "bytes", source: () => fileSource(path), folders: () => diskFolders(path), issues: [] }
}

function standardInput(): Input {
  return {
    label: "-",
    path: null,
    kind: "bytes",
    async source() {
      if (process.stdin.isTTY) throw new UsageError("standard input is a terminal, expected a log", { hint: "fieldlog info - < run.met" })
      return spool(process.stdin, "stdin")
    },
    folders: async () => [],
    issues: [],
  }
}

function pipe(path: string): Input {
  return {
    label: path,
    path: null,
    kind: "bytes",
    source: () => spool(createReadStream(path), "pipe"),
    folders: async () => [],
    issues: [],
  }
}

async function folderInputs(path: string): Promise<Input[]> {
  const tree: Input = {
    label: path,
    path,
    kind: "tree",
    source: () => Promise.reject(new LogError("is a folder, expected a file", { path })),
    folders: async () => [],
    issues: [],
  }
  if ((await treeFormat(path)) !== null) return [tree]
  const logs: string[] = []
  for (const name of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue
    const file = join(name.parentPath, name.name)
    if (await isLog(file)) logs.push(file)
    if (logs.length > LOGS_CAP) throw new UsageError(`holds more than ${LOGS_CAP} logs`, { path })
  }
  if (logs.length === 0)
    throw new LogError("is a folder without logs", { path, hint: "logs are found by their content and by their extension" })
  return logs.sort().map(diskFile)
}

async function isLog(path: string): Promise<boolean> {
  if (byExtension(path) !== null) return true
  const source = await fileSource(path).catch(() => null)
  if (source === null) return false
  try {
    return await hasSignature(source)
  } finally {
    await source.close()
  }
}
