import * as jls from "../../../../shared/jls/layout.js"
import {
  BadChunk,
  CHUNK_SIZE,
  type ChunkHeader,
  type ChunkReader,
  chunkEnd,
  parsePayloadHeader,
  payloadView,
  readOffset,
  trackTag,
} from "../chunks/chunks.js"
import { packedSize } from "../chunks/datatype.js"
import { chunkSpan, type DataPlace, type FsrMap, mostSamples, type Signal, type SummaryPlace } from "../chunks/structure.js"

/** An INDEX chunk: its entries are the offsets of DATA chunks (level 1) or of INDEX chunks one level below. */
interface Node {
  readonly header: ChunkHeader
  readonly level: number
  readonly first: number
  readonly entries: Float64Array
}

/** A subtree: an INDEX that no other one points to, or a DATA chunk without an INDEX (level 0). */
interface Root {
  readonly level: number
  readonly at: number
  readonly first: number
  readonly end: number
}

const NODES_KEPT = 256
/** Bytes that hold an INDEX of usual size. */
const INDEX_AHEAD = 256
/** Most INDEX chunks searched backwards for a DATA chunk that was not omitted. */
const MAX_BACK = 4096

/**
 * The map of a closed file, straight from its INDEX chunks: reads only those on the way to the wanted samples.
 * The lists lead from the top INDEX to later chunks that it does not contain, down to the last DATA chunk.
 * @throws BadChunk from every call if the tree is broken: then the file needs a scan
 */
export async function listMap(reader: ChunkReader, signal: Signal): Promise<FsrMap> {
  const map = new ListMap(reader, signal)
  await map.findRoots()
  return map
}

class ListMap implements FsrMap {
  first = 0
  end = 0
  private readonly roots: Root[] = []
  private readonly nodes = new Map<number, Node>()

  constructor(
    private readonly reader: ChunkReader,
    private readonly signal: Signal,
  ) {}

  async findRoots(): Promise<void> {
    const heads = this.signal.heads[jls.TRACK_FSR] as Float64Array
    const levels = lastSet(heads)
    const found: { level: number; at: number; first: number }[] = []
    let last: Node | null = null
    for (let level = levels; level >= 1; level--) {
      const chain: Node[] = await this.chain(level, last === null ? (heads[level] as number) : (last.entries.at(-1) as number))
      found.push(...chain.slice(last === null ? 0 : 1).map((node) => ({ level, at: node.header.at, first: node.first })))
      last = chain.at(-1) as Node
    }
    const tail = last === null ? await this.dataChain(heads[0] as number, null) : await this.behind(last)
    this.end = tail.end
    found.push(...tail.chunks.map((chunk) => ({ level: 0, at: chunk.at, first: chunk.first })))
    for (const [i, root] of found.entries()) this.roots.push({ ...root, end: found[i + 1]?.first ?? this.end })
    this.first = this.roots[0]?.first ?? 0
    if (this.end - this.first > mostSamples(this.signal.def, this.reader.source.size))
      throw this.broken("more samples than the file can hold", 0)
    if (this.roots.some((root) => root.end < root.first)) throw this.broken("its chunks are not in order", this.roots[0]?.at ?? 0)
  }

  async places(from: number, to: number): Promise<DataPlace[]> {
    const found: DataPlace[] = []
    await this.descend(0, from, to, (at, first, end) => found.push({ at, first, count: end - first }))
    return found
  }

  async summaries(level: number, from: number, to: number): Promise<SummaryPlace[]> {
    const indexes: SummaryPlace[] = []
    await this.descend(level, from, to, (at, first) => indexes.push({ at, first }))
    const found: SummaryPlace[] = []
    for (const { at, first } of indexes) found.push({ at: chunkEnd((await this.node(level, at, this.pairSize(level))).header), first })
    return found
  }

  /** Calls `visit` for each chunk of a level that touches the range: DATA at level 0, else INDEX. */
  private async descend(target: number, from: number, to: number, visit: (at: number, first: number, end: number) => void): Promise<void> {
    const step = async (level: number, at: number, first: number, end: number): Promise<void> => {
      if (level === target) {
        visit(at, first, end)
        return
      }
      const node = await this.node(level, at)
      if (node.first !== first) throw this.broken(`INDEX starts at ${node.first}, expected ${first}`, at)
      const span = chunkSpan(this.signal.def, level - 1)
      const start = Math.max(0, Math.floor((from - first) / span))
      for (let i = start; i < node.entries.length && first + i * span < Math.min(to, end); i++) {
        const childFirst = first + i * span
        await step(level - 1, node.entries[i] as number, childFirst, Math.min(end, childFirst + span))
      }
    }
    for (const root of this.roots) {
      if (root.end > from && root.first < to && root.level >= target) await step(root.level, root.at, root.first, root.end)
    }
  }

