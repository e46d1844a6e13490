import { FormatError } from "../../../model/errors.js"
import type { Calibration } from "../../../model/log.js"

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

interface CompositeItem {
  readonly key: string
  /** Bytes. */
  readonly length: number
}

/** A rule of the specification that is broken. */
interface SpecFault {
  readonly rule: string
  readonly severity: "error" | "warning"
  /** Path in the JSON: `topics[3].id`; empty for the whole. */
  readonly where: string
  /** What was found, and what was expected. */
  readonly text: string
  /** The specification cannot be used. */
  readonly fatal?: true
}

/** A parsed specification. Of two entries with one id the first counts, as in the reference program. */
export interface MeteorSpec {
  readonly topics: readonly TopicSpec[]
  readonly composites: readonly CompositeSpec[]
  /** fieldlog: ns since 1970 UTC of stamp 0, or null. */
  readonly start: bigint | null
  /** fieldlog: what the names of its logs end with (`shared/meteor/mark.ts`), or null. */
  readonly mark: string | null
  readonly faults: readonly SpecFault[]
}

type Json = Readonly<Record<string, unknown>>

/**
 * Reads a data specification: `{topics, composites}`, or the reference program's options file `{"spec": {...}}`.
 * What can be used with doubt is used and listed in `faults`.
 * Source: the reference program's options (README, "data specification"); `name` of composites, `length` of topics,
 * `start`,
 * `tickSeconds` and `fieldlog`, its mark, are fieldlog's.
 * @param path for messages
 * @throws FormatError for the first fault with which it cannot be used
 */
export function parseSpec(value: unknown, path?: string): MeteorSpec {
  const spec = lintSpec(value)
  const fault = spec.faults.find(({ fatal }) => fatal === true)
  if (fault === undefined) return spec
  const place = path === undefined ? {} : { path }
  const hint = "fieldlog check --spec FILE lists every fault"
  throw new FormatError(fault.where === "" ? fault.text : `${fault.where} is ${fault.text}`, { format: "meteor", ...place, hint })
}

/** As `parseSpec`, but every fault is listed, also those with which a specification cannot be used; entries that have one are left out. */
export function lintSpec(value: unknown): MeteorSpec {
  const faults: SpecFault[] = []
  const root = object(value)
  const body = root === null ? null : (object(root.spec) ?? root)
  if (body === null || !Array.isArray(body.topics)) {
    const text = 'not a Meteor specification: expected {"topics": [...], "composites": [...]}'
    return {
      topics: [],
      composites: [],
      start: null,
      mark: null,
      faults: [{ rule: "not-specification", severity: "error", where: "", text, fatal: true }],
    }
  }
  const topics = parseList(body.topics, "topics", faults, parseTopic)
  const composites = parseList(body.composites ?? [], "composites", faults, parseComposite)
  findDuplicates(topics, "topics", faults)
  findDuplicates(composites, "composites", faults)
  const byKey = new Map(topics.flatMap((topic) => (topic === null ? [] : [[topic.key, topic]])))
  checkItems(composites, byKey, faults)
  const start = parseStart(root?.start ?? body.start, faults)
  const mark = root?.fieldlog ?? body.fieldlog
  return { topics: firsts(topics), composites: firsts(composites), start, mark: typeof mark === "string" ? mark : null, faults }
}

/** The entries that can be used, each id once. */
function firsts<T extends { readonly id: number }>(entries: readonly (T | null)[]): T[] {
  const usable = entries.filter((entry) => entry !== null)
  return usable.filter((entry, i) => usable.findIndex((other) => other.id === entry.id) === i)
}

function fatal(faults: SpecFault[], rule: string, where: string, found: unknown, expected: string): null {
  faults.push({ rule, severity: "error", where, text: `${jsonText(found)}, expected ${expected}`, fatal: true })
  return null
}

/** @returns an entry each; null for one that cannot be used */
function parseList<T>(
  value: unknown,
  where: string,
  faults: SpecFault[],
  parse: (entry: Json, where: string, faults: SpecFault[]) => T | null,
): (T | null)[] {
  if (!Array.isArray(value)) {
    fatal(faults, "not-list", where, value, "a list")
    return []
  }
  return value.map((entry, i) => {
    const json = object(entry)
    return json === null ? fatal(faults, "not-object", `${where}[${i}]`, entry, "an object") : parse(json, `${where}[${i}]`, faults)
  })
}

