import { search } from "../bytes/search.js"
import type { Source } from "../bytes/source.js"
import { type ByteRange, rangesWithin } from "../bytes/unreadable.js"
import { LimitError, LogError } from "../model/errors.js"
import { IssueList, issue } from "../model/issues.js"
import type { Issue } from "../model/log.js"
import { type FolderEntry, readFolder } from "./folder.js"
import { BAD_CLUSTER, CHAIN_END, openVolume, type Volume } from "./volume.js"

/** A file or folder on the card. */
export interface CardEntry extends FolderEntry {
  /** `/LOG00001.MET`, `/old/run 1.ddf`; no two entries have one path, whatever the case. */
  readonly path: string
  /** Bytes that can be read: fewer than `size` where the chain or the image ends early. */
  readonly readable: number
  /** Contiguous pieces. */
  readonly runs: number
  /** What is wrong with its entry and its chain. They stand among the card's, too. */
  readonly issues: readonly Issue[]
}

/** The files on a FAT32 card or its image, for reading. */
export interface CardImage {
  readonly label: string
  /** Byte offset of the volume in the source. */
  readonly base: number
  readonly clusterBytes: number
  /** Bytes of all clusters, used and free. */
  readonly capacity: number
  /** Folders before what is in them. */
  readonly entries: readonly CardEntry[]
  /** Chains that break, loop or cross, and impossible folders. */
  readonly issues: readonly Issue[]
  /** True when a folder or the FAT cannot be read in part: there may be files that no entry tells of. */
  readonly incomplete: boolean
  /** Those of the issues by which `entries` may lack files: faults of folders and of the FAT. */
  readonly hiding: readonly Issue[]
  /** Byte offset in the source of the first byte of each file. */
  readonly begins: ReadonlySet<number>
  /** Free bytes, counted in the FAT. */
  free(): Promise<number>
  /** A file as a source; closing it leaves the image open. Case does not matter in the path. @throws LogError if there is no such file */
  open(path: string): Source
  close(): Promise<void>
}

/** At most this many entries are read. */
const MAX_ENTRIES = 100_000
const MAX_DEPTH = 32
/** A folder may have 65,536 entries by the specification. */
const MAX_FOLDER_BYTES = 65_536 * 32

/** Source: FAT32 File System Specification 1.03, DIR_FileSize: 32 bits. */
const MAX_FILE_BYTES = 0xffffffff

/** Neighbouring clusters of a file: `bytes` at `at` in the source hold the file from `from` on. */
interface Run {
  readonly from: number
  readonly at: number
  readonly bytes: number
}

/**
 * Opens a FAT32 image: the first FAT32 partition, or a volume without partition table. All folders and chains are walked once;
 * memory is one bit a cluster and what the entries take.
 * @throws LogError if there is no FAT32 volume
 */
export async function openImage(source: Source): Promise<CardImage> {
  const volume = await openVolume(source)
  const walk = new Walk(source, volume)
  if (volume.base + volume.bytes > source.size) {
    walk.report(
      "truncated-image",
      "error",
      source.size,
      `the volume ends at byte ${volume.base + volume.bytes}, the image at ${source.size}`,
    )
  }
  await walk.folder("", volume.rootCluster, 0)
  walk.tellVolume()
  return {
    label: walk.label || volume.label,
    base: volume.base,
    clusterBytes: volume.clusterBytes,
    capacity: volume.clusters * volume.clusterBytes,
    entries: walk.entries,
    issues: walk.issues.all,
    incomplete: walk.incomplete,
    hiding: walk.hiding,
    begins: new Set([...walk.runs.values()].flatMap(([first]) => first?.at ?? [])),
    free: () => volume.free(),
    open: (path) => {
      const wanted = (path.startsWith("/") ? path : `/${path}`).toLowerCase()
      const entry = walk.entries.find((e) => e.path.toLowerCase() === wanted)
      const runs = entry === undefined ? undefined : walk.runs.get(entry)
      if (entry === undefined || runs === undefined) throw new LogError(`no file ${path} on the card`, { path: source.name })
      return new RunSource(source, entry.name, entry.readable, runs)
    },
    close: () => source.close(),
  }
}

/** One pass over the folders. */
class Walk {
  readonly entries: CardEntry[] = []
  readonly runs = new Map<CardEntry, readonly Run[]>()
  readonly issues = new IssueList()
  /** Issues by which files may be missing. */
  readonly hiding: Issue[] = []
  label = ""
  incomplete = false
  private readonly names = new Set<string>()
  private readonly owned: Uint8Array

  constructor(
    private readonly source: Source,
    private readonly volume: Volume,
  ) {
    this.owned = new Uint8Array((volume.clusters + 9) >> 3)
  }

