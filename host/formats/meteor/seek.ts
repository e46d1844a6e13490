import type { Source } from "../../bytes/source.js"
import { FormatError, LogError } from "../../model/errors.js"
import type { OpenOptions, Output } from "../../model/format.js"
import { IssueList } from "../../model/issues.js"
import { readHead } from "./head/head.js"
import type { MeteorHeader } from "./head/header.js"
import type { MeteorSpec } from "./head/spec.js"
import type { ScanPlace } from "./scan/place.js"
import { type Batch, BLOCK, Scan } from "./scan/scan.js"
import { Slots } from "./scan/slots.js"

/** What an index file begins with: its format. */
export const INDEX_FORMAT = "fieldlog meteor index 1"
/** An index takes about 300 bytes for every half megabyte of log: this is one of some 100 GB. */
const INDEX_CAP = 64 * 1024 * 1024
/** Bytes of a log's head and tail that its index is tied to. */
const PRINT = 64 * 1024

/** A place where reading may begin, and what lies on both sides of it. Stamps in ms, with the full turns of the clock. */
export interface SeekPlace extends ScanPlace {
  /** Latest stamp before the place. */
  readonly latest: number
  /** Earliest stamp behind it. */
  readonly earliest: number
}

/** The places of one log, in file order. */
export interface SeekIndex {
  /** Type, id and length of every kind of frame, in the order of their first: see `ScanPlace.known`. */
  readonly learnt: readonly number[]
  readonly places: readonly SeekPlace[]
}

/** Name of the index of a log: it lies beside it. */
export function indexName(logName: string): string {
  return `${logName}.idx`
}

/** What a log must still be for its index to be used. */
interface Identity {
  readonly size: number
  /** Last change in ns since 1970. */
  readonly modified: string
  /** SHA-256 of the first and the last 64 KiB, and of the specification that the frames were judged by. */
  readonly head: string
  readonly tail: string
  readonly spec: string
}

/**
 * Walks a log once and writes its index.
 * @returns places where reading may begin
 * @throws LogError when the log is being written, or the time of its last change is not known
 */
export async function indexMeteor(source: Source, output: Output, options: OpenOptions): Promise<number> {
  const { header, spec } = await readHead(source, options)
  const identity = await identityOf(source, spec)
  if (identity === null) throw new LogError("is no file on disk: an index could not tell when it is out of date", { path: source.name })
  const index = await findPlaces(source, header, spec)
  await source.refresh()
  if (JSON.stringify(await identityOf(source, spec)) !== JSON.stringify(identity)) {
    throw new LogError("was changed while it was indexed", { path: source.name })
  }
  const sink = output.sink()
  const body = index.places.map((place) => JSON.stringify(place)).join("\n")
  const head = { format: INDEX_FORMAT, log: identity, body: await hash(body), learnt: index.learnt }
  sink.write(new TextEncoder().encode(`${JSON.stringify(head)}\n${body}`))
  sink.close()
  return index.places.length
}

/**
 * Reads an index file.
 * @returns null when it is not of this log as it is now, read with this specification
 * @throws FormatError when it is no index
 */
export async function readIndex(file: Source, log: Source, spec: MeteorSpec | null): Promise<SeekIndex | null> {
  if (file.size > INDEX_CAP) throw notIndex(file)
  const text = new TextDecoder().decode(await file.read(0, file.size))
  const body = text.slice(text.indexOf("\n") + 1)
  const head = parsed(text.slice(0, text.length - body.length))
  if (head?.format !== INDEX_FORMAT) throw notIndex(file)
  if (head.body !== (await hash(body)) || JSON.stringify(head.log) !== JSON.stringify(await identityOf(log, spec))) return null
  return { learnt: head.learnt as number[], places: body === "" ? [] : body.split("\n").map((line) => JSON.parse(line) as SeekPlace) }
}

/** The part of an index that a time range needs: where to begin, null for the log's start, and where no row is left. */
export function seekRange(index: SeekIndex, start: number | undefined, end: number | undefined): { from: SeekPlace | null; to: number } {
  const { places } = index
  let from: SeekPlace | null = null
  for (const place of places) {
    if (start === undefined || place.latest / 1000 >= start) break
    from = place
  }
  const stop = end === undefined ? undefined : places.find(({ earliest }) => earliest / 1000 >= end)
  return { from, to: stop?.at ?? Number.POSITIVE_INFINITY }
}

/** Teaches fresh slots what was known at a place. */
export function recall({ learnt }: SeekIndex, { known, rows }: SeekPlace, slots: Slots): void {
  for (const word of learnt.slice(0, known)) slots.learn(word >> 16, (word >> 8) & 0xff, word & 0xff)
  for (const slot of slots.list) slot.rows = rows[slot.index] ?? 0
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown> | null
  } catch {
    return null
  }
}

async function findPlaces(source: Source, header: MeteorHeader, spec: MeteorSpec | null): Promise<SeekIndex> {
  const slots = new Slots(spec, () => 0, BLOCK)
  const scan = new Scan(source, header, slots, new IssueList())
  const batches: { place: ScanPlace | null; least: number; latest: number }[] = []
  let latest = Number.NEGATIVE_INFINITY
  for (let batch = await scan.next(); batch !== null; batch = await scan.next()) {
    const { least, most } = extremes(batch, slots)
    latest = Math.max(latest, most)
    batches.push({ place: scan.place, least, latest })
  }
  const places: SeekPlace[] = []
  let earliest = Number.POSITIVE_INFINITY
  for (const { place, least, latest: before } of batches.reverse()) {
    if (place !== null && earliest < Number.POSITIVE_INFINITY) places.push({ ...place, latest: before, earliest })
    earliest = Math.min(earliest, least)
  }
  return { learnt: slots.learnt, places: places.reverse() }
}

function extremes({ view, offsets, epoch }: Batch, slots: Slots): { least: number; most: number } {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const { index } of slots.list) {
    const from = index * slots.stride
    for (let k = from; k < from + slots.count(index); k++) {
      const stamp = view.getUint32(offsets[k] as number) + epoch
      if (stamp < least) least = stamp
      if (stamp > most) most = stamp
    }
  }
  return { least, most }
}

async function identityOf(source: Source, spec: MeteorSpec | null): Promise<Identity | null> {
  const { size, modified } = source
  if (modified === undefined) return null
  const head = await hash(await source.read(0, PRINT))
  const tail = await hash(await source.read(Math.max(0, size - PRINT), PRINT))
  return {
    size,
    modified: String(modified),
    head,
    tail,
    spec: await hash(JSON.stringify(spec === null ? null : [spec.topics, spec.composites])),
  }
}

async function hash(content: Uint8Array | string): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

function notIndex(file: Source): FormatError {
  return new FormatError("is no index of a Meteor log", { path: file.name, hint: "fieldlog index LOG writes it anew" })
}