function parseTopic(topic: Json, where: string, faults: SpecFault[]): TopicSpec | null {
  const data = object(topic.data) ?? {}
  const type = data.type
  if (type !== "unsigned-number" && type !== "signed-number") {
    faults.push({
      rule: "topic-type",
      severity: "warning",
      where: `${where}.data.type`,
      text: `${jsonText(type)}, expected "unsigned-number" or "signed-number"; read as unsigned`,
    })
  }
  const id = parseId(topic.id, where, faults)
  const key = parseKey(topic.key, where, faults)
  const calibration = parseCalibration(data, where, faults)
  const length = parseFixedLength(topic.length, where, faults)
  if (id === null || key === null) return null
  return {
    id,
    key,
    name: typeof topic.name === "string" ? topic.name : null,
    unit: typeof topic.unit === "string" ? topic.unit : "",
    decimalPlaces: Number.isInteger(topic.decimalPlaces) ? (topic.decimalPlaces as number) : null,
    signed: type === "signed-number",
    calibration,
    length,
  }
}

function parseComposite(composite: Json, where: string, faults: SpecFault[]): CompositeSpec | null {
  const id = parseId(composite.id, where, faults)
  const items = parseList(composite.topics, `${where}.topics`, faults, parseItem)
  if (id === null || !Array.isArray(composite.topics) || items.includes(null)) return null
  const usable = items as CompositeItem[]
  const size = usable.reduce((sum, item) => sum + item.length, 0)
  if (size > MAX_DATA) {
    faults.push({
      rule: "composite-size",
      severity: "error",
      where,
      text: `items take ${size} bytes, a frame holds at most ${MAX_DATA}; what is beyond has no values`,
    })
  }
  const name = typeof composite.name === "string" && composite.name !== "" ? composite.name : null
  return { id, name, items: usable, size }
}

function parseItem(item: Json, where: string, faults: SpecFault[]): CompositeItem | null {
  const key = parseKey(item.key, where, faults)
  const length = item.length
  if (!Number.isInteger(length) || (length as number) < 0 || (length as number) > MAX_DATA) {
    return fatal(faults, "item-length", `${where}.length`, length, `1 to ${MAX_WIDTH} bytes`)
  }
  if (length === 0 || (length as number) > MAX_WIDTH) {
    faults.push({
      rule: "item-length",
      severity: "error",
      where: `${where}.length`,
      text: `${length} bytes have no numeric meaning, expected 1 to ${MAX_WIDTH}; the item has no values`,
    })
  }
  return key === null ? null : { key, length: length as number }
}

function parseId(id: unknown, where: string, faults: SpecFault[]): number | null {
  if (Number.isInteger(id) && (id as number) >= 0 && (id as number) <= 255) return id as number
  return fatal(faults, "id", `${where}.id`, id, "an integer from 0 to 255")
}

function parseKey(key: unknown, where: string, faults: SpecFault[]): string | null {
  return typeof key === "string" && key !== "" ? key : fatal(faults, "key", `${where}.key`, key, "a name")
}

function parseFixedLength(length: unknown, where: string, faults: SpecFault[]): number | null {
  if (length === undefined || length === null) return null
  if (Number.isInteger(length) && (length as number) >= 1 && (length as number) <= MAX_WIDTH) return length as number
  faults.push({
    rule: "topic-length",
    severity: "error",
    where: `${where}.length`,
    text: `${jsonText(length)}, expected 1 to ${MAX_WIDTH} bytes; not used`,
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
    text: `${jsonText(factor)}, expected a finite number; ${fallback} is used`,
  })
  return fallback
}

function findDuplicates(entries: readonly (TopicSpec | CompositeSpec | null)[], list: string, faults: SpecFault[]): void {
  for (const field of ["id", "key"] as const) {
    const first = new Map<unknown, number>()
    for (const [i, entry] of entries.entries()) {
      const value = (entry as { id: number; key?: string } | null)?.[field]
      if (value === undefined) continue
      const before = first.get(value)
      if (before === undefined) {
        first.set(value, i)
        continue
      }
      const text = `${jsonText(value)} is also ${list}[${before}].${field}${field === "id" ? "; the first counts" : ""}`
      faults.push({ rule: `duplicate-${field}`, severity: "error", where: `${list}[${i}].${field}`, text })
    }
  }
}

function checkItems(composites: readonly (CompositeSpec | null)[], topics: ReadonlyMap<string, TopicSpec>, faults: SpecFault[]): void {
  for (const [c, composite] of composites.entries()) {
    for (const [i, item] of (composite?.items ?? []).entries()) {
      if (topics.has(item.key)) continue
      const text = `no topic has the key ${jsonText(item.key)}; read as raw unsigned`
      faults.push({ rule: "unknown-key", severity: "warning", where: `composites[${c}].topics[${i}].key`, text })
    }
  }
}

function parseStart(start: unknown, faults: SpecFault[]): bigint | null {
  if (start === undefined || start === null) return null
  const ms = typeof start === "string" ? Date.parse(start) : typeof start === "number" ? start * 1000 : Number.NaN
  if (Number.isFinite(ms)) return BigInt(Math.round(ms)) * 1_000_000n
  const text = `${jsonText(start)}, expected an RFC 3339 time or seconds since 1970; not used`
  faults.push({ rule: "start", severity: "warning", where: "start", text })
  return null
}

function object(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null
}

function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? "absent"
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