  /** An INDEX and its followers in the list of the level. */
  private async chain(level: number, at: number): Promise<Node[]> {
    const nodes: Node[] = []
    for (let next = at; next !== 0; ) {
      const node = await this.node(level, next)
      nodes.push(node)
      if (node.header.next !== 0 && node.header.next <= next) throw this.broken("a list leads back", next)
      next = node.header.next
    }
    if (nodes.length === 0) throw this.broken(`no INDEX of level ${level}`, 0)
    return nodes
  }

  /** DATA chunks that follow the last one in an INDEX, and the end of all samples. */
  private async behind(last: Node): Promise<{ chunks: { at: number; first: number }[]; end: number }> {
    const { samplesPerData } = this.signal.def
    const indexed = last.first + last.entries.length * samplesPerData
    let node = last
    for (let back = 0; back < MAX_BACK; back++) {
      const i = lastSet(node.entries)
      if (i >= 0) {
        const tail = await this.dataChain(node.entries[i] as number, node.first + i * samplesPerData)
        const lastIsIndexed = node === last && i === last.entries.length - 1
        if (tail.chunks.length > 1) return { chunks: tail.chunks.slice(1), end: tail.end }
        return { chunks: [], end: lastIsIndexed ? tail.end : indexed }
      }
      if (node.header.previous === 0) break
      node = await this.node(1, node.header.previous)
    }
    return { chunks: [], end: indexed }
  }

  /**
   * A DATA chunk and its followers in the list. If a chunk's first sample and size are known before, its header says
   * enough; other chunks are read as a whole, for their CRC.
   */
  private async dataChain(at: number, first: number | null): Promise<{ chunks: { at: number; first: number }[]; end: number }> {
    const chunks: { at: number; first: number }[] = []
    let expected = first
    const bits = this.signal.type?.bits ?? 0
    for (let next = at; next !== 0; ) {
      const isSure = expected !== null && bits >= 8
      const header = await this.reader.header(next, CHUNK_SIZE + jls.PAYLOAD_HEADER_SIZE)
      if (header.tag !== trackTag(jls.TRACK_FSR, jls.KIND_DATA) || header.meta !== this.signal.def.id)
        throw this.broken("no DATA chunk", next)
      const bytes = isSure
        ? await this.reader.bytes(next + CHUNK_SIZE, jls.PAYLOAD_HEADER_SIZE, 0)
        : (await this.reader.chunk(next)).payload
      const head = parsePayloadHeader(bytes)
      if (head === null || packedSize(bits, head.count) !== header.length - jls.PAYLOAD_HEADER_SIZE || Number.isNaN(head.first)) {
        throw this.broken("DATA length and sample count differ", next)
      }
      if (expected !== null && head.first !== expected) throw this.broken(`DATA starts at ${head.first}, expected ${expected}`, next)
      chunks.push({ at: next, first: head.first })
      expected = head.first + head.count
      if (header.next !== 0 && header.next <= next) throw this.broken("a list leads back", next)
      next = header.next
    }
    return { chunks, end: expected ?? 0 }
  }

  private async node(level: number, at: number, ahead = INDEX_AHEAD): Promise<Node> {
    const kept = this.nodes.get(at)
    if (kept !== undefined && kept.level === level) return kept
    const meta = this.signal.def.id | (level << jls.META_LEVEL_SHIFT)
    const { header, payload } = await this.reader.expect(at, trackTag(jls.TRACK_FSR, jls.KIND_INDEX), meta, ahead)
    const head = parsePayloadHeader(payload)
    if (head === null || head.count === 0 || payload.length < jls.PAYLOAD_HEADER_SIZE + head.count * 8 || Number.isNaN(head.first)) {
      throw this.broken("INDEX is shorter than its entries", at)
    }
    const entries = new Float64Array(head.count)
    const view = payloadView(payload)
    for (let i = 0; i < head.count; i++) entries[i] = readOffset(view, jls.PAYLOAD_HEADER_SIZE + i * 8)
    const node = { header, level, first: head.first, entries }
    if (this.nodes.size === NODES_KEPT) this.nodes.delete(this.nodes.keys().next().value as number)
    this.nodes.set(at, node)
    return node
  }

  /** Bytes of a full INDEX with the SUMMARY behind it: one read gets both. */
  private pairSize(level: number): number {
    const { def, type } = this.signal
    const entries = Math.ceil(chunkSpan(def, level) / chunkSpan(def, level - 1))
    return Math.min(65536, 128 + entries * 8 + def.entriesPerSummary * 4 * (type?.summaryBytes ?? 4))
  }

  private broken(what: string, at: number): BadChunk {
    return new BadChunk("bad-link", `signal ${this.signal.def.name}: ${what}`, at, 0)
  }
}

/** Index of the last entry that is not 0; -1 if all are 0. */
function lastSet(entries: Float64Array): number {
  let i = entries.length - 1
  while (i >= 0 && entries[i] === 0) i--
  return i
}
