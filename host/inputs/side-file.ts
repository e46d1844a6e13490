import { readdir, stat } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import type { Source } from "../bytes/source.js"
import { fileSource } from "../io/file-source.js"
import { FormatError, LimitError, LogError } from "../model/errors.js"

/** A parsed side file and where it came from. */
interface SideFile {
  readonly spec: unknown
  readonly specPath: string
}

/** What was found beside a log. */
interface FoundSideFile {
  /** Null when there is none that may be this log's. */
  readonly side: SideFile | null
  /** Those of other logs, by their marks. */
  readonly foreign: readonly SideFile[]
}

/** A specification of every channel that a card can hold stays far below. */
const SIDE_FILE_CAP = 16 * 1024 * 1024

/** Folders in which the file that describes a log may lie: a look-up by name, without regard to case. */
export interface Folder {
  /** For messages. */
  readonly path: string
  find(name: string): Promise<Source | null>
  /** The files whose names fit, in the order of their names. */
  all(fits: (name: string) => boolean): Promise<Source[]>
}

/**
 * The file that describes the channels of a log: `<name>.spec.json` beside it, else `LOGSPEC.JSN` or `spec.json`
 * in its folder, else in the card's root. For a log that tells the mark of its specification it is the first of them that has this
 * mark, else `LOGSPEC.OLD` or any other `*.spec.json` that has it; one without a mark is used where it is named as the log, or where none has it.
 * @param folders the log's own folder, then the card's root
 * @param mark null for a log that does not tell
 * @throws FormatError when it is no JSON
 */
export async function findSideFile(logName: string, folders: readonly Folder[], mark: string | null): Promise<FoundSideFile> {
  const foreign: SideFile[] = []
  let plain: SideFile | null = null
  for await (const side of usualSideFiles(logName, folders)) {
    const own = markOf(side)
    const isNamed = /\.spec\.json$/i.test(side.specPath)
    if (mark === null || own === mark || (own === null && isNamed)) return { side, foreign: [] }
    if (own === null) plain ??= side
    else foreign.push(side)
  }
  const other = mark === null ? null : await otherSideFile(folders, mark)
  return { side: other ?? plain, foreign }
}

/** The side files with usual names, nearest first. */
async function* usualSideFiles(logName: string, folders: readonly Folder[]): AsyncGenerator<SideFile> {
  const stem = logName.replace(/\.[^.]*$/, "")
  for (const [index, folder] of folders.entries()) {
    const names = ["LOGSPEC.JSN", "spec.json"]
    if (index === 0) names.unshift(`${stem}.spec.json`, `${logName}.spec.json`)
    for (const name of new Set(names)) {
      const source = await folder.find(name)
      if (source !== null) yield readSideFile(source, below(folder, name))
    }
  }
}

/** A side file of another name that has a mark; what is no JSON is passed over. */
async function otherSideFile(folders: readonly Folder[], mark: string): Promise<SideFile | null> {
  for (const folder of folders) {
    const sources = await folder.all((name) => /^LOGSPEC\.OLD$|\.spec\.json$/i.test(name))
    try {
      for (const source of sources) {
        const side = await readSideFile(source, below(folder, source.name)).catch(unlessUnreadable)
        if (side !== null && markOf(side) === mark) return side
      }
    } finally {
      for (const source of sources) await source.close()
    }
  }
  return null
}

function unlessUnreadable(error: unknown): null {
  if (error instanceof LogError) return null
  throw error
}

function below({ path }: Folder, name: string): string {
  return `${path}${path.endsWith("/") ? "" : "/"}${basename(name)}`
}

/** The mark that ties logs to a specification; null for one without. */
function markOf({ spec }: SideFile): string | null {
  const { fieldlog } = (spec ?? {}) as { readonly fieldlog?: unknown }
  return typeof fieldlog === "string" ? fieldlog : null
}

/** Reads a side file that the user named. @throws LogError */
export async function loadSideFile(path: string): Promise<SideFile> {
  return readSideFile(await fileSource(path), path)
}

async function readSideFile(source: Source, specPath: string): Promise<SideFile> {
  try {
    if (source.size > SIDE_FILE_CAP) {
      throw new LimitError(`has ${source.size} bytes, a specification has at most ${SIDE_FILE_CAP}`, { path: specPath })
    }
    const text = new TextDecoder().decode(await source.read(0, source.size))
    return { spec: JSON.parse(text), specPath }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new FormatError(`is not JSON: ${error.message}`, {
      path: specPath,
      hint: 'a specification is {"topics": [...], "composites": [...]}',
    })
  } finally {
    await source.close()
  }
}

/** A log's own folder on disk, then the root of the card or disk that it lies on. */
export async function diskFolders(logPath: string): Promise<Folder[]> {
  const own = dirname(resolve(logPath))
  const root = await mountPoint(own)
  return root === null || root === own ? [diskFolder(own)] : [diskFolder(own), diskFolder(root)]
}

function diskFolder(path: string): Folder {
  return {
    path,
    async find(name) {
      const names = await readdir(path).catch(() => [])
      const found =
        names.find((candidate) => candidate === name) ?? names.find((candidate) => candidate.toLowerCase() === name.toLowerCase())
      if (found === undefined || !(await stat(join(path, found))).isFile()) return null
      return fileSource(join(path, found))
    },
    async all(fits) {
      const names = await readdir(path).catch(() => [])
      return Promise.all(
        names
          .filter(fits)
          .sort()
          .map((name) => fileSource(join(path, name))),
      )
    },
  }
}

/** The topmost folder on the same device; null when that is the system's own root, which is no card. */
async function mountPoint(folder: string): Promise<string | null> {
  const { dev } = await stat(folder).catch(() => ({ dev: -1 }))
  let at = folder
  for (;;) {
    const above = dirname(at)
    if (above === at) return null
    const other = await stat(above).catch(() => null)
    if (other === null || other.dev !== dev) return at
    at = above
  }
}
