import { frameHeader, TYPE_COMPOSITE, TYPE_TOPIC } from "../../../../shared/meteor/layout.js"
import type { Sink } from "../../../bytes/sink.js"
import type { BigValues, Chunk, Loss, NumberValues } from "../../../model/log.js"
import { physical } from "../../../model/values.js"
import { MAX_WIDTH } from "../head/spec.js"
import type { ChannelPlan, CompositePlan } from "./planner.js"
import { type TopicPlan, widthFor } from "./topic-plan.js"

/** How times become stamps. */
export interface StampClock {
  readonly baseMs: number
  readonly near: number
  readonly begun: boolean
}

/** A reader takes a stamp for the nearest time that it may mean: a step of more ms than this, forward or back, is lost on it. */
export const LONGEST_STEP_MS = 2 ** 31 - 1

/** Frames go to the sink in runs of this many bytes. */
const BUFFER = 64 * 1024

/** Values of one stamp on their way into a composite; undefined for those that have not come. */
interface Filling {
  readonly raws: (number | bigint | undefined)[]
  count: number
  /** Items that can have a value: those of 0 bytes, and of more than 8, have none. */
  readonly whole: number
}

/**
 * Writes rows as frames: a composite as soon as all its items have come with one stamp, else each value by itself.
 * Rows come in time order.
 */
export class FrameWriter {
  /** Rows whose time is no whole ms. */
  private rounded = 0
  /** Values that their topic cannot hold, and values that its scale has rounded. */
  private readonly dropped = new Map<TopicPlan, number>()
  private readonly coarse = new Map<TopicPlan, number>()
  private readonly filling = new Map<CompositePlan, Filling>()
  private readonly bytes = new Uint8Array(BUFFER)
  private readonly view = new DataView(this.bytes.buffer)
  private at = 0
  private stamp: number
  /** Rows whose time no stamp can tell. */
  private untold = 0

  private readonly baseMs: number
  private begun: boolean

  /**
   * @param clock `baseMs` is taken off every time. The first row is no more than a step from `near`, a stamp; and below 2^32 unless other
   * rows are before it (`begun`)
   */
  constructor(
    private readonly sink: Sink,
    { baseMs, near, begun }: StampClock,
  ) {
    this.baseMs = baseMs
    this.stamp = near
    this.begun = begun
  }

  /** @param channels of the chunk's group @param time seconds */
  row(channels: readonly (ChannelPlan | null)[], chunk: Chunk, row: number, time: number): void {
    const ms = time * 1000 - this.baseMs
    const stamp = Math.round(ms)
    if (!(stamp >= 0 && Math.abs(stamp - this.stamp) <= LONGEST_STEP_MS && (this.begun || stamp < 2 ** 32))) {
      this.untold++
      return
    }
    this.begun = true
    if (Math.abs(ms - stamp) > 1e-6 * Math.max(1, Math.abs(ms) * 1e-9)) this.rounded++
    if (stamp !== this.stamp) this.part()
    this.stamp = stamp
    for (let c = 0; c < channels.length; c++) {
      const plan = channels[c] as ChannelPlan | null
      if (plan === null || chunk.missing[c]?.[row] === 1) continue
      const raw = this.rawOf(plan, chunk.columns[c] as NumberValues | BigValues, row)
      if (raw === null) continue
      const length = plan.place?.composite.spec.items[plan.place.item]?.length ?? 0
      if (plan.place !== null && fits(raw, length, plan.topic.signed)) this.item(plan.place.composite, plan.place.item, raw)
      else this.topic(plan, raw)
    }
  }

  /** Writes what is left. @returns what was rounded and dropped */
  finish(): Loss[] {
    this.part()
    this.flush()
    const losses: Loss[] = []
    if (this.untold > 0) {
      const why = "they have no time, or stand more than 24.8 days from the row before, which a stamp of 32 bits cannot tell"
      losses.push({ kind: "rows", count: this.untold, text: `${this.untold} rows dropped: ${why}` })
    }
    if (this.rounded > 0) losses.push({ kind: "form", count: this.rounded, text: `${this.rounded} stamps rounded to 1 ms` })
    for (const [{ topic }, count] of this.coarse) {
      losses.push({ kind: "form", count, text: `${count} values of ${topic.key} rounded to the specification's steps` })
    }
    for (const [{ topic }, count] of this.dropped) {
      const room = `they do not fit into ${topic.length ?? MAX_WIDTH} bytes${topic.signed ? "" : ", unsigned"}`
      const why = topic.id < 0 ? "their frames are shorter than those before, and no specification says what they hold" : room
      losses.push({ kind: "values", count, text: `${count} values of ${topic.key} dropped: ${why}` })
    }
    return losses
  }

