import * as jls from "../../../../shared/jls/layout.js"
import { readRecord } from "../../../bytes/layout.js"
import { BadChunk, type ChunkReader, chunkEnd, parsePayloadHeader, payloadView, trackTag } from "../chunks/chunks.js"
import { follow } from "../chunks/open.js"
import type { Signal } from "../chunks/structure.js"

/** A remark of a signal, as stored. */
export interface JlsAnnotation {
  /** Absolute sample id; JLS time for VSR. */
  readonly timestamp: bigint
  /** 0 user, 1 text, 2 vertical marker, 3 horizontal marker. */
  readonly type: number
  /** 1 binary, 2 string, 3 JSON. */
  readonly storage: number
  readonly group: number
  /** NaN: automatic. */
  readonly y: number
  /** Without a string's closing bytes. */
  readonly data: Uint8Array
}

/** A pair of sample id and JLS time. */
export interface JlsUtc {
  readonly sample: number
  readonly utc: bigint
}

/** Data of the application. */
export interface JlsUserData {
  /** 0 to 0xfff. */
  readonly meta: number
  /** 1 binary, 2 string, 3 JSON. */
  readonly storage: number
  /** Without a string's closing byte. */
  readonly data: Uint8Array
}

/** Members of one track that are read; more are left out with an issue. */
export const MAX_REMARKS = 1_000_000
/** Bytes of annotations, and of user data, that are held. */
export const MAX_REMARK_BYTES = 16 * 1024 * 1024

/** All UTC pairs of a signal, from the SUMMARY chunks of level 1. @throws BadChunk */
export async function readUtc(reader: ChunkReader, signal: Signal): Promise<JlsUtc[]> {
  const heads = signal.heads[jls.TRACK_UTC] as Float64Array
  const { id, utcPerIndex } = signal.def
  const meta = id | (1 << jls.META_LEVEL_SHIFT)
  const ahead = Math.min(65536, 128 + utcPerIndex * 32)
  const pairs: JlsUtc[] = []
  for await (const { header, payload } of follow(reader, heads[1] as number, MAX_REMARKS, ahead)) {
    if (header.tag !== trackTag(jls.TRACK_UTC, jls.KIND_INDEX)) throw new BadChunk("bad-link", "no UTC INDEX", header.at, 0)
    const summary = await reader.expect(chunkEnd(header), trackTag(jls.TRACK_UTC, jls.KIND_SUMMARY), meta)
    const entries = parseUtcSummary(summary.payload)
    if (entries.length !== parsePayloadHeader(payload)?.count) throw new BadChunk("bad-payload", "UTC SUMMARY is short", header.at, 0)
    pairs.push(...entries)
  }
  return pairs
}

/** The entries of a UTC SUMMARY that are there. */
export function parseUtcSummary(payload: Uint8Array): JlsUtc[] {
  const count = parsePayloadHeader(payload)?.count ?? 0
  const view = payloadView(payload)
  const pairs: JlsUtc[] = []
  for (let i = 0, p = jls.PAYLOAD_HEADER_SIZE; i < count && p + 16 <= payload.length; i++, p += 16) {
    const { sample, utc } = readRecord(jls.utcSummaryEntry, view, p)
    pairs.push({ sample: Number(sample), utc })
  }
  return pairs
}

/** Parses the payload of a UTC DATA chunk; null if it is not one. */
export function parseUtc(payload: Uint8Array): JlsUtc | null {
  const head = parsePayloadHeader(payload)
  if (head === null || Number.isNaN(head.first) || payload.length < jls.PAYLOAD_HEADER_SIZE + 8) return null
  return { sample: head.first, utc: payloadView(payload).getBigInt64(jls.PAYLOAD_HEADER_SIZE, true) }
}

/** All annotations of a signal, along the list of their DATA chunks. @throws BadChunk */
export async function readAnnotations(reader: ChunkReader, signal: Signal): Promise<JlsAnnotation[]> {
  const first = (signal.heads[jls.TRACK_ANNOTATION] as Float64Array)[0] as number
  const annotations: JlsAnnotation[] = []
  let bytes = 0
  for await (const { header, payload } of follow(reader, first, MAX_REMARKS)) {
    const annotation = header.tag === trackTag(jls.TRACK_ANNOTATION, jls.KIND_DATA) ? parseAnnotation(payload) : null
    if (annotation === null) throw new BadChunk("bad-payload", "no annotation", header.at, 0)
    annotations.push(annotation)
    if ((bytes += payload.length) > MAX_REMARK_BYTES) break
  }
  return annotations
}

/** Parses the payload of an ANNOTATION DATA chunk; null if it is not one. */
export function parseAnnotation(payload: Uint8Array): JlsAnnotation | null {
  const fixed = jls.annotationData.size
  if (payload.length < fixed) return null
  const { timestamp, type, storage, group, y, size } = readRecord(jls.annotationData, payloadView(payload), 0)
  if (fixed + size > payload.length) return null
  const end = storage === jls.STORAGE_BINARY ? size : Math.max(0, size - 1)
  return { timestamp, type, storage, group, y, data: payload.slice(fixed, fixed + end) }
}

/** The application's data along its list, which starts with an empty chunk. @throws BadChunk */
export async function readUserData(reader: ChunkReader): Promise<JlsUserData[]> {
  const all: JlsUserData[] = []
  let bytes = 0
  for await (const { header, payload } of follow(reader, jls.FILE_HEADER_SIZE, MAX_REMARKS)) {
    if (header.tag !== jls.TAG_USER_DATA) throw new BadChunk("bad-link", "no user data", header.at, 0)
    const data = parseUserData(header.meta, payload)
    if (data !== null) all.push(data)
    if ((bytes += payload.length) > MAX_REMARK_BYTES) break
  }
  return all
}

/** A USER_DATA chunk; null for the empty one at the start of the list. */
export function parseUserData(meta: number, payload: Uint8Array): JlsUserData | null {
  const storage = meta >>> jls.META_LEVEL_SHIFT
  if (storage === 0) return null
  const end = storage === jls.STORAGE_BINARY ? payload.length : Math.max(0, payload.length - 1)
  return { meta: meta & jls.META_ID, storage, data: payload.slice(0, end) }
}
