import { FormatError } from "../../errors.js"
import type { Calibration } from "../../log.js"

/** Largest data of a frame: its length is one byte. */
export const MAX_DATA = 255
/** Widest integer with a numeric meaning. */
export const MAX_WIDTH = 8

/** A topic: one quantity, by itself in a frame or an item of composites. */
export interface TopicSpec {
  /** 0 to 255; topics and composites are counted apart. */
  readonly id: number
  readonly key: string
  /** Display name, or null. */
  readonly name: string | null
  readonly unit: string
  readonly decimalPlaces: number | null
  readonly signed: boolean
  readonly calibration: Calibration | null
  /** fieldlog: bytes of each of its values when it is alone in a frame; null when frames differ. */
  readonly length: number | null
}

/** A composite: items packed in this order, all sampled at one stamp. */
export interface CompositeSpec {
  readonly id: number
  /** fieldlog: name of the group, or null. */
  readonly name: string | null
  readonly items: readonly CompositeItem[]
  /** Sum of the items' lengths in bytes. */
  readonly size: number
}

export interface CompositeItem {
  readonly key: string
  /** Bytes. */
  readonly length: number
}

/** A rule of the specification that is broken, though the specification can be used. */
export interface SpecFault {
  readonly rule: string
  readonly severity: "error" | "warning"
  /** Path in the JSON: `topics[3].id`. */
  readonly where: string
  readonly text: string
}

/** A parsed specification. Of two entries with one id the first counts, as in the reference program. */
export interface MeteorSpec {
  readonly topics: readonly TopicSpec[]
  readonly composites: readonly CompositeSpec[]
  /** fieldlog: ns since 1970 UTC of stamp 0, or null. */
  readonly start: bigint | null
  readonly faults: readonly SpecFault[]
}

type Json = Readonly<Record<string, unknown>>

/**
 * Reads a data specification: `{topics, composites}`, or the reference program's options file `{"spec": {...}}`.
 * What can be used with doubt is used and listed in `faults`.
 * Source: the reference program's options (README, "data specification"); `name` of composites, `length` of topics,
 * `start` and `tickSeconds` are fieldlog's.
 * @param path for messages
 * @throws FormatError when it is no specification at all
 */
export function parseSpec(value: unknown, path?: string): MeteorSpec {
  const root = object(value)
  const body = root === null ? null : (object(root.spec) ?? root)
  if (body === null || !Array.isArray(body.topics)) {
    throw new FormatError('not a Meteor specification: expected {"topics": [...], "composites": [...]}', place(path))
  }
  const faults: SpecFault[] = []
  const topics = body.topics.map((entry, i) => parseTopic(entry, `topics[${i}]`, faults, path))
  const list = body.composites ?? []
  if (!Array.isArray(list)) throw new FormatError("composites is not a list", place(path))
  const composites = list.map((entry, i) => parseComposite(entry, `composites[${i}]`, faults, path))
  findDuplicates(topics, "topics", faults)
  findDuplicates(composites, "composites", faults)
  const byKey = new Map(topics.map((topic) => [topic.key, topic]))
  checkItems(composites, byKey, faults)
  return {
    topics: topics.filter((topic, i) => topics.findIndex((other) => other.id === topic.id) === i),
    composites: composites.filter((composite, i) => composites.findIndex((other) => other.id === composite.id) === i),
    start: parseStart(root?.start ?? body.start, faults),
    faults,
  }
}

function parseTopic(entry: unknown, where: string, faults: SpecFault[], path: string | undefined): TopicSpec {
  const topic = object(entry)
  if (topic === null) throw new FormatError(`${where} is not an object`, place(path))
  const data = object(topic.data) ?? {}
  const type = data.type
  if (type !== "unsigned-number" && type !== "signed-number") {
    faults.push({
      rule: "topic-type",
      severity: "warning",
      where: `${where}.data.type`,
      text: `${show(type)}, expected "unsigned-number" or "signed-number"; read as unsigned`,
    })
  }
  return {
    id: parseId(topic.id, where, path),
    key: parseKey(topic.key, where, path),
    name: typeof topic.name === "string" ? topic.name : null,
    unit: typeof topic.unit === "string" ? topic.unit : "",
    decimalPlaces: Number.isInteger(topic.decimalPlaces) ? (topic.decimalPlaces as number) : null,
    signed: type === "signed-number",
    calibration: parseCalibration(data, where, faults),
    length: parseFixedLength(topic.length, where, faults),
  }
}

function parseComposite(entry: unknown, where: string, faults: SpecFault[], path: string | undefined): CompositeSpec {
  const composite = object(entry)
  if (composite === null) throw new FormatError(`${where} is not an object`, place(path))
  if (!Array.isArray(composite.topics)) throw new FormatError(`${where}.topics is not a list`, place(path))
  const items = composite.topics.map((value, i) => parseItem(value, `${where}.topics[${i}]`, faults, path))
  const size = items.reduce((sum, item) => sum + item.length, 0)
  if (size > MAX_DATA) {
    faults.push({
      rule: "composite-size",
      severity: "error",
      where,
      text: `items take ${size} bytes, a frame holds at most ${MAX_DATA}; what is beyond has no values`,
    })
  }
  const name = typeof composite.name === "string" && composite.name !== "" ? composite.name : null
  return { id: parseId(composite.id, where, path), name, items, size }
}

