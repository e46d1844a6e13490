import type { Calibration, Channel, Loss, Wire } from "../../../model/log.js"
import type { TopicSpec } from "../head/spec.js"
import type { ChannelFacts } from "./facts.js"

/** How one channel is written. */
export interface TopicPlan {
  readonly topic: TopicSpec
  readonly channel: Channel
  /** Bytes as an item of a composite that is planned with it. */
  readonly width: number
  /** Fewest bytes when alone in a frame. */
  readonly least: number
  /** `raw = round(physical / multiplier * divisor - addition)`; null for channels whose raw values are stored as they are. */
  readonly scale: Calibration | null
  /** The user's specification asked for this scale: what it rounds is told. */
  readonly asked: boolean
}

/** Raw integers of a scaled float stay below this. */
const MAX_SCALED = 2 ** 47
/** Decimal places from which on a float is taken to be rounded. */
const MAX_PLACES = 12
const PLAIN: Calibration = { addition: 0, divisor: 1, multiplier: 1 }

/** Bytes of each integer wire type. */
const WIDTHS: Partial<Record<Wire, number>> = {
  u1: 1,
  u4: 1,
  u8: 1,
  bool: 1,
  u16: 2,
  u24: 3,
  u32: 4,
  u40: 5,
  u48: 6,
  u56: 7,
  u64: 8,
  i4: 1,
  i8: 1,
  i16: 2,
  i24: 3,
  i32: 4,
  i40: 5,
  i48: 6,
  i56: 7,
  i64: 8,
}

/** True for floats: they become integers with a power of ten as divisor. */
export function isFloat({ type }: Channel): boolean {
  return type === "f32" || type === "f64"
}

/** A channel in a topic of a given specification. */
export function askedTopic(topic: TopicSpec, channel: Channel, least: number): TopicPlan {
  const same = !isFloat(channel) && sameCalibration(channel.calibration, topic.calibration)
  return { topic, channel, width: topic.length ?? 0, least, scale: same ? null : (topic.calibration ?? PLAIN), asked: true }
}

function sameCalibration(a: Calibration | null, b: Calibration | null): boolean {
  const [x, y] = [a ?? PLAIN, b ?? PLAIN]
  return x.addition === y.addition && x.divisor === y.divisor && x.multiplier === y.multiplier
}

/**
 * A channel in a topic of its own making.
 * @param lone it is the only channel of its group
 */
export function newTopic(id: number, key: string, channel: Channel, facts: ChannelFacts, lone: boolean, losses: Loss[]): TopicPlan {
  if (isFloat(channel)) return newFloat(id, key, channel, facts, losses)
  const signed = channel.type.startsWith("i")
  const noted = Number(channel.notes.width ?? 0)
  const needed = widthFor(facts.least, facts.most, signed)
  const declared = WIDTHS[channel.type] ?? (Number.isInteger(noted) && noted >= 1 && noted <= 8 ? noted : 0)
  const fixed = declared >= needed && (WIDTHS[channel.type] !== undefined || lone)
  const length = lone && fixed ? declared : null
  const topic = { ...display(id, key, channel), signed, calibration: channel.calibration, length }
  return { topic, channel, width: fixed ? declared : needed, least: 1, scale: null, asked: false }
}

function newFloat(id: number, key: string, channel: Channel, facts: ChannelFacts, losses: Loss[]): TopicPlan {
  let places = facts.places
  while (places > 0 && facts.size * 10 ** places >= MAX_SCALED) places--
  if (places < facts.places || facts.places === MAX_PLACES) {
    const text = `${key}: values rounded to ${places} decimal places, Meteor has integers only`
    losses.push({ kind: "form", count: 1, text })
  }
  const most = BigInt(Math.ceil(Math.min(facts.size * 10 ** places, 2 ** 62)))
  const scale = { addition: 0, divisor: 10 ** places, multiplier: 1 }
  const topic = { ...display(id, key, channel), signed: true, calibration: places === 0 ? null : scale, length: null }
  return { topic, channel, width: widthFor(-most, most, true), least: 1, scale, asked: false }
}

function display(id: number, key: string, { unit, notes }: Channel): Pick<TopicSpec, "id" | "key" | "name" | "unit" | "decimalPlaces"> {
  const places = Number(notes.decimalPlaces)
  const decimalPlaces = notes.decimalPlaces !== undefined && Number.isInteger(places) ? places : null
  return { id, key, name: notes.name ?? null, unit, decimalPlaces }
}

/** Bytes of the smallest integer that holds both. */
export function widthFor(least: bigint, most: bigint, signed: boolean): number {
  for (let width = 1; width < 8; width++) {
    const top = 1n << BigInt(width * 8 - (signed ? 1 : 0))
    if (most < top && (!signed || least >= -top)) return width
  }
  return 8
}
