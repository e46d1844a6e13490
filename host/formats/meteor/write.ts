import { fileHeader, frameHeader, SIGNATURE, TYPE_COMPOSITE, TYPE_TOPIC } from "../../../shared/meteor/layout.js"
import { formLosses } from "../../exports/losses.js"
import type { Writer } from "../../format.js"
import { writeRecord } from "../../layout.js"
import type { BigValues, Chunk, Group, Log, Loss, NumberValues } from "../../log.js"
import { mergeRows } from "../../merge.js"
import type { Sink } from "../../sink.js"
import { rowTimes } from "../../time.js"
import { isBig, physical } from "../../values.js"
import { copyFrames } from "./copy.js"
import { gatherFacts } from "./facts.js"
import { type GroupPlan, planLog, planSpec, type TopicPlan, widthFor } from "./plan.js"
import { MeteorLog } from "./read.js"
import { MAX_DATA } from "./spec.js"

const NS_PER_MS = 1_000_000n
/** The first stamp must fit into 32 bits: for a log that starts later, the header's time is moved. */
const LATE_S = 2 ** 32 / 1000

/**
 * Writes any log as Meteor version 2, with its specification beside it as `<name>.spec.json`.
 * A Meteor log that is passed on as it is keeps every good byte. Else: a group of one channel becomes a topic, a group of
 * several a composite; floats become integers with a power of ten as divisor; what has no value is not written.
 */
export const writeMeteor: Writer = async (log, output) => {
  if (log instanceof MeteorLog) {
    const sink = output.sink()
    const { rows } = await copyFrames(log, sink)
    sink.close()
    return lostInDamage(log, rows)
  }
  const losses: Loss[] = []
  const facts = await gatherFacts(log)
  const plans = planLog(log, facts, losses)
  const base = baseOf(log, facts.earliest, losses)
  const sink = output.sink()
  sink.write(headerBytes(log, base, losses))
  const frames = new FrameWriter(sink, base)
  for await (const merged of mergeRows(log)) {
    const times = merged.chunks.map((chunk) => rowTimes(log.groups[chunk.group] as Group, chunk))
    for (let i = 0; i < merged.rows; i++) {
      const slot = merged.slot[i] as number
      const row = merged.row[i] as number
      const chunk = merged.chunks[slot] as Chunk
      frames.row(plans[chunk.group] as GroupPlan, chunk, row, (times[slot] as Float64Array)[row] as number)
    }
  }
  frames.flush()
  sink.close()
  const side = output.sink(`${output.name.replace(/\.[^.]*$/, "")}.spec.json`)
  side.write(new TextEncoder().encode(`${JSON.stringify(planSpec(log, plans), null, 2)}\n`))
  side.close()
  if (frames.rounded > 0) losses.push({ kind: "form", count: frames.rounded, text: `${frames.rounded} stamps rounded to 1 ms` })
  return [...losses, ...formLosses(log, "Meteor", { units: true, start: true })]
}

function lostInDamage(log: Log, rows: number): Loss[] {
  const damage = log.issues.filter(({ severity }) => severity === "error").length
  return damage === 0 ? [] : [{ kind: "rows", count: damage, text: `${damage} damaged places left out, ${rows} rows kept` }]
}

/** ms that are taken off every time: stamps are unsigned and count from the header's time. */
function baseOf(log: Log, earliest: number, losses: Loss[]): number {
  if (log.groups.some(({ time }) => time.kind === "stamped" && time.tick === 0)) {
    losses.push({ kind: "form", count: 1, text: "the length of a tick is not known: 1 tick is written as 1 s" })
  }
  if (earliest >= 0 && earliest < LATE_S) return 0
  const base = Math.floor(earliest)
  if (log.start === null) losses.push({ kind: "form", count: 1, text: `times are counted from ${base} s: Meteor's stamps have 32 bits` })
  return base * 1000
}

function headerBytes(log: Log, baseMs: number, losses: Loss[]): Uint8Array {
  const name = cutName(log.name, losses)
  const bytes = new Uint8Array(fileHeader.size + name.length)
  const view = new DataView(bytes.buffer)
  const date = dateOf(log, baseMs, losses)
  writeRecord(fileHeader, view, 0, { signature: Uint8Array.from(SIGNATURE), version: 2, ...date, nameLength: name.length })
  bytes.set(name, fileHeader.size)
  return bytes
}

