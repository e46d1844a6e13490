import { LimitError } from "../../../model/errors.js"
import type { Calibration, Channel, Wire } from "../../../model/log.js"
import { headAt, isNumberMarker, skip } from "../blocks/msgpack.js"
import type { Payload } from "../blocks/payload.js"
import { type Label, type Member, parseLabel } from "./label.js"
import { rawRecords } from "./records.js"
import { ARRAY, BYTES, FLOAT64, MAP, NIL, type Seen, see, TEXT, typeOf, unseen } from "./seen.js"

/** One place of a record's data: a value that becomes a channel, or an array (or map by names) of places. */
export type Place = Leaf | Fork
interface Leaf {
  readonly kind: "leaf"
  readonly type: Wire
  /** Index into the group's channels. */
  readonly channel: number
}
interface Fork {
  readonly kind: "fork"
  readonly names: readonly string[]
  readonly items: readonly Place[]
}

/** How the records of a stream become rows. */
export interface Schema {
  /** Elements of a record: 2 `[tick, data]`, 3 `[tick, span, data]`, 0 if records have no tick and may be any value. */
  readonly elements: 0 | 2 | 3
  readonly data: Place
  /** The label gives the number of members: a record with another number is damage. */
  readonly strict: boolean
  readonly channels: readonly Channel[]
  /** Index of the channel of the record's span, -1 if there is no such channel. */
  readonly span: number
  /** Seconds per tick by the label; null if it does not say. */
  readonly tickSeconds: number | null
}

/** A side file's facts about channels: `{unit, calibration}` by channel name. */
export type ChannelSpec = Readonly<Record<string, { unit?: unknown; calibration?: unknown } | undefined>>

const PLAIN: Pick<Member, "unit" | "notes" | "calibration"> = { unit: "", notes: {}, calibration: null }

/** Bytes of payload from which the channels of a stream without label are found. */
const SAMPLE_BYTES = 4 * 1024 * 1024
/** Bytes of payload that are compared with the label. */
const LABELLED_SAMPLE_BYTES = 64 * 1024
/** Longer arrays, and channels beyond this number, are not taken apart. */
const MAX_FIXED_ARRAY = 256
const MAX_CHANNELS = 4096
/** Most channels of a stream: a label of arrays of objects of arrays could ask for more. */
const CHANNEL_LIMIT = 65_536

/** Finds the channels of a stream from its label and its first records. */
export async function readSchema(payload: Payload, labelText: string | null, spec: ChannelSpec): Promise<Schema> {
  const label = labelText === null ? null : parseLabel(labelText)
  const sample = await readSample(payload, label === null ? SAMPLE_BYTES : LABELLED_SAMPLE_BYTES)
  const builder = new Builder(spec, label === null && labelText !== null ? { description: labelText } : {})
  const elements = sample.records === 0 && sample.strangers > 0 ? 0 : sample.spans ? 3 : 2
  const isObject = label !== null && elements !== 0 && (sample.data.kinds & ~NIL & ~ARRAY & ~MAP) === 0
  const data = isObject
    ? builder.fork((label as Label).members, sample.data, "")
    : builder.guess(elements === 0 ? sample.whole : sample.data, "", true)
  const names = new Set(builder.channels.map((channel) => channel.name))
  const span = elements === 3 && label?.span !== false ? builder.leaf(names.has("span") ? "record.span" : "span", "u32").channel : -1
  return { elements, data, strict: isObject, channels: builder.channels, span, tickSeconds: label?.tickSeconds ?? null }
}

interface Sample {
  records: number
  strangers: number
  spans: boolean
  readonly data: Seen
  readonly whole: Seen
}

async function readSample(payload: Payload, limit: number): Promise<Sample> {
  const sample: Sample = { records: 0, strangers: 0, spans: false, data: unseen(), whole: unseen() }
  let bytes = 0
  for await (const { from, to } of rawRecords(payload)) {
    const data = dataAt(payload.bytes, from, to)
    if (data < 0) {
      sample.strangers++
      see(sample.whole, payload.bytes, payload.view, from, to)
    } else {
      sample.records++
      if ((headAt(payload.bytes, from)?.length ?? 0) === 3) sample.spans = true
      see(sample.data, payload.bytes, payload.view, data, to)
    }
    if ((bytes += to - from) > limit) break
  }
  return sample
}

/** Where the data of the record `bytes[from..to)` begins; -1 if it is neither `[tick, data]` nor `[tick, span, data]`. */
export function dataAt(bytes: Uint8Array, from: number, to: number): number {
  const head = headAt(bytes, from)
  if (head?.kind !== "array" || head.length < 2 || head.length > 3) return -1
  if (!isNumberMarker(bytes[head.at] as number)) return -1
  const second = skip(bytes, head.at, to)
  if (head.length === 2) return second
  return isNumberMarker(bytes[second] as number) ? skip(bytes, second, to) : -1
}