  /** The integer that is stored; null for a value that is not an integer. */
  private rawOf(plan: ChannelPlan, column: NumberValues | BigValues, row: number): number | bigint | null {
    const { scale, channel, asked } = plan
    if (scale === null) return column[row] as number | bigint
    const value = physical(Number(column[row]), channel.calibration)
    if (!Number.isFinite(value)) return null
    const exact = (value / scale.multiplier) * scale.divisor - scale.addition
    const raw = Math.round(exact)
    if (!Number.isFinite(raw)) count(this.dropped, plan)
    else if (asked && Math.abs(exact - raw) > 1e-6) count(this.coarse, plan)
    return Number.isFinite(raw) ? raw : null
  }

  private item(composite: CompositePlan, item: number, raw: number | bigint): void {
    let filling = this.filling.get(composite)
    if (filling === undefined) {
      const whole = composite.spec.items.filter(({ length }) => length >= 1 && length <= MAX_WIDTH).length
      filling = { raws: composite.items.map(() => undefined), count: 0, whole }
      this.filling.set(composite, filling)
    }
    if (filling.raws[item] !== undefined) this.apart(composite, filling)
    filling.raws[item] = raw
    if (++filling.count < filling.whole) return
    const { id, size, items } = composite.spec
    this.header(TYPE_COMPOSITE, id, size)
    for (let i = 0; i < items.length; i++) this.integer(filling.raws[i] ?? 0, items[i]?.length ?? 0)
    empty(filling)
  }

  /** No more values come with this stamp. */
  private part(): void {
    for (const [composite, filling] of this.filling) if (filling.count > 0) this.apart(composite, filling)
  }

  private apart({ items }: CompositePlan, filling: Filling): void {
    for (const [i, raw] of filling.raws.entries()) if (raw !== undefined) this.topic(items[i] as ChannelPlan, raw)
    empty(filling)
  }

  private topic(plan: TopicPlan, raw: number | bigint): void {
    const { least, topic } = plan
    const { id, length, signed } = topic
    if (id < 0 || !fits(raw, length ?? MAX_WIDTH, signed)) {
      count(this.dropped, plan)
      return
    }
    const value = BigInt(raw)
    const width = length ?? Math.max(least, widthFor(value < 0n ? value : 0n, value > 0n ? value : 0n, signed))
    this.header(TYPE_TOPIC, id, width)
    this.integer(raw, width)
  }

  private header(type: number, id: number, length: number): void {
    if (this.at + frameHeader.size + length > BUFFER) this.flush()
    this.view.setUint32(this.at, this.stamp)
    this.bytes[this.at + frameHeader.fields.type.at] = type
    this.bytes[this.at + frameHeader.fields.id.at] = id
    this.bytes[this.at + frameHeader.fields.length.at] = length
    this.at += frameHeader.size
  }

  /** Little-endian, two's complement. */
  private integer(raw: number | bigint, width: number): void {
    if (typeof raw === "bigint") {
      let rest = BigInt.asUintN(64, raw)
      for (let i = 0; i < width; i++, rest >>= 8n) this.bytes[this.at++] = Number(rest & 0xffn)
      return
    }
    let rest = raw
    for (let i = 0; i < width; i++) {
      const byte = ((rest % 256) + 256) % 256
      this.bytes[this.at++] = byte
      rest = (rest - byte) / 256
    }
  }

  private flush(): void {
    this.sink.write(this.bytes.subarray(0, this.at))
    this.at = 0
  }
}

function empty(filling: Filling): void {
  filling.raws.fill(undefined)
  filling.count = 0
}

function count(of: Map<TopicPlan, number>, plan: TopicPlan): void {
  of.set(plan, (of.get(plan) ?? 0) + 1)
}

/** Powers of two are exact, so that big integers compare exactly too. */
function fits(raw: number | bigint, length: number, signed: boolean): boolean {
  const top = 2 ** (length * 8 - (signed ? 1 : 0))
  return raw < top && raw >= (signed ? -top : 0)
}
