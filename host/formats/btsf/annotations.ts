import { SECTION_ANNOTATIONS } from "../../../shared/btsf/layout.js"
import type { Annotation, Log } from "../../model/log.js"
import { fromHex, toHex } from "../../text/hex.js"
import type { NewMetric, NewSection } from "./compose.js"
import { pythonJson } from "./python-json.js"
import { countsFrom1970, tickSeconds } from "./time.js"

/**
 * The annotations of a section. Its content is free by the format; by convention it is `{"annotations": [{"t", "text"}, ...]}`,
 * with `t` in the time metric's unit, or `[from, to]`. A bare list is read as well.
 */
export interface Notes {
  /** The whole document, so that an edit keeps members that it does not know. */
  readonly document: unknown
  /** The list within the document that holds the annotations; null if there is no list. */
  readonly entries: unknown[] | null
  /** fieldlog: ns since 1970 UTC of second 0, which the format itself cannot hold; null if absent. */
  readonly start: bigint | null
}

const TEXT_KEYS = ["text", "note", "label", "comment"]
const KINDS: readonly Annotation["kind"][] = ["text", "vertical", "horizontal", "user"]
const TIME_KEYS = ["t", "time"]

/** Parses a section's payload; a payload that is not JSON becomes a document that is its text. */
export function parseNotes(payload: Uint8Array): Notes {
  const text = new TextDecoder().decode(payload)
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return { document: text, entries: null, start: null }
  }
  if (Array.isArray(document)) return { document, entries: document, start: null }
  if (!isRecord(document)) return { document, entries: null, start: null }
  const entries = Array.isArray(document.annotations) ? document.annotations : null
  const start = typeof document.start_ns === "string" && /^-?\d{1,19}$/.test(document.start_ns) ? BigInt(document.start_ns) : null
  return { document, entries, start }
}

/**
 * The annotations of the model. A document without a list is one annotation: its text.
 * @param tick seconds per unit of `t`, 0 if unknown
 */
export function annotationsOf(notes: Notes, tick: number): Annotation[] {
  if (notes.entries !== null) return notes.entries.map((entry) => annotationOf(entry, tick))
  if (isRecord(notes.document)) {
    const known = Object.keys(notes.document).every((key) => key === "start_ns")
    return known ? [] : [plain(JSON.stringify(notes.document))]
  }
  const text = typeof notes.document === "string" ? notes.document : JSON.stringify(notes.document)
  return text === "" ? [] : [plain(text)]
}

function annotationOf(entry: unknown, tick: number): Annotation {
  if (typeof entry === "string") return plain(entry)
  if (!isRecord(entry)) return plain(JSON.stringify(entry))
  const textKey = TEXT_KEYS.find((key) => typeof entry[key] === "string")
  const time = timeOf(entry)
  return {
    ...plain(textKey === undefined ? JSON.stringify(entry) : (entry[textKey] as string)),
    tick: time,
    time: time === null || tick === 0 ? null : time * tick,
    y: typeof entry.y === "number" ? entry.y : null,
    kind: KINDS.find((kind) => kind === entry.kind) ?? "text",
    data: typeof entry.data_hex === "string" ? fromHex(entry.data_hex) : null,
  }
}

function timeOf(entry: Record<string, unknown>): number | null {
  const value = entry[TIME_KEYS.find((key) => key in entry) ?? ""]
  const first = Array.isArray(value) ? value[0] : value
  return typeof first === "number" ? first : null
}

function plain(text: string): Annotation {
  return { group: null, time: null, tick: null, kind: "text", text, data: null, y: null }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Bytes left free for edits in a new section. */
const RESERVE = 256

/** The annotations of a group and of the whole log, and the log's start, as a section; null if there is neither. */
export function notesSection(log: Log, group: number, time: NewMetric | undefined, padTo: number): NewSection | null {
  const tick = time === undefined ? 0 : tickSeconds(time)
  const entries = log.annotations.filter((each) => each.group === null || each.group === group).map((each) => entryOf(each, tick))
  const impliedStart = time !== undefined && countsFrom1970(time) && tick > 0 ? 0n : null
  if (entries.length === 0 && log.start === impliedStart) return null
  const document = { annotations: entries, ...(log.start === impliedStart ? {} : { start_ns: String(log.start ?? 0n) }) }
  return sectionOf(document, padTo)
}

/** A document as a section with room for more. */
function sectionOf(document: unknown, padTo: number): NewSection {
  const payload = new TextEncoder().encode(pythonJson(document))
  const unit = (padTo * 8) / greatestCommonDivisor(padTo, 8)
  const total = Math.ceil((payload.length + RESERVE) / unit) * unit
  return { type: SECTION_ANNOTATIONS, payload, followupSize: total - payload.length }
}

/** An annotation as an entry of the list. Its time is in the time metric's unit if that is known, else it is the tick. */
export function entryOf({ time, tick, text, kind, y, data }: Annotation, tickLength: number): Record<string, unknown> {
  const t = time !== null && tickLength > 0 ? roundTick(time / tickLength) : tick === null ? null : Number(tick)
  return {
    ...(t === null ? {} : { t }),
    text,
    ...(kind === "text" ? {} : { kind }),
    ...(y === null ? {} : { y }),
    ...(data === null ? {} : { data_hex: toHex(data) }),
  }
}

/** 0.0015 s / 1e-3 is 1.5 ms, not 1.4999999999999998. */
function roundTick(ticks: number): number {
  return Number(ticks.toPrecision(15))
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
