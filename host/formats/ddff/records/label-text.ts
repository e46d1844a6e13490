import type { Channel, Group, Wire } from "../../../model/log.js"

/** Arrays of more elements cannot be replayed by DUECA: larger groups are nested. */
export const MAX_MEMBERS = 15

/** Class names of the wire types, as DUECA's code generator writes them. */
const CLASSES: Readonly<Record<Wire, string>> = {
  bool: "bool",
  u1: "uint8_t",
  u4: "uint8_t",
  u8: "uint8_t",
  u16: "uint16_t",
  u24: "uint32_t",
  u32: "uint32_t",
  u40: "uint64_t",
  u48: "uint64_t",
  u56: "uint64_t",
  u64: "uint64_t",
  uint: "uint64_t",
  i4: "int8_t",
  i8: "int8_t",
  i16: "int16_t",
  i24: "int32_t",
  i32: "int32_t",
  i40: "int64_t",
  i48: "int64_t",
  i56: "int64_t",
  i64: "int64_t",
  int: "int64_t",
  f32: "float",
  f64: "double",
  text: "std::string",
  bytes: "uint8_t",
  mixed: "any",
}

/** The members of a record's data: channels, or, if there are more than 15, parts of up to 15 channels, nested as often as needed.
 * A part is an array of one object: pyddff's numpy view fails at an object, and takes the array. */
export type Part = { readonly channel: number } | { readonly parts: readonly Part[] }

/** Nests `n` channels so that no array has more than 15 elements. */
export function nest(channels: readonly number[]): Part[] {
  let parts: Part[] = channels.map((channel) => ({ channel }))
  while (parts.length > MAX_MEMBERS) {
    const grouped: Part[] = []
    for (let i = 0; i < parts.length; i += MAX_MEMBERS) grouped.push({ parts: parts.slice(i, i + MAX_MEMBERS) })
    parts = grouped
  }
  return parts
}

/**
 * The inventory label of a group: the JSON that pyddff demands (`class`, `members`). Beside it, for fieldlog's own reader:
 * `unit` and `calibration` of members, `tickSeconds`, `span: false` if the records' spans mean nothing, and `flat` for
 * parts that exist only to keep arrays short. Members are called as the channels are, so these need names that differ: pyddff finds but the last of two equal ones.
 */
export function labelText(group: Group, parts: readonly Part[], span: boolean): string {
  const tick = group.time.kind === "stamped" ? group.time.tick : 1 / group.time.rate
  const name = className(group.name)
  const members = describe(group.channels, parts, name)
  const ours = { ...(tick === 0 ? {} : { tickSeconds: tick }), ...(span ? {} : { span: false }) }
  return JSON.stringify({ class: name, type: "object", ...ours, members })
}

function describe(channels: readonly Channel[], parts: readonly Part[], name: string): object[] {
  return parts.map((part, i) => {
    if ("channel" in part) return describeChannel(channels[part.channel] as Channel)
    const inner = `${name}_${i}`
    const members = describe(channels, part.parts, inner)
    return { name: `part_${i}`, class: inner, type: "object", container: "array", size: 1, flat: true, members }
  })
}

function describeChannel({ name, type, unit, calibration, notes }: Channel): object {
  return {
    name,
    class: CLASSES[type],
    type: "primitive",
    ...(type === "bytes" ? { container: "array" } : {}),
    ...(unit === "" ? {} : { unit }),
    ...(calibration === null ? {} : { calibration }),
    ...(Object.keys(notes).length === 0 ? {} : { notes }),
  }
}

/** A C++ class name made of a group's name. */
function className(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]/g, "_")
  return /^[A-Za-z]/.test(plain) ? plain : `G${plain}`
}
