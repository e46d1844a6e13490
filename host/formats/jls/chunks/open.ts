import * as jls from "../../../../shared/jls/layout.js"
import { crc32c } from "../../../bytes/crc32c.js"
import type { Source } from "../../../bytes/source.js"
import { UnsupportedError } from "../../../model/errors.js"
import { issue } from "../../../model/issues.js"
import type { Issue } from "../../../model/log.js"
import { BadChunk, type ChunkReader, chunkEnd, type JlsChunk, parseHeader, payloadView, readOffset } from "./chunks.js"
import { type DataType, parseDataType } from "./datatype.js"
import { parseSignal, parseSource, type SignalDef, type SourceDef, signalFault } from "./definitions.js"
import { parseHead, type Signal, type Structure } from "./structure.js"

/** Chunks of the fixed opening among which the first definitions must be. */
const OPENING = 16
/** Members of a list of definitions: 256 signals with at most 7 chunks each. */
const MAX_DEFINITIONS = jls.IDS * 8
/** Read at once at opening: most files define everything in it. */
const HEAD_BYTES = 8192

/** The state of a file's first 32 bytes. */
interface FileHeader {
  /** Length of the file when the writer closed it; 0 if it was never closed. */
  readonly length: number
  readonly issues: readonly Issue[]
}

/** Reads the file header; faults in it become issues. @throws UnsupportedError for a later major version */
export async function readFileHeader(source: Source): Promise<FileHeader> {
  const bytes = await source.read(0, jls.FILE_HEADER_SIZE)
  if (bytes.length < jls.FILE_HEADER_SIZE) {
    return { length: 0, issues: [issue("truncated", "error", "the file ends within its header", { at: 0, length: bytes.length })] }
  }
  const F = jls.fileHeader.fields
  const view = payloadView(bytes)
  const issues: Issue[] = []
  const sound = view.getUint32(F.crc.at, true) === crc32c(bytes.subarray(0, F.crc.at))
  if (!sound) issues.push(issue("bad-crc", "warning", "file header: CRC is wrong", { at: 0, length: 32 }))
  if (jls.SIGNATURE.some((byte, i) => bytes[i] !== byte)) {
    issues.push(issue("bad-signature", "warning", "file header: the signature is damaged", { at: 0, length: 16 }))
  }
  const version = view.getUint32(F.version.at, true)
  if (sound && version >>> 24 > jls.VERSION_MAJOR) {
    throw new UnsupportedError(`JLS version ${version >>> 24}; versions up to ${jls.VERSION_MAJOR} are known`, { format: "jls", at: 24 })
  }
  const length = readOffset(view, F.length.at)
  if (length === 0) issues.push(issue("not-closed", "warning", "the file was never closed", { at: F.length.at, length: 8 }))
  return { length: sound && length > 0 ? length : 0, issues }
}

/** True if the END chunk is at the end of a closed file of this length. */
export async function hasEnd(source: Source, length: number): Promise<boolean> {
  const at = length - jls.CHUNK_HEADER_SIZE
  if (at < jls.FILE_HEADER_SIZE) return false
  return parseHeader(await source.read(at, jls.CHUNK_HEADER_SIZE), at)?.tag === jls.TAG_END
}

/** Sources, signals and the heads of their tracks, found by following the lists. @throws BadChunk if a list is broken */
export async function openByLists(reader: ChunkReader): Promise<Structure> {
  const first = await firstDefinitions(reader)
  const sources: SourceDef[] = []
  for await (const { header, payload } of follow(reader, first.source, MAX_DEFINITIONS, HEAD_BYTES)) {
    if (header.tag !== jls.TAG_SOURCE_DEF) throw strange(header.at, header.tag, "the list of sources")
    sources.push(parseSource(header.meta, payload))
  }
  const definitions = new Definitions()
  for await (const chunk of follow(reader, first.signal, MAX_DEFINITIONS, HEAD_BYTES)) definitions.add(chunk)
  return { sources, signals: definitions.signals() }
}

async function firstDefinitions(reader: ChunkReader): Promise<{ source: number; signal: number }> {
  let source = 0
  let signal = 0
  for (let at = jls.FILE_HEADER_SIZE, i = 0; i < OPENING && signal === 0; i++) {
    const header = await reader.header(at, HEAD_BYTES)
    if (header.tag === jls.TAG_SOURCE_DEF && source === 0) source = at
    if (header.tag === jls.TAG_SIGNAL_DEF) signal = at
    at = chunkEnd(header)
  }
  if (source === 0 || signal === 0) throw new BadChunk("bad-link", "no source and signal at the start of the file", 32, 0)
  return { source, signal }
}

/** The chunks of a list from `at` on, in file order. @throws BadChunk, also if a link leads back */
export async function* follow(reader: ChunkReader, at: number, most: number, ahead?: number): AsyncGenerator<JlsChunk> {
  for (let n = 0; at !== 0; n++) {
    if (n === most) throw new BadChunk("bad-link", `a list has more than ${most} members`, at, 0)
    const chunk = await reader.chunk(at, ahead)
    yield chunk
    if (chunk.header.next !== 0 && chunk.header.next <= at) throw new BadChunk("bad-link", "a list leads back", at, 0)
    at = chunk.header.next
  }
}

/** Gathers signals out of SIGNAL_DEF and HEAD chunks, in whatever order they come. */
class Definitions {
  private readonly defs = new Map<number, { def: SignalDef; type: DataType | null }>()
  private readonly heads = new Map<number, Float64Array[]>()

  /** Takes a chunk of the list of signals. @throws BadChunk for one that does not belong there */
  add({ header, payload }: JlsChunk): void {
    const id = header.meta & jls.META_ID
    if (header.tag === jls.TAG_SIGNAL_DEF) {
      const def = parseSignal(id, payload)
      const fault = def === null ? "too short" : signalFault(def)
      if (def === null || fault !== null) throw new BadChunk("bad-payload", `signal ${id}: ${fault}`, header.at, 0)
      if (!this.defs.has(id)) this.defs.set(id, { def, type: def.type === "vsr" ? null : parseDataType(def.dataType) })
      return
    }
    const track = (header.tag - jls.TAG_TRACK) >> 3
    const kind = header.tag & 7
    if (track < 0 || track > 3 || kind > jls.KIND_HEAD) throw strange(header.at, header.tag, "the list of signals")
    if (kind === jls.KIND_HEAD) this.headsOf(id)[track] = parseHead(payload)
  }

  signals(): Signal[] {
    const all = [...this.defs.entries()].map(([id, { def, type }]) => ({ def, stored: id, type, heads: this.headsOf(id) }))
    return all.sort((a, b) => a.def.id - b.def.id)
  }

  private headsOf(id: number): Float64Array[] {
    let heads = this.heads.get(id)
    if (heads === undefined) {
      heads = Array.from({ length: 4 }, () => new Float64Array(jls.LEVELS))
      this.heads.set(id, heads)
    }
    return heads
  }
}

function strange(at: number, tag: number, list: string): BadChunk {
  return new BadChunk("bad-link", `chunk at byte ${at}: tag 0x${tag.toString(16)} in ${list}`, at, 0)
}
