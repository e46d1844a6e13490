import * as jls from "../../../shared/jls/layout.js"
import type { Source } from "../../bytes/source.js"
import { issue } from "../../model/issues.js"
import type { Issue } from "../../model/log.js"
import { type ChunkHeader, parsePayloadHeader, payloadView, readOffset } from "./chunks/chunks.js"
import { dataTypeCode, type JlsWire, packedSize, parseDataType } from "./chunks/datatype.js"
import {
  adjustFactors,
  GLOBAL_SIGNAL,
  parseSignal,
  parseSource,
  type SignalDef,
  type SourceDef,
  signalFault,
} from "./chunks/definitions.js"
import { type Damage, type Scanned, scanChunks } from "./chunks/scan.js"
import type { Signal, Structure } from "./chunks/structure.js"
import { FsrParts, type PartsMap } from "./samples/parts.js"
import {
  type JlsAnnotation,
  type JlsUserData,
  type JlsUtc,
  MAX_REMARK_BYTES,
  MAX_REMARKS,
  parseAnnotation,
  parseUserData,
  parseUtc,
  parseUtcSummary,
} from "./timed/timed.js"

/** Everything that a scan of the whole file finds, whatever its lists and indexes say. */
export interface Rebuilt {
  readonly structure: Structure
  readonly maps: ReadonlyMap<number, PartsMap>
  readonly utc: ReadonlyMap<number, JlsUtc[]>
  readonly annotations: ReadonlyMap<number, JlsAnnotation[]>
  readonly userData: readonly JlsUserData[]
  /** Damage and holes, in file order. */
  readonly issues: readonly Issue[]
  /** Chunks with sound header and payload. */
  readonly chunks: number
}

function damageIssue(span: Damage): Issue {
  return issue(span.kind, "error", damageText(span), span)
}

function damageText(span: Damage): string {
  const where = `${span.length} bytes at ${span.at}`
  switch (span.kind) {
    case "bad-header":
      return `${where} hold no chunk`
    case "bad-payload":
      return `${where}: chunk with a wrong payload CRC`
    case "truncated":
      return `${where}: a chunk is cut off by the end of the file`
    case "too-long":
      return `${where}: payload over the limit`
    case "bad-link":
      return `${where}: a link leads astray`
  }
}

/** The chunks that every file begins with, in order; -1 for all others. */
function openingOf({ tag, meta, length }: ChunkHeader): number {
  if (tag === jls.TAG_USER_DATA && meta === 0 && length === 0) return 0
  if (meta !== 0) return -1
  return tag === jls.TAG_SOURCE_DEF ? 1 : tag === jls.TAG_SIGNAL_DEF ? 2 : -1
}

/** Scans a file that was never closed or is damaged, and rebuilds its tracks in memory: 24 bytes for each DATA chunk. */
export class Rebuild {
  private readonly issues: Issue[] = []
  /** What cannot be read at the end: when the file has grown it may be sound. */
  private tail: Damage[] = []
  private at: number = jls.FILE_HEADER_SIZE
  private readonly sources = new Map<number, SourceDef>()
  private readonly defs = new Map<number, SignalDef>()
  private readonly fsr = new Map<number, FsrParts>()
  private readonly utc = new Map<number, JlsUtc[]>()
  /** Pairs as summaries repeat them: for those whose own chunk is lost. */
  private readonly utcCopies = new Map<number, JlsUtc[]>()
  private readonly annotations = new Map<number, JlsAnnotation[]>()
  private readonly userData: JlsUserData[] = []
  private remarks = 0
  private remarkBytes = 0
  private chunks = 0
  /** Files that stand one behind another: ids begin anew in each, so all maps above hold `file * IDS + id`. */
  private file = 0
  private opened = -1
  private ended = false
  /** Where the second file and those behind it begin. */
  private readonly files: number[] = []
  /** Ids of what this reader gives, by those of the maps. */
  private readonly ids = new Map<number, number>()

  constructor(private readonly source: Source) {}

  /** Scans what was not scanned yet. @returns all that is known so far */
  async scan(): Promise<Rebuilt> {
    this.tail = []
    const spans: Damage[] = []
    this.at = await scanChunks(
      this.source,
      (chunk) => this.visit(chunk),
      (span) => spans.push(span),
      this.at,
    )
    for (const span of spans) {
      // A file's own header is no chunk.
      if (this.files.includes(span.at + span.length - jls.FILE_HEADER_SIZE)) span.length -= jls.FILE_HEADER_SIZE
      if (span.length === 0) continue
      if (span.at >= this.at) this.tail.push(span)
      else this.issues.push(damageIssue(span))
    }
    return this.result()
  }

