import * as jls from "../../../../shared/jls/layout.js"
import { payloadView, readOffset } from "./chunks.js"
import type { DataType } from "./datatype.js"
import type { SignalDef, SourceDef } from "./definitions.js"

/** A signal: its definition, and per track the offsets of the first DATA chunk and of the first INDEX of each level. */
export interface Signal {
  readonly def: SignalDef
  /** The id in its chunks: not `def.id` where two files stand one behind the other. */
  readonly stored: number
  /** Null for VSR. */
  readonly type: DataType | null
  /** `heads[track][level]`; 0 none. */
  readonly heads: readonly Float64Array[]
}

/** What a file defines. */
export interface Structure {
  readonly sources: readonly SourceDef[]
  /** In id order. */
  readonly signals: readonly Signal[]
}

/** A stretch of samples and the DATA chunk that holds it. `at` 0: omitted, to be taken from the summary. */
export interface DataPlace {
  readonly at: number
  /** Sample id of the first one. */
  readonly first: number
  readonly count: number
}

/** A SUMMARY chunk. */
export interface SummaryPlace {
  readonly at: number
  /** Sample id of the first sample covered. */
  readonly first: number
}

/** Where the samples and summaries of one FSR signal are. Stretches that no place covers are holes. */
export interface FsrMap {
  /** Sample id of the first sample, and of the one behind the last. */
  readonly first: number
  readonly end: number
  /** In order: the places that touch `from <= id < to`. */
  places(from: number, to: number): Promise<DataPlace[]>
  /** In order: the SUMMARY chunks of a level that touch `from <= id < to`. */
  summaries(level: number, from: number, to: number): Promise<SummaryPlace[]>
}

/** Samples that a full INDEX of a level covers; level 0 a DATA chunk. */
export function chunkSpan(def: SignalDef, level: number): number {
  return level === 0 ? def.samplesPerData : entrySpan(def, level) * def.entriesPerSummary
}

/** Samples that an entry of a level summarises; 1 at level 0. */
export function entrySpan(def: SignalDef, level: number): number {
  return level === 0 ? 1 : def.samplesPerEntry * def.entriesPerEntry ** (level - 1)
}

/** How much larger a file may have been before most of it was lost. */
const LOST = 4

/**
 * Most samples of a signal that a file of this size can speak of: samples that are not stored have at least an entry of 16
 * bytes. Ids that are further apart are no ids.
 */
export function mostSamples(def: SignalDef, fileSize: number): number {
  return LOST * ((fileSize / 16) * def.samplesPerEntry + fileSize * 8)
}

/** Reads a HEAD payload. */
export function parseHead(payload: Uint8Array): Float64Array {
  const heads = new Float64Array(jls.LEVELS)
  const view = payloadView(payload)
  for (let i = 0; i < jls.LEVELS && i * 8 + 8 <= payload.length; i++) heads[i] = Math.max(0, readOffset(view, i * 8))
  return heads
}
