import type { Chunk, Group, Log } from "../../../model/log.js"
import { rowTimes } from "../../../model/time.js"
import { isBig, isNumbers, physical } from "../../../model/values.js"
import { isFloat } from "../../../model/wire.js"
import { suspectClocks } from "../../../views/clocks.js"

/** Decimal places tried for numbers that are no integers. */
const MAX_PLACES = 12
/** Largest raw integer that is exact as f64. */
const MAX_RAW = 2 ** 53

/** What must be known of a channel before its first value is written. */
export interface ChannelFacts {
  /** Smallest and largest integer, for the channels that are stored raw. */
  least: bigint
  most: bigint
  /** Largest absolute physical value, for floats. */
  size: number
  /** Decimal places that give every value back. */
  places: number
  /** Values that are lost: NaN, infinite, text, bytes. */
  unfit: number
  /** Rows without a value. */
  missing: number
}

/** What must be known of a log before its first frame is written. */
export interface LogFacts {
  /** Per group, per channel. */
  readonly channels: readonly (readonly ChannelFacts[])[]
  /** Earliest time in seconds, but of odd stamps; 0 without rows. */
  readonly earliest: number
  /** Time of the row that comes first where rows are merged by time, but for odd stamps; 0 without rows. */
  readonly first: number
  /** Per group. */
  readonly rows: readonly number[]
  /** Per group: equal where the stamps are, in whole ms; null for stamps that do not rise from row to row, and without rows. */
  readonly stamps: readonly (string | null)[]
}

/** A pass over the log, and one over its clocks where they may be wrong: Meteor's widths and scales must be said in the specification. */
export async function gatherFacts(log: Log): Promise<LogFacts> {
  const channels: ChannelFacts[][] = []
  const prints: StampPrint[] = []
  const clocks = await suspectClocks(log, await log.survey())
  const firsts: number[] = []
  let earliest = Number.POSITIVE_INFINITY
  for await (const chunk of log.chunks({ reuse: true })) {
    const group = log.groups[chunk.group] as Group
    channels[chunk.group] ??= group.channels.map(fresh)
    for (const [c, facts] of (channels[chunk.group] as ChannelFacts[]).entries()) addColumn(facts, group, chunk, c)
    const print = (prints[chunk.group] ??= new StampPrint())
    const odd = clocks?.[chunk.group]?.odd
    const times = rowTimes(group, chunk)
    for (let i = 0; i < times.length; i++) {
      const time = times[i] as number
      print.add(Math.round(time * 1000))
      if (!Number.isFinite(time) || odd?.has(chunk.first + i) === true) continue
      firsts[chunk.group] ??= time
      if (time < earliest) earliest = time
    }
  }
  return {
    channels: log.groups.map((group, g) => channels[g] ?? group.channels.map(fresh)),
    earliest: Number.isFinite(earliest) ? earliest : 0,
    first: firsts.length === 0 ? 0 : Math.min(...firsts.filter((time) => time !== undefined)),
    rows: log.groups.map((_, g) => prints[g]?.rows ?? 0),
    stamps: log.groups.map((_, g) => prints[g]?.text ?? null),
  }
}

/** A sum that is equal for equal runs of stamps. Unequal runs may, very seldom, have the same sum: a caller must bear that. */
class StampPrint {
  rows = 0
  private sum = 0
  private last = Number.NEGATIVE_INFINITY
  private rising = true

  add(stamp: number): void {
    if (stamp <= this.last) this.rising = false
    this.last = stamp
    this.sum = (Math.imul(this.sum, 31) + stamp) | 0
    this.rows++
  }

  get text(): string | null {
    return this.rising && this.rows > 0 ? `${this.rows} ${this.last} ${this.sum}` : null
  }
}

function fresh(): ChannelFacts {
  return { least: 0n, most: 0n, size: 0, places: 0, unfit: 0, missing: 0 }
}

function addColumn(facts: ChannelFacts, group: Group, chunk: Chunk, c: number): void {
  const column = chunk.columns[c]
  const channel = group.channels[c]
  if (column === undefined || channel === undefined) return
  const missing = chunk.missing[c] ?? null
  const float = isFloat(channel.type)
  for (let i = 0; i < chunk.rows; i++) {
    if (missing !== null && missing[i] === 1) facts.missing++
    else if (isBig(column)) widen(facts, column[i] as bigint)
    else if (!isNumbers(column)) facts.unfit++
    else if (float) addFloat(facts, physical(column[i] as number, channel.calibration), channel.type === "f32")
    else widen(facts, BigInt(column[i] as number))
  }
}

function widen(facts: ChannelFacts, value: bigint): void {
  if (value < facts.least) facts.least = value
  if (value > facts.most) facts.most = value
}

function addFloat(facts: ChannelFacts, value: number, single: boolean): void {
  if (!Number.isFinite(value)) {
    facts.unfit++
    return
  }
  facts.size = Math.max(facts.size, Math.abs(value))
  while (facts.places < MAX_PLACES && !givesBack(value, facts.places, single)) facts.places++
}

function givesBack(value: number, places: number, single: boolean): boolean {
  const factor = 10 ** places
  const raw = Math.round(value * factor)
  if (Math.abs(raw) > MAX_RAW) return false
  const back = raw / factor
  return back === value || (single && Math.fround(back) === value)
}