  report(kind: string, severity: Issue["severity"], at: number, text: string): Issue {
    const told = issue(kind, severity, text, { at })
    this.issues.add(told)
    return told
  }

  /** Tells what of the volume's own sectors could not be read, and which partitions are not. */
  tellVolume(): void {
    const { copied, lost, others } = this.volume
    for (const { kind, at, length } of others) {
      const text = `another partition (${kind}, ${Math.round(length / 1e6)} MB) begins at byte ${at}: its files are not read. Name that partition, or an image of it alone`
      this.hiding.push(this.report("other-partition", kind.startsWith("FAT") ? "error" : "note", at, text))
    }
    for (const { at, length } of copied) {
      this.report("unreadable-copy", "warning", at, `${length} bytes of the file system cannot be read: their copy is used`)
    }
    for (const { at, length } of lost) {
      this.incomplete = true
      this.hiding.push(this.report("unreadable", "error", at, `${length} bytes of the FAT cannot be read, nor can their copy`))
    }
  }

  async folder(path: string, firstCluster: number, depth: number): Promise<void> {
    const name = path === "" ? "the root folder" : path
    const { runs, oddities } = await this.chain(name, firstCluster, MAX_FOLDER_BYTES)
    this.hiding.push(...oddities.filter(({ severity }) => severity === "error"))
    const total = bytesOf(runs)
    const content = new RunSource(this.source, path, total, runs)
    const bytes = await content.read(0, total)
    const lost = (kind: string, at: number, text: string) => {
      this.incomplete = true
      this.hiding.push(this.report(kind, "error", at, `${name}: ${text}`))
    }
    for (const { at, length } of content.unreadable) {
      lost("unreadable", sourceOffset(runs, at), `${length} bytes of its entries cannot be read`)
    }
    const beyond = total - bytes.length
    if (beyond > 0) lost("image-end", this.source.size, `the image ends here: ${beyond} bytes of its entries are not in it`)
    const listing = readFolder(bytes, content.unreadable)
    if (path === "" && listing.label !== null) this.label = listing.label
    for (const { at, text } of listing.oddities) this.report("folder-entry", "warning", sourceOffset(runs, at), text)
    for (const found of listing.entries) {
      if (this.entries.length >= MAX_ENTRIES) throw new LimitError(`more than ${MAX_ENTRIES} files and folders`, { path: this.source.name })
      await this.entry(this.free(`${path}/${found.name}`), `${path}/${found.name}`, found, sourceOffset(runs, found.at), depth)
    }
  }

  /** The path, or one like it that no other entry has: a damaged folder may list a name twice. */
  private free(path: string): string {
    for (let n = 1; ; n++) {
      const own = n === 1 ? path : path.replace(/(\.[^./]*)?$/, (ending) => `-${n}${ending}`)
      if (this.names.has(own.toLowerCase())) continue
      this.names.add(own.toLowerCase())
      return own
    }
  }

  private async entry(path: string, given: string, found: FolderEntry, at: number, depth: number): Promise<void> {
    const issues: Issue[] = []
    if (path !== given) issues.push(this.report("same-name", "warning", at, `${path}: another entry of the folder is named ${given}, too`))
    if (found.folder) {
      this.entries.push({ ...found, path, readable: 0, runs: 0, issues })
      if (depth >= MAX_DEPTH) {
        this.hiding.push(this.report("too-deep", "error", at, `${path}: folders within folders beyond ${MAX_DEPTH}: not read`))
      } else await this.folder(path, found.firstCluster, depth + 1)
      return
    }
    const isUnclosed = found.size === 0 && found.firstCluster >= 2
    const limit = isUnclosed ? MAX_FILE_BYTES : found.size
    const { runs, oddities } = limit === 0 ? { runs: [], oddities: [] } : await this.chain(path, found.firstCluster, limit, at)
    const chained = bytesOf(runs)
    if (isUnclosed && chained > 0) {
      const text = `${path}: 0 bytes by its entry, clusters for ${chained}: all of them are read; the file was not closed`
      oddities.push(this.report("size-zero", "error", at, text))
    } else if (chained < found.size) {
      oddities.push(this.report("short-chain", "error", at, `${path}: ${found.size} bytes by its entry, clusters for ${chained}`))
    }
    // The entry of a file that was never closed says nothing of its size: its chain does.
    const size = isUnclosed ? Math.min(chained, MAX_FILE_BYTES) : found.size
    const there = runsBefore(runs, this.source.size)
    const readable = Math.min(size, bytesOf(there))
    if (readable < Math.min(size, chained)) {
      const text = `${path}: the image ends here, at byte ${readable} of the file's ${size}`
      const told = issue("image-end", "error", text, { at: readable, length: size - readable })
      issues.push(told)
      this.issues.add({ ...told, at: this.source.size })
    }
    const entry: CardEntry = { ...found, size, path, readable, runs: runs.length, issues: [...issues, ...oddities] }
    this.entries.push(entry)
    this.runs.set(entry, there)
  }