/** Source: the reference program's writer: month 0 to 11, year minus 2000, ms since midnight. */
function dateOf(log: Log, baseMs: number, losses: Loss[]): { day: number; month: number; year: number; timeOfDay: number } {
  const unknown = { day: 0, month: 0, year: 0, timeOfDay: 0 }
  if (log.start === null) return unknown
  const ms = Number(log.start / NS_PER_MS) + baseMs
  if (log.start % NS_PER_MS !== 0n) losses.push({ kind: "form", count: 1, text: "the start is cut to 1 ms" })
  const date = new Date(ms)
  const year = date.getUTCFullYear() - 2000
  if (!(year >= 1 && year <= 255)) {
    losses.push({ kind: "form", count: 1, text: "start time dropped: Meteor has the years 2001 to 2255" })
    return unknown
  }
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
  return { day: date.getUTCDate(), month: date.getUTCMonth(), year, timeOfDay: ms - midnight }
}

/** At most 255 bytes, cut between characters. */
function cutName(name: string, losses: Loss[]): Uint8Array {
  const bytes = new Uint8Array(MAX_DATA)
  const { read, written } = new TextEncoder().encodeInto(name, bytes)
  if (read < name.length) losses.push({ kind: "form", count: 1, text: `name cut to ${written} bytes` })
  return bytes.subarray(0, written)
}

/** Frames go to the sink in runs of this many bytes. */
const BUFFER = 64 * 1024

class FrameWriter {
  /** Rows whose time is no whole ms. */
  rounded = 0
  private readonly bytes = new Uint8Array(BUFFER)
  private readonly view = new DataView(this.bytes.buffer)
  private at = 0

  constructor(
    private readonly sink: Sink,
    private readonly baseMs: number,
  ) {}

  /** Writes one row: composites where it is complete, else each value that is there by itself. */
  row(plan: GroupPlan, chunk: Chunk, row: number, time: number): void {
    const ms = time * 1000 - this.baseMs
    const stamp = Math.round(ms)
    if (Math.abs(ms - stamp) > 1e-6 * Math.max(1, Math.abs(ms) * 1e-9)) this.rounded++
    const complete = plan.composites.length > 0 && plan.topics.every((topic, c) => topic === null || hasValue(topic, chunk, c, row))
    if (!complete) {
      for (const [c, topic] of plan.topics.entries()) {
        if (topic !== null && hasValue(topic, chunk, c, row)) this.topic(topic, stamp, rawOf(topic, chunk, c, row))
      }
      return
    }
    for (const { id, topics, size } of plan.composites) {
      this.header(stamp, TYPE_COMPOSITE, id, size)
      for (const topic of topics) this.integer(rawOf(topic, chunk, plan.topics.indexOf(topic), row), topic.width)
    }
  }

  flush(): void {
    this.sink.write(this.bytes.subarray(0, this.at))
    this.at = 0
  }

  private topic(topic: TopicPlan, stamp: number, raw: number | bigint): void {
    const value = BigInt(raw)
    const width = topic.fixed ? topic.width : widthFor(value < 0n ? value : 0n, value > 0n ? value : 0n, topic.signed)
    this.header(stamp, TYPE_TOPIC, topic.id, width)
    this.integer(raw, width)
  }

  private header(stamp: number, type: number, id: number, length: number): void {
    if (this.at + frameHeader.size + length > BUFFER) this.flush()
    this.view.setUint32(this.at, stamp)
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
}

function hasValue({ divisor }: TopicPlan, chunk: Chunk, c: number, row: number): boolean {
  if (chunk.missing[c]?.[row] === 1) return false
  return divisor === 0 || Number.isFinite((chunk.columns[c] as NumberValues)[row])
}

/** `raw = round(physical / multiplier * divisor - addition)` for floats; other channels are stored as they are. */
function rawOf({ divisor, channel }: TopicPlan, chunk: Chunk, c: number, row: number): number | bigint {
  const column = chunk.columns[c] as NumberValues | BigValues
  if (isBig(column)) return column[row] as bigint
  const value = column[row] as number
  return divisor === 0 ? value : Math.round(physical(value, channel.calibration) * divisor)
}