  private visit({ header, payload, damaged, fixed }: Scanned): void {
    if (payload !== null) this.chunks++
    if (fixed)
      this.issues.push(issue("flipped-bit", "warning", `chunk at byte ${header.at}: one flipped bit was set right`, { at: header.at }))
    if (payload !== null) this.look(header)
    const stored = header.meta & jls.META_ID
    const id = this.file * jls.IDS + stored
    if (header.tag === jls.TAG_SOURCE_DEF) {
      const bytes = payload ?? damaged
      if (bytes !== null && stored < jls.IDS && (payload !== null || !this.sources.has(id)))
        this.sources.set(id, parseSource(stored, bytes))
    } else if (header.tag === jls.TAG_SIGNAL_DEF) {
      const def = parseSignal(stored, payload ?? damaged ?? new Uint8Array(0))
      if (def !== null && signalFault(def) === null && !this.defs.has(id) && stored < jls.IDS) this.defs.set(id, def)
    } else if (payload !== null && header.tag === jls.TAG_USER_DATA) {
      const data = parseUserData(header.meta, payload)
      if (data !== null && this.room(payload.length, header.at)) this.userData.push(data)
    } else if (payload !== null && header.tag !== jls.TAG_END && stored < jls.IDS) {
      this.track((header.tag - jls.TAG_TRACK) >> 3, header.tag & 7, id, header.meta >>> jls.META_LEVEL_SHIFT, header.at, payload)
    }
  }

  /** Tells where another file begins: with what every file begins with, again or behind an END. */
  private look(header: ChunkHeader): void {
    const opening = openingOf(header)
    if (header.tag === jls.TAG_END) this.ended = true
    if (opening < 0) return
    if (opening <= this.opened || this.ended) {
      this.file++
      const at = header.at - jls.FILE_HEADER_SIZE
      this.files.push(at)
      const text = `another JLS file begins at byte ${at}; its signals are read as "NAME (file ${this.file + 1})"`
      this.issues.push(issue("concatenated", "error", text, { at }))
      this.ended = false
    }
    this.opened = opening
  }

  private track(track: number, kind: number, id: number, level: number, at: number, payload: Uint8Array): void {
    if (track === jls.TRACK_FSR) {
      this.fsrChunk(kind, id, level, at, payload)
    } else if (kind === jls.KIND_DATA && track === jls.TRACK_UTC) {
      const pair = parseUtc(payload)
      if (pair !== null && this.room(payload.length, at)) listOf(this.utc, id).push(pair)
    } else if (kind === jls.KIND_SUMMARY && track === jls.TRACK_UTC && level === 1) {
      if (this.room(payload.length, at)) listOf(this.utcCopies, id).push(...parseUtcSummary(payload))
    } else if (kind === jls.KIND_DATA && track === jls.TRACK_ANNOTATION) {
      const annotation = parseAnnotation(payload)
      if (annotation !== null && this.room(payload.length, at)) listOf(this.annotations, id).push(annotation)
    }
  }

  private fsrChunk(kind: number, id: number, level: number, at: number, payload: Uint8Array): void {
    const head = kind >= jls.KIND_DATA ? parsePayloadHeader(payload) : null
    if (head === null || Number.isNaN(head.first)) return
    let parts = this.fsr.get(id)
    if (parts === undefined) this.fsr.set(id, (parts = new FsrParts()))
    if (kind === jls.KIND_DATA) {
      if (payload.length >= jls.PAYLOAD_HEADER_SIZE + packedSize(head.bits, head.count))
        parts.addData(at, head.first, head.count, head.bits)
    } else if (kind === jls.KIND_SUMMARY) {
      parts.addSummary(level, at, head.first)
    } else if (level === 1) {
      const view = payloadView(payload)
      const entries = Math.min(head.count, Math.floor((payload.length - jls.PAYLOAD_HEADER_SIZE) / 8))
      for (let i = 0; i < entries; i++) {
        if (readOffset(view, jls.PAYLOAD_HEADER_SIZE + i * 8) === 0) parts.addOmitted(head.first, i)
      }
      parts.covers(head.first)
    }
  }

