import { readdir, stat } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import type { Source } from "../bytes/source.js"
import { fileSource } from "../io/file-source.js"
import { FormatError, LimitError } from "../model/errors.js"

/** A parsed side file and where it came from. */
interface SideFile {
  readonly spec: unknown
  readonly specPath: string
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
 * in its folder, else in the card's root.
 * @param folders the log's own folder, then the card's root
 * @returns null when there is none
 * @throws FormatError when it is no JSON
 */
export async function findSideFile(logName: string, folders: readonly Folder[]): Promise<SideFile | null> {
  const stem = logName.replace(/\.[^.]*$/, "")
  for (const [index, folder] of folders.entries()) {
    const names = ["LOGSPEC.JSN", "spec.json"]
    if (index === 0) names.unshift(`${stem}.spec.json`, `${logName}.spec.json`)
    for (const name of names) {
      const source = await folder.find(name)
      if (source !== null) return readSideFile(source, `${folder.path}${folder.path.endsWith("/") ? "" : "/"}${name}`)
    }
  }
  return null
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
