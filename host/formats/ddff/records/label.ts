import type { Wire } from "../../../model/log.js"

/** One member of a stream's data as the inventory label describes it. */
export interface Member {
  readonly name: string
  /** Wire type of a primitive or enumeration; null if the label's class name is not known. */
  readonly type: Wire | null
  /** Members of an object, else null. */
  readonly members: readonly Member[] | null
  readonly container: "array" | "map" | null
  /** Elements of a fixed array, else null. */
  readonly size: number | null
  readonly unit: string
  /** fieldlog: calibration of the raw values, unchecked; null if absent. */
  readonly calibration: unknown
  /** fieldlog: this object adds no level: its members' names stand alone. */
  readonly flat: boolean
  readonly notes: Readonly<Record<string, string>>
}

/** A parsed label: the class's name and its members. */
export interface Label {
  /** fieldlog: seconds per tick; null if the label does not say. */
  readonly tickSeconds: number | null
  /** fieldlog: false if the records' spans mean nothing. */
  readonly span: boolean
  readonly className: string
  readonly members: readonly Member[]
}

/** Labels with deeper objects or more members are taken as text. */
const MAX_LABEL_DEPTH = 16
const MAX_LABEL_MEMBERS = 4096

/** Wire types of the class names that DUECA's code generator writes. */
const PRIMITIVES: Readonly<Record<string, Wire>> = {
  bool: "bool",
  char: "i8",
  int8_t: "i8",
  uint8_t: "u8",
  int16_t: "i16",
  uint16_t: "u16",
  int32_t: "i32",
  uint32_t: "u32",
  int64_t: "i64",
  uint64_t: "u64",
  int: "i32",
  unsigned: "u32",
  float: "f32",
  double: "f64",
  "std::string": "text",
  Dstring: "text",
  smartstring: "text",
  LogString: "text",
}

/** Reads an inventory label: JSON with `class` and `members`. Null for free text. */
export function parseLabel(label: string): Label | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(label)
  } catch {
    return null
  }
  const budget = { members: MAX_LABEL_MEMBERS }
  if (!isObject(parsed)) return null
  const members = parseMembers(parsed.members, 0, budget)
  const tick = typeof parsed.tickSeconds === "number" && parsed.tickSeconds > 0 ? parsed.tickSeconds : null
  if (members === null) return null
  return { className: typeof parsed.class === "string" ? parsed.class : "", tickSeconds: tick, span: parsed.span !== false, members }
}

function parseMembers(list: unknown, depth: number, budget: { members: number }): Member[] | null {
  if (!Array.isArray(list) || depth > MAX_LABEL_DEPTH) return null
  const members: Member[] = []
  for (const item of list) {
    const member = parseMember(item, depth, budget)
    if (member === null || --budget.members < 0) return null
    members.push(member)
  }
  return members
}

function parseMember(item: unknown, depth: number, budget: { members: number }): Member | null {
  if (!isObject(item) || typeof item.name !== "string") return null
  const members = item.type === "object" ? parseMembers(item.members, depth + 1, budget) : null
  if (item.type === "object" && members === null) return null
  return {
    name: item.name,
    type: item.type === "object" ? null : wireOf(item),
    members,
    container: item.container === "array" || item.container === "map" ? item.container : null,
    size: typeof item.size === "number" && Number.isInteger(item.size) && item.size > 0 ? item.size : null,
    unit: typeof item.unit === "string" ? item.unit : "",
    calibration: item.calibration ?? null,
    flat: item.flat === true,
    notes: notesOf(item),
  }
}

function wireOf(item: Record<string, unknown>): Wire | null {
  const name = item.type === "enum" && typeof item.enumint === "string" ? item.enumint : item.class
  if (typeof name !== "string") return null
  if (/^string\d+$/.test(name)) return "text"
  if (Object.hasOwn(PRIMITIVES, name)) return PRIMITIVES[name] as Wire
  return item.type === "enum" ? "int" : null
}

function notesOf(item: Record<string, unknown>): Record<string, string> {
  const notes: Record<string, string> = {}
  for (const [name, text] of Object.entries(isObject(item.notes) ? item.notes : {})) if (typeof text === "string") notes[name] = text
  if (isObject(item.enumvalues)) {
    notes.values = Object.entries(item.enumvalues)
      .map(([name, value]) => `${value}=${name}`)
      .join(" ")
  }
  return notes
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
