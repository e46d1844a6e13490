import type { Wire } from "../../log.js"
import { headAt, isNumberMarker, numberAt, skip } from "./msgpack.js"
import { dataAt, type Place, type Schema } from "./schema.js"
import type { Stage } from "./stage.js"

/**
 * A record's shape as a list of steps: below 256 a byte that must stand there (the head of an array), else how the next
 * value is read.
 */
export interface Program {
  readonly steps: Int32Array
  /** Values per row, the tick included. */
  readonly slots: number
  /** Slot of each channel. */
  readonly slotOf: Int32Array
  /** No record without texts, bytes and mixed values is longer. */
  readonly longest: number
}

const NUMBER = 256
const BOOL = 257
/** Any value: its position is kept, not its content. */
const PLACE = 258

/** The steps of a schema's records. With `ticksOnly` everything but the tick is stepped over. */
export function compile(schema: Schema, ticksOnly = false): Program {
  const steps: number[] = []
  const slotOf = new Int32Array(schema.channels.length)
  let slots = 0
  if (schema.elements !== 0) {
    steps.push(0x90 + schema.elements, NUMBER)
    slots = 1
    if (schema.elements === 3) {
      steps.push(ticksOnly ? PLACE : NUMBER)
      if (schema.span >= 0) slotOf[schema.span] = slots
      slots++
    }
  } else {
    slots = 1
  }
  const add = (place: Place): void => {
    if (place.kind === "leaf") {
      steps.push(ticksOnly ? PLACE : stepOf(place.type))
      slotOf[place.channel] = slots++
      return
    }
    const n = place.items.length
    if (n < 16) steps.push(0x90 + n)
    else steps.push(0xdc, n >> 8, n & 255)
    for (const item of place.items) add(item)
  }
  add(schema.data)
  // Records without tick are rare: they take the general way.
  const longest = schema.elements === 0 ? Number.POSITIVE_INFINITY : steps.reduce((sum, step) => sum + (step === NUMBER ? 9 : 1), 0)
  return { steps: Int32Array.from(steps), slots, slotOf, longest }
}

function stepOf(type: Wire): number {
  if (type === "bool") return BOOL
  return type === "text" || type === "bytes" || type === "mixed" || type === "u64" || type === "i64" ? PLACE : NUMBER
}

/**
 * Decodes whole records of the expected shape into the stage, as long as one surely fits: stops at the first that differs,
 * within `longest` bytes of the end, and when the stage is full.
 * @returns the offset of the first record not decoded
 *
 * Measured on records `[tick, span, [f32, f32, i16]]`: see the bench. State stays in locals; one loop, no calls but for
 * values of unknown length.
 */
export function decodeRows(program: Program, stage: Stage, bytes: Uint8Array, view: DataView, from: number, end: number): number {
  const { steps, slots, longest } = program
  const { values, absent, capacity } = stage
  const rowFrom = stage.from
  const count = steps.length
  const last = end - longest
  let row = stage.rows
  let slot = row * slots
  let p = from
  let missing = 0
  rows: while (row < capacity && p <= last) {
    const start = p
    for (let i = 0; i < count; i++) {
      const step = steps[i] as number
      const b = bytes[p] as number
      if (step < NUMBER) {
        if (b !== step) {
          p = start
          break rows
        }
        p++
        continue
      }
      if (step === NUMBER) {
        if (b < 0x80) {
          values[slot] = b
          p += 1
        } else if (b >= 0xe0) {
          values[slot] = b - 256
          p += 1
        } else if (b === 0xca) {
          values[slot] = view.getFloat32(p + 1)
          p += 5
        } else if (b === 0xcb) {
          values[slot] = view.getFloat64(p + 1)
          p += 9
        } else if (b === 0xd1) {
          values[slot] = view.getInt16(p + 1)
          p += 3
        } else if (b === 0xcd) {
          values[slot] = view.getUint16(p + 1)
          p += 3
        } else if (b === 0xce) {
          values[slot] = view.getUint32(p + 1)
          p += 5
        } else if (b === 0xcc) {
          values[slot] = bytes[p + 1] as number
          p += 2
        } else if (b === 0xd0) {
          values[slot] = view.getInt8(p + 1)
          p += 2
        } else if (b === 0xd2) {
          values[slot] = view.getInt32(p + 1)
          p += 5
        } else if (b === 0xcf) {
          values[slot] = view.getUint32(p + 1) * 4294967296 + view.getUint32(p + 5)
          p += 9
        } else if (b === 0xd3) {
          values[slot] = view.getInt32(p + 1) * 4294967296 + view.getUint32(p + 5)
          p += 9
        } else if (b === 0xc0 && slot % slots !== 0) {
          absent[slot] = 1
          missing = 1
          p += 1
        } else {
          p = start
          break rows
        }
      } else if (step === BOOL && b >= 0xc2 && b <= 0xc3) {
        values[slot] = b - 0xc2
        p++
      } else if (b === 0xc0) {
        absent[slot] = 1
        missing = 1
        p++
      } else if (step === PLACE) {
        values[slot] = p
        p = skip(bytes, p, end)
        // Behind a value of unknown length the rest of the record may no longer fit.
        if (p < 0 || p > last) {
          p = start
          break rows
        }
      } else {
        p = start
        break rows
      }
      slot++
    }
    rowFrom[row++] = start
  }
  stage.rows = row
  if (missing === 1) {
    stage.anyAbsent = true
    if (row < capacity) absent.fill(0, row * slots, (row + 1) * slots)
  }
  return p
}