class Builder {
  readonly channels: Channel[] = []

  constructor(
    private readonly spec: ChannelSpec,
    private readonly notes: Readonly<Record<string, string>>,
  ) {}

  fork(members: readonly Member[], seen: Seen, prefix: string): Fork {
    const items = members.map((member, i) => this.member(member, seen.items[i] ?? unseen(), prefix, prefix + member.name))
    return { kind: "fork", names: members.map((member) => member.name), items }
  }

  leaf(name: string, type: Wire, from: Pick<Member, "unit" | "notes" | "calibration"> = PLAIN): Leaf {
    if (this.channels.length >= CHANNEL_LIMIT) throw new LimitError(`more than ${CHANNEL_LIMIT} channels in one stream`, { format: "ddff" })
    const said = Object.hasOwn(this.spec, name) ? this.spec[name] : undefined
    this.channels.push({
      name,
      unit: typeof said?.unit === "string" ? said.unit : from.unit,
      type,
      calibration: asCalibration(said?.calibration ?? from.calibration),
      notes: { ...this.notes, ...from.notes },
    })
    return { kind: "leaf", type, channel: this.channels.length - 1 }
  }

  /** A place that no label describes. */
  guess(seen: Seen, name: string, top: boolean): Place {
    const fixed = (seen.kinds & ~NIL) === ARRAY && seen.length > 0 && seen.length <= MAX_FIXED_ARRAY
    // Below the top only arrays of plain values are taken apart: their elements are columns, not lists.
    const plain = top || seen.items.every((item) => (item.kinds & (ARRAY | MAP)) === 0 && typeOf(item) !== "mixed")
    if (!fixed || !plain || this.channels.length + seen.length > MAX_CHANNELS) return this.leaf(name || "value", typeOf(seen))
    const names = seen.items.map((_, i) => (name === "" ? `c${i}` : `${name}[${i}]`))
    return { kind: "fork", names, items: seen.items.map((item, i) => this.guess(item, names[i] as string, false)) }
  }

  private member(member: Member, seen: Seen, prefix: string, name: string): Place {
    if (member.flat && member.members !== null) return this.flat(member.members, member.size, seen, prefix)
    if (member.container === "array") return this.array(member, seen, name)
    if (member.container === "map" || this.channels.length >= MAX_CHANNELS) return this.leaf(name, "mixed", member)
    return this.element(member, seen, name)
  }

  /** A part that adds no level to the names: an object, or (pyddff reads no other) an array of one. */
  private flat(members: readonly Member[], size: number | null, seen: Seen, prefix: string): Place {
    if (size !== 1) return this.fork(members, seen, prefix)
    return { kind: "fork", names: ["0"], items: [this.fork(members, seen.items[0] ?? unseen(), prefix)] }
  }

  private array(member: Member, seen: Seen, name: string): Place {
    const kinds = seen.kinds & ~NIL
    const { size } = member
    if (size !== null && size <= MAX_FIXED_ARRAY && (kinds === 0 || (kinds === ARRAY && seen.length === size))) {
      const items = Array.from({ length: size }, (_, i) => this.element(member, seen.items[i] ?? unseen(), `${name}[${i}]`))
      return { kind: "fork", names: items.map((_, i) => String(i)), items }
    }
    const isBytes = kinds === BYTES || (kinds === 0 && (member.type === "u8" || member.type === "i8"))
    return this.leaf(name, isBytes ? "bytes" : kinds === TEXT ? "text" : "mixed", member)
  }

  private element(member: Member, seen: Seen, name: string): Place {
    if (member.members !== null) {
      if ((seen.kinds & ~NIL & ~ARRAY & ~MAP) === 0) return this.fork(member.members, seen, `${name}.`)
      return this.leaf(name, "mixed", member)
    }
    return this.leaf(name, declaredType(member.type, seen), member)
  }
}

/** The label's type, unless the values contradict it; f64 values of a float member keep their precision. */
function declaredType(declared: Wire | null, seen: Seen): Wire {
  if (declared === null) return typeOf(seen)
  if (declared === "f32" && (seen.kinds & FLOAT64) !== 0) return "f64"
  const found = typeOf(seen)
  if ((seen.kinds & ~NIL) === 0 || found === "mixed") return declared
  return family(declared) === family(found) ? declared : found
}

function family(type: Wire): string {
  return type === "text" || type === "bytes" ? type : "number"
}

function asCalibration(value: unknown): Calibration | null {
  if (typeof value !== "object" || value === null) return null
  const { addition = 0, divisor = 1, multiplier = 1 } = value as Record<string, unknown>
  if (typeof addition !== "number" || typeof divisor !== "number" || typeof multiplier !== "number") return null
  return { addition, divisor, multiplier }
}
