import type { Annotation } from "../../../model/log.js"
import { valueAt } from "../blocks/msgpack.js"
import type { Payload } from "../blocks/payload.js"
import { type Lost, rawRecords } from "../records/records.js"
import { MAX_ENTRIES } from "./inventory.js"

/** One finished recording, as stream 1 describes it. */
export interface Tag {
  /** File offset of the block where each data stream's first record of the recording begins; 0 none. Stream 2 first. */
  readonly offsets: readonly number[]
  /** Offset in that block; empty in files from before 2025, whose `offsets` point at the record itself. */
  readonly inblock: readonly number[]
  readonly cycle: number
  readonly index0: number
  readonly index1: number
  /** `YYYY-MM-DD HH:MM:SS` of the recorder's clock, without zone. */
  readonly time: string
  readonly label: string
  /** Name of the run's initial condition. */
  readonly inco: string
  /** File offset of the record. */
  readonly at: number
}

/**
 * Reads stream 1 as tags: arrays of 8, or of 7 from before 2025.
 * @returns null if it is a data stream, that is, if some record is not a tag
 */
export async function readTags(payload: Payload, lost: (what: Lost) => void): Promise<Tag[] | null> {
  const tags: Tag[] = []
  for await (const { from, to } of rawRecords(payload, lost)) {
    const tag = asTag(valueAt(payload.bytes, from, to), payload.fileOffset(from))
    if (tag === null) return null
    tags.push(tag)
    if (tags.length >= MAX_ENTRIES) break
  }
  return tags
}

function asTag(value: unknown, at: number): Tag | null {
  if (!Array.isArray(value) || value.length < 7 || value.length > 8) return null
  const offsets = asNumbers(value[0])
  const inblock = value.length === 8 ? asNumbers(value[1]) : []
  if (offsets === null || inblock === null) return null
  const [cycle, index0, index1, time, label, inco] = value.slice(value.length - 6).map(plainNumber)
  if (!isCount(cycle) || !isCount(index0) || !isCount(index1)) return null
  if (typeof time !== "string" || typeof label !== "string" || typeof inco !== "string") return null
  return { offsets, inblock, cycle, index0, index1, time, label, inco, at }
}

function asNumbers(value: unknown): number[] | null {
  if (!Array.isArray(value)) return null
  const numbers = value.map(Number)
  return numbers.every(isCount) ? numbers : null
}

/** 64-bit forms of small numbers are legal. */
function plainNumber(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
}

/** The recordings as annotations of the whole log. */
export function tagAnnotations(tags: readonly Tag[]): Annotation[] {
  return tags.map(({ cycle, label, time, inco, index0 }) => ({
    group: null,
    time: null,
    tick: index0,
    kind: "text",
    text: [`recording ${cycle}`, JSON.stringify(label), time, inco].filter((part) => part !== "").join(" "),
    data: null,
    y: null,
  }))
}

const RECORDING = /^recording \d+ ("(?:[^"\\]|\\.)*")(?: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d))?(?: (.*))?$/s

/** The tag's texts in an annotation of `tagAnnotations`; null for any other annotation. */
export function tagOfAnnotation({ kind, text }: Annotation): Pick<Tag, "label" | "time" | "inco"> | null {
  const match = kind === "text" ? RECORDING.exec(text) : null
  if (match === null) return null
  const [, label = '""', time = "", inco = ""] = match
  try {
    return { label: JSON.parse(label) as string, time, inco }
  } catch {
    return null
  }
}
