import * as jls from "../../../shared/jls/layout.js"
import type { Source } from "../../bytes/source.js"
import { Findings } from "../../model/findings.js"
import type { Finding } from "../../model/format.js"
import { newValues } from "../../model/values.js"
import { TrackCheck } from "./check-track.js"
import { type ChunkHeader, parsePayloadHeader } from "./chunks/chunks.js"
import { type DataType, parseDataType } from "./chunks/datatype.js"
import { parseSignal, type SignalDef, signalFault } from "./chunks/definitions.js"
import { hasEnd, readFileHeader } from "./chunks/open.js"
import { Pages } from "./chunks/pages.js"
import { type Damage, hasChunk, type Scanned, scanChunks } from "./chunks/scan.js"
import { openJls } from "./read.js"
import type { FsrReader, Memory } from "./samples/reader.js"
import { ENTRY, summarise } from "./samples/summary.js"

/** Samples compared with their entries at once. */
const SAMPLES = 65536
/** Greatest relative difference of a summary from its samples that counts as rounding. */
const ROUNDING = 1e-5

/** Checks a file chunk by chunk, then its links, trees and definitions, then its summaries against its samples. */
export async function* checkJls(source: Source): AsyncGenerator<Finding> {
  const check = new Check()
  const { length, issues } = await readFileHeader(source)
  for (const { kind, severity, at, text } of issues) check.add(kind, severity, at, "file header", text)
  if (length !== 0 && length !== source.size)
    check.add("length", "warning", 16, "file header", `says ${length} bytes, the file has ${source.size}`)
  if (length !== 0 && !(await hasEnd(source, length)))
    check.add("end-chunk", "error", length - 32, "END", "no END chunk where the file ends")
  const isWhole = length > 0 && length < source.size && (await hasEnd(source, length)) && (await hasChunk(source, length))
  if (isWhole) check.add("concatenated", "error", length, "file", "another JLS file begins here; `fieldlog recover` saves both in one")
  await scanChunks(
    isWhole ? { ...source, size: length, read: (at, wanted, into) => source.read(at, Math.min(wanted, length - at), into) } : source,
    (chunk) => check.visit(chunk),
    (damage) => check.damage(damage),
  )
  check.finish(length !== 0)
  if (check.chunks > 0) await checkSummaries(source, check)
  yield* check.findings.inFileOrder()
}

/** Gathers findings while chunks come in. */
class Check {
  chunks = 0
  readonly findings = new Findings()
  private readonly defs = new Map<number, SignalDef>()
  private readonly sources = new Set<number>()
  private readonly tracks = new Map<string, TrackCheck>()
  /** The last member of each list. */
  private readonly lists = new Map<string, ChunkHeader>()

  add(rule: string, severity: Finding["severity"], at: number, where: string, text: string): void {
    this.findings.add(rule, severity, at, where, text)
  }

  visit({ header, payload, fixed }: Scanned): void {
    const { at, tag, meta } = header
    const where = `chunk ${this.chunks++}, ${tagName(tag)}`
    if (fixed) this.add("bad-crc", "error", at, where, "CRC is wrong; one flipped bit explains it")
    this.link(header, where)
    if (payload === null) return
    const id = meta & jls.META_ID
    if (tag === jls.TAG_SOURCE_DEF) this.once(this.sources.has(id), this.sources.add(id), at, where, `source ${id}`)
    else if (tag === jls.TAG_SIGNAL_DEF) this.signal(id, payload, at, where)
    else if (tag >= jls.TAG_TRACK && tag < jls.TAG_USER_DATA) this.track(header, payload, where)
  }

  damage({ at, length, kind }: Damage): void {
    this.add(kind, "error", at, "chunks", `${length} bytes hold no sound chunk`)
  }

  finish(isClosed: boolean): void {
    for (const track of this.tracks.values()) track.finish(isClosed)
    for (const last of this.lists.values()) {
      if (last.next !== 0) this.add("link", "error", last.at, tagName(last.tag), `next is ${last.next}, but no chunk of its list follows`)
    }
  }

  private signal(id: number, payload: Uint8Array, at: number, where: string): void {
    const def = parseSignal(id, payload)
    const fault = def === null ? "is too short" : signalFault(def)
    if (fault !== null) this.add("signal-definition", "error", at, where, `signal ${id}: ${fault}`)
    if (def === null) return
    this.once(this.defs.has(id), this.defs.set(id, def), at, where, `signal ${id}`)
    if (!this.sources.has(def.source))
      this.add("signal-source", "error", at, where, `signal ${id}: source ${def.source} is not defined before`)
  }

