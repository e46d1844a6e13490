import type { Source } from "../../bytes/source.js"
import { FormatError } from "../../model/errors.js"
import { type IssueList, issue } from "../../model/issues.js"
import { BadChunk, ChunkReader } from "./chunks/chunks.js"
import { hasEnd, openByLists, readFileHeader } from "./chunks/open.js"
import { hasChunk } from "./chunks/scan.js"
import type { FsrMap, Structure } from "./chunks/structure.js"
import { Rebuild, type Rebuilt } from "./rebuild.js"
import { listMap } from "./samples/lists.js"
import { type JlsAnnotation, type JlsUserData, type JlsUtc, readAnnotations, readUserData, readUtc } from "./timed/timed.js"

/** A file's structure and everything in it except samples. Maps by signal id. */
export interface Contents {
  readonly structure: Structure
  readonly maps: ReadonlyMap<number, FsrMap>
  readonly utc: ReadonlyMap<number, readonly JlsUtc[]>
  readonly annotations: ReadonlyMap<number, readonly JlsAnnotation[]>
  readonly userData: readonly JlsUserData[]
  /** True if all of it came from the lists of a closed file; false after a scan. */
  readonly closed: boolean
}

/**
 * Opens a closed file by its lists and indexes; scans a file that was never closed or has broken lists.
 * If an index proves broken later, the file is scanned then.
 */
export async function readContents(source: Source, issues: IssueList): Promise<Contents> {
  const reader = new ChunkReader(source)
  const header = await readFileHeader(source)
  for (const found of header.issues) issues.add(found)
  if (header.length === 0) return scanned(source, issues)
  if (header.length > source.size || !(await hasEnd(source, header.length))) {
    issues.add(
      issue("not-closed", "warning", `no END chunk at byte ${header.length - 32}, where the header says that the file ends`, {
        at: 16,
        length: 8,
      }),
    )
    return scanned(source, issues)
  }
  if (source.size > header.length && (await hasChunk(source, header.length))) return scanned(source, issues)
  if (source.size > header.length) {
    const extra = source.size - header.length
    issues.add(issue("appended", "warning", `${extra} bytes behind the end of the file`, { at: header.length, length: extra }))
  }
  try {
    return await listed(reader, issues)
  } catch (error) {
    if (!(error instanceof BadChunk)) throw error
    issues.add(
      issue(error.kind, "error", `${error.message}; the file was scanned instead`, { at: error.at, length: error.length, rowsKept: true }),
    )
    return scanned(source, issues)
  }
}

async function listed(reader: ChunkReader, issues: IssueList): Promise<Contents> {
  const structure = await openByLists(reader)
  const maps = new Map<number, FsrMap>()
  const utc = new Map<number, JlsUtc[]>()
  const annotations = new Map<number, JlsAnnotation[]>()
  const scan = once(() => rebuildInto(reader.source, issues))
  for (const signal of structure.signals) {
    const { id, type } = signal.def
    annotations.set(id, await readAnnotations(reader, signal))
    if (type === "vsr") continue
    utc.set(id, await readUtc(reader, signal))
    maps.set(id, new HealingMap(await listMap(reader, signal), id, issues, scan))
  }
  return { structure, maps, utc, annotations, userData: await readUserData(reader), closed: true }
}

async function scanned(source: Source, issues: IssueList): Promise<Contents> {
  return { ...(await rebuildInto(source, issues)), closed: false }
}

async function rebuildInto(source: Source, issues: IssueList): Promise<Rebuilt> {
  const found = await new Rebuild(source).scan()
  if (found.chunks === 0) throw new FormatError("not a JLS file: no sound chunk in it", { format: "jls", at: 0 })
  for (const each of found.issues) issues.add(each)
  return found
}

/** A map from the file's indexes that falls back on a scan of the file if an index is broken. */
class HealingMap implements FsrMap {
  readonly first: number
  readonly end: number

  constructor(
    private map: FsrMap,
    private readonly id: number,
    private readonly issues: IssueList,
    private readonly scan: () => Promise<Rebuilt>,
  ) {
    this.first = map.first
    this.end = map.end
  }

  places(from: number, to: number): ReturnType<FsrMap["places"]> {
    return this.healed((map) => map.places(from, to))
  }

  summaries(level: number, from: number, to: number): ReturnType<FsrMap["summaries"]> {
    return this.healed((map) => map.summaries(level, from, to))
  }

  private async healed<T>(ask: (map: FsrMap) => Promise<T>): Promise<T> {
    try {
      return await ask(this.map)
    } catch (error) {
      if (!(error instanceof BadChunk)) throw error
      this.issues.add(issue(error.kind, "warning", `${error.message}; the file was scanned instead`, error))
      const found = (await this.scan()).maps.get(this.id)
      if (found === undefined) throw error
      this.map = found
      return ask(found)
    }
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => (made ??= make())
}
