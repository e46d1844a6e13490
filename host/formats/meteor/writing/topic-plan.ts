import type { Calibration, Channel, Loss } from "../../../model/log.js"
import { isFloat, WIRES } from "../../../model/wire.js"
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

/** A channel in a topic of a given specification. */
export function askedTopic(topic: TopicSpec, channel: Channel, least: number): TopicPlan {
  const same = !isFloat(channel.type) && sameCalibration(channel.calibration, topic.calibration)
  return { topic, channel, width: topic.length ?? 0, least, scale: same ? null : (topic.calibration ?? PLAIN), asked: true }
}

/** True for calibrations that give the same values. */
export function sameCalibration(a: Calibration | null, b: Calibration | null): boolean {
  const [x, y] = [a ?? PLAIN, b ?? PLAIN]
  return x.addition === y.addition && x.divisor === y.divisor && x.multiplier === y.multiplier
}

/**
 * A channel in a topic of its own making.
 * @param lone it is the only channel of its group
 */
export function newTopic(id: number, key: string, channel: Channel, facts: ChannelFacts, lone: boolean, losses: Loss[]): TopicPlan {
  if (isFloat(channel.type)) return newFloat(id, key, channel, facts, losses)
  const { kind, bits } = WIRES[channel.type]
  const signed = kind === "signed"
  const noted = Number(channel.notes.width ?? 0)
  const needed = widthFor(facts.least, facts.most, signed)
  const declared = bits > 0 ? Math.ceil(bits / 8) : Number.isInteger(noted) && noted >= 1 && noted <= 8 ? noted : 0
  const fixed = declared >= needed && (bits > 0 || lone)
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

/**
 * A channel in the topic that it had in the log that it comes from.
 * @param length bytes as an item of its composite; 0 for a channel that is alone in its frames
 */
export function keptTopic(topic: TopicSpec, channel: Channel, { least, most }: ChannelFacts, length: number): TopicPlan {
  const noted = Number(channel.notes.width ?? 1)
  const width = length > 0 ? length : Math.max(topic.length ?? noted, widthFor(least, most, topic.signed))
  return { topic, channel, width, least: noted, scale: null, asked: false }
}

/** Bytes of the smallest integer that holds both. */
export function widthFor(least: bigint, most: bigint, signed: boolean): number {
  for (let width = 1; width < 8; width++) {
    const top = 1n << BigInt(width * 8 - (signed ? 1 : 0))
    if (most < top && (!signed || least >= -top)) return width
  }
  return 8
}