  private track(header: ChunkHeader, payload: Uint8Array, where: string): void {
    const id = header.meta & jls.META_ID
    const def = this.defs.get(id)
    if (def === undefined) {
      this.add("unknown-signal", "error", header.at, where, `signal ${id} is not defined before`)
      return
    }
    const number = (header.tag - jls.TAG_TRACK) >> 3
    const key = `${number} ${id}`
    let track = this.tracks.get(key)
    if (track === undefined) {
      const type = number === jls.TRACK_FSR ? parseDataType(def.dataType) : null
      track = new TrackCheck(def, type, (rule, severity, at, text) => this.add(rule, severity, at, `signal ${def.name}`, text))
      this.tracks.set(key, track)
    }
    if ((header.tag & 7) >= jls.KIND_DATA && parsePayloadHeader(payload) === null) {
      this.add("payload-short", "error", header.at, where, "shorter than its header")
      return
    }
    track.visit(header, payload)
  }

  /** A chunk's links must be those of its neighbours in its list. */
  private link(header: ChunkHeader, where: string): void {
    if (header.tag === jls.TAG_END) return
    const list = listOf(header)
    const before = this.lists.get(list)
    if (header.previous !== (before?.at ?? 0)) {
      this.add("link", "error", header.at, where, `previous is ${header.previous}, expected ${before?.at ?? 0}`)
    }
    if (before !== undefined && before.next !== header.at) {
      this.add("link", "error", before.at, tagName(before.tag), `next is ${before.next}, expected ${header.at}`)
    }
    this.lists.set(list, header)
  }

  private once(isTaken: boolean, _: unknown, at: number, where: string, what: string): void {
    if (isTaken) this.add("defined-twice", "warning", at, where, `${what} is defined again`)
  }
}

/** Compares level 1 of every signal with its samples. */
async function checkSummaries(source: Source, check: Check): Promise<void> {
  const log = await openJls(source)
  for (const { kind, severity, at, text } of log.issues)
    if (kind === "clock-step" || kind === "uneven-clock") check.add(kind, severity, at, "UTC", text)
  for (const { fsr } of log.signals) {
    const { name, samplesPerEntry } = fsr.signal.def
    const entries = Math.floor((fsr.map.end - fsr.map.first) / samplesPerEntry)
    const atOnce = Math.max(1, Math.floor(SAMPLES / samplesPerEntry))
    const samples = Math.min(entries, atOnce) * samplesPerEntry
    const wire = (fsr.signal.type as DataType).wire
    const memory = { pages: new Pages(source, 0), values: newValues(wire, samples), numbers: new Float64Array(samples) }
    for (let from = 0; from < entries; from += atOnce) {
      const wrong = await firstWrong(fsr, from, Math.min(entries, from + atOnce), memory)
      if (wrong === null) continue
      const first = fsr.map.first + wrong * samplesPerEntry
      check.add("summary", "warning", -1, `signal ${name}`, `summaries do not fit the samples, first at sample ${first}`)
      break
    }
  }
}

/** The first stored entry that its samples do not explain. */
async function firstWrong(fsr: FsrReader, from: number, to: number, memory: Memory): Promise<number | null> {
  const { samplesPerEntry } = fsr.signal.def
  const { first } = fsr.map
  const stored = new Float64Array((to - from) * ENTRY)
  const have = new Uint8Array(to - from)
  await fsr.entries.stored(1, from, to, stored, have)
  const computed = new Float64Array(stored.length)
  summarise(await fsr.numbers(first + from * samplesPerEntry, first + to * samplesPerEntry, memory), to - from, samplesPerEntry, computed)
  for (let i = 0; i < stored.length; i++) {
    const [a, b, most] = [stored[i] as number, computed[i] as number, computed[i | 3] as number]
    // A NaN that appears only in the computed entry comes from lost samples.
    if (have[i >> 2] === 0 || Object.is(a, b) || Number.isNaN(b)) continue
    if (!(Math.abs(a - b) <= ROUNDING * Math.max(1e-30, Math.abs(most), Math.abs(b)))) return from + (i >> 2)
  }
  return null
}

/** The list that a chunk is a member of. */
function listOf({ tag, meta }: ChunkHeader): string {
  if (tag === jls.TAG_SOURCE_DEF) return "sources"
  if (tag === jls.TAG_USER_DATA) return "user data"
  if (tag === jls.TAG_SIGNAL_DEF || (tag & 7) <= jls.KIND_HEAD) return "signals"
  return `${tag} ${meta}`
}

const TRACKS = ["FSR", "VSR", "ANNOTATION", "UTC"]
const KINDS = ["DEF", "HEAD", "DATA", "INDEX", "SUMMARY"]

function tagName(tag: number): string {
  if (tag === jls.TAG_SOURCE_DEF) return "SOURCE_DEF"
  if (tag === jls.TAG_SIGNAL_DEF) return "SIGNAL_DEF"
  if (tag === jls.TAG_USER_DATA) return "USER_DATA"
  if (tag === jls.TAG_END) return "END"
  return `${TRACKS[(tag - jls.TAG_TRACK) >> 3] ?? tag} ${KINDS[tag & 7] ?? ""}`
}