function parseItem(value: unknown, where: string, faults: SpecFault[], path: string | undefined): CompositeItem {
  const item = object(value)
  if (item === null) throw new FormatError(`${where} is not an object`, place(path))
  const length = item.length
  if (!Number.isInteger(length) || (length as number) < 0 || (length as number) > MAX_DATA) {
    throw new FormatError(`${where}.length is ${show(length)}, expected 1 to ${MAX_WIDTH} bytes`, place(path))
  }
  if (length === 0 || (length as number) > MAX_WIDTH) {
    faults.push({
      rule: "item-length",
      severity: "error",
      where: `${where}.length`,
      text: `${length} bytes have no numeric meaning, expected 1 to ${MAX_WIDTH}; the item has no values`,
    })
  }
  return { key: parseKey(item.key, where, path), length: length as number }
}

function parseId(id: unknown, where: string, path: string | undefined): number {
  if (!Number.isInteger(id) || (id as number) < 0 || (id as number) > 255) {
    throw new FormatError(`${where}.id is ${show(id)}, expected an integer from 0 to 255`, place(path))
  }
  return id as number
}

function parseKey(key: unknown, where: string, path: string | undefined): string {
  if (typeof key !== "string" || key === "") throw new FormatError(`${where}.key is ${show(key)}, expected a name`, place(path))
  return key
}

function parseFixedLength(length: unknown, where: string, faults: SpecFault[]): number | null {
  if (length === undefined || length === null) return null
  if (Number.isInteger(length) && (length as number) >= 1 && (length as number) <= MAX_WIDTH) return length as number
  faults.push({
    rule: "topic-length",
    severity: "error",
    where: `${where}.length`,
    text: `${show(length)}, expected 1 to ${MAX_WIDTH} bytes; not used`,
  })
  return null
}

function parseCalibration(data: Json, where: string, faults: SpecFault[]): Calibration | null {
  const addition = parseFactor(data, "addition", 0, where, faults)
  const divisor = parseFactor(data, "divisor", 1, where, faults)
  const multiplier = parseFactor(data, "multiplier", 1, where, faults)
  for (const [name, factor] of Object.entries({ divisor, multiplier })) {
    if (factor !== 0) continue
    const text = `0: every value becomes ${name === "divisor" ? "infinite" : "0"}`
    faults.push({ rule: "zero-factor", severity: "warning", where: `${where}.data.${name}`, text })
  }
  return addition === 0 && divisor === 1 && multiplier === 1 ? null : { addition, divisor, multiplier }
}

function parseFactor(data: Json, name: string, fallback: number, where: string, faults: SpecFault[]): number {
  const factor = data[name]
  if (factor === undefined || factor === null) return fallback
  if (typeof factor === "number" && Number.isFinite(factor)) return factor
  faults.push({
    rule: "factor",
    severity: "error",
    where: `${where}.data.${name}`,
    text: `${show(factor)}, expected a finite number; ${fallback} is used`,
  })
  return fallback
}

function findDuplicates(entries: readonly (TopicSpec | CompositeSpec)[], list: string, faults: SpecFault[]): void {
  for (const field of ["id", "key"] as const) {
    const first = new Map<unknown, number>()
    for (const [i, entry] of entries.entries()) {
      const value = (entry as { id: number; key?: string })[field]
      if (value === undefined) continue
      const before = first.get(value)
      if (before === undefined) {
        first.set(value, i)
        continue
      }
      const text = `${show(value)} is also ${list}[${before}].${field}${field === "id" ? "; the first counts" : ""}`
      faults.push({ rule: `duplicate-${field}`, severity: "error", where: `${list}[${i}].${field}`, text })
    }
  }
}

function checkItems(composites: readonly CompositeSpec[], topics: ReadonlyMap<string, TopicSpec>, faults: SpecFault[]): void {
  for (const [c, composite] of composites.entries()) {
    for (const [i, item] of composite.items.entries()) {
      if (topics.has(item.key)) continue
      const text = `no topic has the key ${show(item.key)}; read as raw unsigned`
      faults.push({ rule: "unknown-key", severity: "warning", where: `composites[${c}].topics[${i}].key`, text })
    }
  }
}

function parseStart(start: unknown, faults: SpecFault[]): bigint | null {
  if (start === undefined || start === null) return null
  const ms = typeof start === "string" ? Date.parse(start) : typeof start === "number" ? start * 1000 : Number.NaN
  if (Number.isFinite(ms)) return BigInt(Math.round(ms)) * 1_000_000n
  const text = `${show(start)}, expected an RFC 3339 time or seconds since 1970; not used`
  faults.push({ rule: "start", severity: "warning", where: "start", text })
  return null
}

function object(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null
}

function place(path: string | undefined): { format: string; path?: string; hint: string } {
  return { format: "meteor", ...(path === undefined ? {} : { path }), hint: "fieldlog check --spec FILE lists every fault" }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "absent"
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