  /** The clusters of a chain as runs, up to `limit` bytes, and what is odd about them; it ends where it makes no sense. */
  private async chain(what: string, first: number, limit: number, at = -1): Promise<Chain> {
    const { clusterBytes, clusters } = this.volume
    const runs: Run[] = []
    const oddities: Issue[] = []
    const report = (kind: string, severity: Issue["severity"], text: string) =>
      oddities.push(this.report(kind, severity, at, `${what}: ${text}`))
    const most = Math.ceil(limit / clusterBytes)
    let from = 0
    let runFirst = first
    let length = 0
    const end = () => {
      if (length > 0) runs.push({ from, at: this.volume.at(runFirst), bytes: length * clusterBytes })
      from += length * clusterBytes
      length = 0
    }
    for (let cluster = first, n = 0; ; n++) {
      if (cluster < 2 || cluster >= clusters + 2) {
        report("bad-chain", "error", `cluster ${n} is number ${cluster}, the volume has 2 to ${clusters + 1}`)
        break
      }
      if (this.take(cluster)) {
        report("cross-link", "error", `cluster ${cluster} belongs to another file or came before`)
        break
      }
      if (length > 0 && cluster !== runFirst + length) {
        end()
        runFirst = cluster
      } else if (length === 0) runFirst = cluster
      length++
      const next = await this.volume.next(cluster)
      if (next >= CHAIN_END) break
      if (n + 1 >= most) {
        report("long-chain", "note", `has more clusters than its ${limit} bytes need`)
        break
      }
      if (next === BAD_CLUSTER || next === 0) {
        report("bad-chain", "error", `the chain ends in a ${next === 0 ? "free" : "defect"} cluster after ${n + 1} clusters`)
        break
      }
      cluster = next
    }
    end()
    return { runs, oddities }
  }

  /** Marks a cluster as used by a file. @returns true if it was marked before */
  private take(cluster: number): boolean {
    const bit = 1 << (cluster & 7)
    const old = this.owned[cluster >> 3] as number
    this.owned[cluster >> 3] = old | bit
    return (old & bit) !== 0
  }
}

/** The clusters of a file. */
interface Chain {
  readonly runs: readonly Run[]
  readonly oddities: Issue[]
}

function bytesOf(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + run.bytes, 0)
}

/** The runs of a file up to the first byte that lies behind the image's end: nothing behind it can be given. */
function runsBefore(runs: readonly Run[], end: number): Run[] {
  const cut = runs.findIndex((run) => run.at + run.bytes > end)
  const last = runs[cut]
  if (last === undefined) return [...runs]
  const bytes = Math.max(0, end - last.at)
  return bytes === 0 ? runs.slice(0, cut) : [...runs.slice(0, cut), { ...last, bytes }]
}

function sourceOffset(runs: readonly Run[], at: number): number {
  const run = runs.find((r) => at < r.from + r.bytes)
  return run === undefined ? -1 : run.at + at - run.from
}

/** A file's runs, read as one. */
class RunSource implements Source {
  constructor(
    private readonly source: Source,
    readonly name: string,
    readonly size: number,
    private readonly runs: readonly Run[],
  ) {}

  get unreadable(): readonly ByteRange[] {
    const { unreadable = [] } = this.source
    if (unreadable.length === 0) return unreadable
    return this.runs.flatMap((run) => rangesWithin(unreadable, run.at, Math.min(run.bytes, this.size - run.from), run.from))
  }

  async read(at: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.size - at))
    const target = into ?? new Uint8Array(wanted)
    let done = 0
    for (let k = this.find(at); done < wanted && k < this.runs.length; k++) {
      const run = this.runs[k] as Run
      const skip = at + done - run.from
      const part = Math.min(run.bytes - skip, wanted - done)
      const bytes = await this.source.read(run.at + skip, part, target.subarray(done, done + part))
      done += bytes.length
      // The image has become shorter since it was opened.
      if (bytes.length < part) break
    }
    return target.subarray(0, done)
  }

  async refresh(): Promise<number> {
    return this.size
  }

  async close(): Promise<void> {}

  /** Index of the run that holds `at`. */
  private find(at: number): number {
    return search(0, this.runs.length, (i) => {
      const run = this.runs[i] as Run
      return run.from + run.bytes > at
    })
  }
}
