import { createReadStream } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { fileSource } from "../io/file-source.js"
import { spool } from "../io/spool.js"
import { LogError, UsageError } from "../model/errors.js"
import { issue } from "../model/issues.js"
import type { Issue } from "../model/log.js"
import { byExtension, hasSignature, type Opening, openingForSeveral, treeFormat } from "../registry/open.js"
import { isDebris } from "../text/debris.js"
import { imageInputs, insideImage } from "./card.js"
import { type Found, type Input, type OpenInput, openInput } from "./input.js"
import { type Recording, recordingsAmong } from "./recordings.js"
import { diskFolders } from "./side-file.js"

/** More logs than this in one folder are a wrong folder. */
const LOGS_CAP = 100_000

/**
 * The logs behind the names that a user gave: files, `-`, `card.img`, `card.img:/LOG00001.MET`, folders.
 * @throws LogError when one of them does not exist or holds no log
 */
export async function findInputs(names: readonly string[]): Promise<Found> {
  const found: Found[] = []
  for (const name of names) found.push(await findInput(name))
  return { inputs: found.flatMap(({ inputs }) => inputs), issues: found.flatMap(({ issues }) => issues) }
}

/** The one log behind a name. @throws UsageError when there are several, naming them */
export async function findOneInput(name: string): Promise<Input> {
  const { inputs, issues } = await findInput(name)
  const [only] = inputs
  // One log is asked for, so its issues tell also what is wrong with the folder or card that was named.
  if (only !== undefined && inputs.length === 1) return { ...only, issues: [...issues, ...only.issues] }
  throw several(name, inputs)
}

function several(name: string, inputs: readonly Input[]): UsageError {
  const labels = inputs.slice(0, 4).map(({ label }) => label)
  return new UsageError(`holds ${inputs.length} logs, expected one`, {
    path: name,
    hint: `name one: ${labels.join(", ")}${inputs.length > labels.length ? ", ..." : ""}`,
  })
}

/**
 * The one log behind a name, or the files of the one recording there, opened with the file that describes it.
 * @param join false: a file by itself
 * @throws LogError; UsageError when there are several
 */
export async function openNamed(name: string, options: Opening = {}, join = true): Promise<OpenInput> {
  const { inputs, issues } = await findInput(name)
  const [first, ...more] = inputs
  if (first === undefined || more.length === 0 || !join) return openInput(await findOneInput(name), options)
  const recordings = recordingsAmong([{ ...first, issues: [...issues, ...first.issues] }, ...more], options)
  const one = await recordings.next()
  const open = await (one.value as Recording).open()
  const another = await recordings.next()
  if (another.done === true) return open
  await open.close()
  await recordings.return(undefined)
  throw several(name, inputs)
}

/**
 * Every log and recording behind some names, opened.
 * @param join false: every file by itself
 * @throws LogError if one cannot be opened; UsageError for an option that none heeds
 */
export async function openEach(
  names: readonly string[],
  options: Opening,
  join: boolean,
): Promise<{ opened: OpenInput[]; issues: readonly Issue[] }> {
  const { each, done } = openingForSeveral(options)
  const { inputs, issues } = await findInputs(names)
  const opened: OpenInput[] = []
  try {
    for await (const recording of recordingsAmong(inputs, each, join)) opened.push(await recording.open())
    done()
    return { opened, issues }
  } catch (error) {
    for (const open of opened) await open.close()
    throw error
  }
}

async function findInput(name: string): Promise<Found> {
  if (name === "-") return lone(standardInput())
  const found = await stat(name).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) {
    const inside = await insideImage(name)
    if (inside !== null) return inside
    const reason = found.code === "ENOENT" || found.code === "ENOTDIR" ? "no such file" : `cannot be read (${found.code})`
    throw new LogError(reason, { path: name })
  }
  if (found.isDirectory()) return folderInputs(name)
  if (!found.isFile() && !found.isBlockDevice()) return lone(pipe(name))
  return (await imageInputs(name)) ?? lone(diskFile(name))
}

function lone(input: Input): Found {
  return { inputs: [input], issues: [] }
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

async function folderInputs(path: string): Promise<Found> {
  const tree: Input = {
    label: path,
    path,
    kind: "tree",
    source: () => Promise.reject(new LogError("is a folder, expected a file", { path })),
    folders: async () => [],
    issues: [],
  }
  if ((await treeFormat(path)) !== null) return lone(tree)
  const unreadable: string[] = []
  const logs: string[] = []
  for await (const file of filesBelow(path, unreadable)) {
    if (await isLog(file)) logs.push(file)
    if (logs.length > LOGS_CAP) throw new UsageError(`holds more than ${LOGS_CAP} logs`, { path })
  }
  const issues = unreadable.map((folder) => issue("unreadable-folder", "error", `${folder}: cannot be read, logs in it are left out`))
  if (logs.length === 0) {
    const [first] = issues
    if (first !== undefined) throw new LogError(first.text, { path })
    throw new LogError("is a folder without logs", { path, hint: "logs are found by their content and by their extension" })
  }
  return { inputs: withoutCompanions(logs).sort().map(diskFile), issues }
}

/** The logs without the files that are read with another one of them. */
function withoutCompanions(logs: readonly string[]): string[] {
  const all = new Set(logs.map((path) => path.toLowerCase()))
  return logs.filter((path) => {
    const log = byExtension(path)?.readsWith?.(basename(path)) ?? null
    return log === null || !all.has(join(dirname(path), log).toLowerCase())
  })
}

/** The files of a folder and of those in it, without what operating systems leave there. @param unreadable folders that are closed */
async function* filesBelow(folder: string, unreadable: string[]): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => null)
  if (entries === null) unreadable.push(folder)
  for (const entry of entries ?? []) {
    if (isDebris(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path, unreadable)
    else if (entry.isFile()) yield path
  }
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