/**
 * Decodes the one complete record `bytes[from..to)` into the stage, whatever its shape.
 * @returns how many of its values do not fit their channels, or -1 when it is no record of this stream (no row is added)
 */
export function decodeRow(
  schema: Schema,
  program: Program,
  stage: Stage,
  bytes: Uint8Array,
  view: DataView,
  from: number,
  to: number,
): number {
  const base = stage.rows * program.slots
  const walk: Walk = { program, stage, bytes, view, base, to, misfits: 0 }
  stage.absent.fill(0, base, base + program.slots)
  if (schema.elements === 0) {
    stage.values[base] = Number.NaN
    place(walk, schema.data, from)
  } else {
    const data = dataAt(bytes, from, to)
    if (data < 0 || !fits(schema, bytes, data)) return -1
    const head = headAt(bytes, from) as NonNullable<ReturnType<typeof headAt>>
    stage.values[base] = numberAt(view, head.at)
    if (schema.span >= 0) {
      const slot = base + (program.slotOf[schema.span] as number)
      if (head.length === 3) stage.values[slot] = numberAt(view, skip(bytes, head.at, to))
      else markAbsent(stage, slot)
    }
    place(walk, schema.data, data)
  }
  stage.from[stage.rows++] = from
  return walk.misfits
}

/** With a label, the number of members is part of the record's form. */
function fits(schema: Schema, bytes: Uint8Array, data: number): boolean {
  if (!schema.strict || schema.data.kind === "leaf") return true
  const head = headAt(bytes, data)
  return head?.kind === "map" || bytes[data] === 0xc0 || (head?.kind === "array" && head.length === schema.data.items.length)
}

interface Walk {
  readonly program: Program
  readonly stage: Stage
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly base: number
  readonly to: number
  misfits: number
}

/** Reads the value at `p` into a place's slots; returns the offset behind it. */
function place(walk: Walk, at: Place, p: number): number {
  if (at.kind === "leaf") return leaf(walk, at.channel, at.type, p)
  const { bytes, to } = walk
  const head = headAt(bytes, p)
  if (head === null || head.kind === "text" || head.kind === "bytes") {
    if (bytes[p] !== 0xc0) walk.misfits++
    for (const item of at.items) nothing(walk, item)
    return skip(bytes, p, to)
  }
  return head.kind === "array" ? elements(walk, at.items, head.at, head.length) : named(walk, at, head.at, head.length)
}

function elements(walk: Walk, items: readonly Place[], from: number, n: number): number {
  let p = from
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as Place
    if (i < n) p = place(walk, item, p)
    else nothing(walk, item)
  }
  if (items.length === n) return p
  walk.misfits++
  return items.length < n ? skip(walk.bytes, p, walk.to, n - items.length) : p
}

/** A map with member names, as some writers pack objects. */
function named(walk: Walk, at: { names: readonly string[]; items: readonly Place[] }, from: number, n: number): number {
  for (const item of at.items) nothing(walk, item)
  let p = from
  for (let i = 0; i < n; i++) {
    const key = headAt(walk.bytes, p)
    const name = key?.kind === "text" ? String.fromCharCode(...walk.bytes.subarray(key.at, key.at + Math.min(key.length, 256))) : null
    p = skip(walk.bytes, p, walk.to)
    const item = at.items[name === null ? -1 : at.names.indexOf(name)]
    if (item === undefined) walk.misfits++
    p = item === undefined ? skip(walk.bytes, p, walk.to) : place(walk, item, p)
  }
  return p
}

function leaf(walk: Walk, channel: number, type: Wire, p: number): number {
  const { stage, bytes, view, to } = walk
  const slot = walk.base + (walk.program.slotOf[channel] as number)
  const b = bytes[p] as number
  const step = stepOf(type)
  stage.absent[slot] = 0
  if (b === 0xc0) markAbsent(stage, slot)
  else if (step === PLACE) stage.values[slot] = p
  else if (step === BOOL ? b === 0xc2 || b === 0xc3 : isNumberMarker(b)) stage.values[slot] = step === BOOL ? b - 0xc2 : numberAt(view, p)
  else {
    walk.misfits++
    markAbsent(stage, slot)
  }
  return skip(bytes, p, to)
}

function nothing(walk: Walk, at: Place): void {
  if (at.kind === "leaf") markAbsent(walk.stage, walk.base + (walk.program.slotOf[at.channel] as number))
  else for (const item of at.items) nothing(walk, item)
}

function markAbsent(stage: Stage, slot: number): void {
  stage.absent[slot] = 1
  stage.anyAbsent = true
}