  private result(): Rebuilt {
    const signals: Signal[] = []
    const maps = new Map<number, PartsMap>()
    const found = this.tail.map(damageIssue)
    for (const [id, parts] of this.fsr) if (!this.defs.has(id) && parts.samples > 0) this.defs.set(id, this.invent(id, parts))
    if (!this.defs.has(0)) this.defs.set(0, GLOBAL_SIGNAL)
    for (const [key, stored] of [...this.defs].sort(([a], [b]) => a - b)) {
      const id = this.idOf(key)
      // Remarks of the whole file: one signal holds those of all.
      if (key !== 0 && id === 0) continue
      const file = Math.floor(key / jls.IDS)
      const name = file === 0 ? stored.name : `${stored.name} (file ${file + 1})`
      const def: SignalDef = { ...stored, id, name, source: this.idOf(file * jls.IDS + stored.source) }
      const type = def.type === "vsr" ? null : parseDataType(def.dataType)
      const heads = Array.from({ length: 4 }, () => new Float64Array(jls.LEVELS))
      signals.push({ def, stored: stored.id, type, heads })
      if (type === null) continue
      const map = (this.fsr.get(key) ?? new FsrParts()).map(def, this.source.size)
      maps.set(id, map)
      for (const hole of map.holes()) found.push(holeIssue(def, hole))
    }
    for (const [id, copies] of this.utcCopies) addLost(listOf(this.utc, id), copies)
    const issues = [...this.issues, ...found].sort((a, b) => a.at - b.at)
    const sources = [...this.sources]
      .sort(([a], [b]) => a - b)
      .map(([key, source]) => ({ ...source, id: this.idOf(key) }))
      .filter(({ id }, i) => id !== 0 || i === 0)
    const { userData, chunks } = this
    return {
      structure: { sources, signals },
      ...{ maps, utc: this.byId(this.utc), annotations: this.byId(this.annotations), userData, issues, chunks },
    }
  }

  /** What a signal or source is called: its own id in the first file, one behind all those in the others. Id 0 is the same in all. */
  private idOf(key: number): number {
    if (key < jls.IDS) return key
    if (key % jls.IDS === 0) return 0
    let id = this.ids.get(key)
    if (id === undefined) {
      const taken = [...this.defs.keys(), ...this.sources.keys()].filter((own) => own < jls.IDS)
      this.ids.set(key, (id = Math.max(0, ...taken, ...this.ids.values()) + 1))
    }
    return id
  }

  private byId<T>(lists: ReadonlyMap<number, T[]>): Map<number, T[]> {
    const all = new Map<number, T[]>()
    for (const [key, list] of lists) {
      const id = this.idOf(key)
      const known = all.get(id)
      all.set(id, known === undefined ? list : [...known, ...list])
    }
    return all
  }

  /** A signal whose definition is lost: its type as its DATA chunks suggest, one sample a second. Its name says so. */
  private invent(key: number, parts: FsrParts): SignalDef {
    const id = key % jls.IDS
    const wire = `${parts.bits >= 32 ? "f" : "u"}${parts.bits}` as JlsWire
    const type = parseDataType(dataTypeCode(wire)) ?? parseDataType(dataTypeCode("u8"))
    if (type === null) throw new RangeError("u8 is a data type")
    const name = `signal-${id} (${type.wire} and 1 Hz are guesses)`
    const text = `signal ${id}: the definition is lost; read as ${type.wire} at 1 Hz, which is a guess; name and unit are unknown`
    this.issues.push(issue("lost-definition", "error", text, { group: name }))
    const dataType = dataTypeCode(type.wire)
    const factors = { ...adjustFactors({}, type, false), samplesPerData: parts.fullest }
    return { id, source: 0, type: "fsr", dataType, rate: 1, name, units: "", ...factors }
  }

  private room(bytes: number, at: number): boolean {
    this.remarks++
    this.remarkBytes += bytes
    if (this.remarks <= MAX_REMARKS && this.remarkBytes <= 2 * MAX_REMARK_BYTES) return true
    if (this.issues.at(-1)?.kind !== "left-out") {
      this.issues.push(issue("left-out", "error", "more annotations, UTC pairs and user data than are held in memory", { at }))
    }
    return false
  }
}

function holeIssue(def: SignalDef, hole: { first: number; end: number; at: number }): Issue {
  const text = `signal ${def.name}: samples ${hole.first} to ${hole.end} are lost (${hole.end - hole.first})`
  return issue("hole", "error", text, { at: hole.at, group: def.name })
}

/** Adds the copies of pairs that are not there, in sample order. */
function addLost(pairs: JlsUtc[], copies: readonly JlsUtc[]): void {
  const known = new Set(pairs.map(({ sample, utc }) => `${sample} ${utc}`))
  const lost = copies.filter(({ sample, utc }) => !known.has(`${sample} ${utc}`))
  if (lost.length === 0) return
  pairs.push(...lost)
  pairs.sort((a, b) => a.sample - b.sample)
}

function listOf<T>(map: Map<number, T[]>, id: number): T[] {
  let list = map.get(id)
  if (list === undefined) map.set(id, (list = []))
  return list
}
