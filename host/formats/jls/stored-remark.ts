import { STORAGE_BINARY, STORAGE_JSON, STORAGE_STRING } from "../../../shared/jls/layout.js"
import type { Annotation } from "../../model/log.js"
import { otherJson } from "../../text/cells.js"
import { type JlsLogAnnotation, KINDS } from "./remarks.js"
import type { JlsAnnotation } from "./timed/timed.js"

const utf8 = new TextEncoder()

/** The stored form of any log's annotation. */
export function stored({ kind, text, data, y }: Annotation, timestamp: bigint): JlsAnnotation {
  const storage = data === null ? STORAGE_STRING : STORAGE_BINARY
  return { timestamp, type: KINDS.indexOf(kind), storage, group: 0, y: y ?? Number.NaN, data: data ?? utf8.encode(text) }
}

/** The stored form of an annotation that came from a JLS file, with the changes made since. */
export function restored(
  annotation: Annotation,
  { stored: old, shown }: JlsLogAnnotation["jls"],
  at: (seconds: number) => bigint,
): JlsAnnotation {
  const { kind, text, data, time, tick } = annotation
  let { timestamp } = old
  if (time !== shown.time && time !== null) timestamp = at(time)
  else if (tick !== shown.tick && tick !== null) timestamp = BigInt(tick)
  const next = stored(annotation, timestamp)
  const isSame = kind === shown.kind && text === shown.text && data === shown.data
  if (isSame) return { ...old, timestamp, y: next.y }
  return { ...next, group: old.group, storage: old.storage === STORAGE_JSON && data === null ? STORAGE_JSON : next.storage }
}

/** How data of a kind is stored. */
export function storageOf(kind: "binary" | "text" | "json"): number {
  return kind === "binary" ? STORAGE_BINARY : kind === "text" ? STORAGE_STRING : STORAGE_JSON
}

/** A value that is not a number, as an annotation. */
export function remarkOf(value: unknown, timestamp: bigint): JlsAnnotation {
  const isBytes = value instanceof Uint8Array
  const isText = typeof value === "string"
  const data = isBytes ? value : utf8.encode(isText ? value : otherJson(value))
  const storage = isBytes ? STORAGE_BINARY : isText ? STORAGE_STRING : STORAGE_JSON
  return { timestamp, type: isText ? 1 : 0, storage, group: 0, y: Number.NaN, data }
}
