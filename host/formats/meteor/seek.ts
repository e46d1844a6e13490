import type { Source } from "../../bytes/source.js"
import { FormatError, LogError } from "../../model/errors.js"
import type { OpenOptions, Output } from "../../model/format.js"
import { IssueList } from "../../model/issues.js"
import { readHead } from "./head/head.js"
import type { MeteorHeader } from "./head/header.js"
import type { MeteorSpec } from "./head/spec.js"
import { PlaceCollector, type SeekIndex, type SeekPlace } from "./places.js"
import { BLOCK, Scan } from "./scan/scan.js"
import { Slots } from "./scan/slots.js"

/** What an index file begins with: its format. */
export const INDEX_FORMAT = "fieldlog meteor index 1"
/** An index takes about 300 bytes for every half megabyte of log: this is one of some 100 GB. */
const INDEX_CAP = 64 * 1024 * 1024
/** Bytes of a log's head and tail that its index is tied to. */
const PRINT = 64 * 1024

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
  const places = new PlaceCollector()
  for (let batch = await scan.next(); batch !== null; batch = await scan.next()) places.add(batch, slots, scan.place)
  return places.index(slots)
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
