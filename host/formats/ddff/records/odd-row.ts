import type { Wire } from "../../../model/log.js"
import { headAt, isNumberMarker, numberAt, skip } from "../blocks/msgpack.js"
import { BOOL, howOf, PLACE, type Program } from "./rows.js"
import { dataAt, type Place, type Schema } from "./schema.js"
import type { Stage } from "./stage.js"

/**
 * Decodes the one complete record `bytes[from..to)` into the stage, whatever its shape.
 * @returns how many of its values do not fit their channels, or -1 if it is not a record of this stream (no row is added)
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
  const row = stage.rows
  const walk: Walk = { program, stage, bytes, view, row, to, misfits: 0 }
  stage.clearRow(row)
  if (schema.elements === 0) {
    stage.values[row] = Number.NaN
    place(walk, schema.data, from)
  } else {
    const data = dataAt(bytes, from, to)
    if (data < 0 || !fits(schema, bytes, data)) return -1
    const head = headAt(bytes, from) as NonNullable<ReturnType<typeof headAt>>
    stage.values[row] = numberAt(view, head.at)
    if (schema.span >= 0) {
      const slot = row + stage.stride * (program.slotOf[schema.span] as number)
      if (head.length === 3) stage.values[slot] = numberAt(view, skip(bytes, head.at, to))
      else markAbsent(stage, slot)
    }
    place(walk, schema.data, data)
  }
  stage.from[stage.rows++] = from
  return walk.misfits
}

/** True when the complete value `bytes[from..to)` is a record of the stream, which `decodeRow` can turn into a row. */
export function isRecord(schema: Schema, bytes: Uint8Array, from: number, to: number): boolean {
  if (schema.elements === 0) return true
  const data = dataAt(bytes, from, to)
  return data >= 0 && fits(schema, bytes, data)
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
  readonly row: number
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
  const slot = walk.row + stage.stride * (walk.program.slotOf[channel] as number)
  const b = bytes[p] as number
  const how = howOf(type)
  stage.absent[slot] = 0
  if (b === 0xc0) markAbsent(stage, slot)
  else if (how === PLACE) stage.values[slot] = p
  else if (how === BOOL ? b === 0xc2 || b === 0xc3 : isNumberMarker(b)) stage.values[slot] = how === BOOL ? b - 0xc2 : numberAt(view, p)
  else {
    walk.misfits++
    markAbsent(stage, slot)
  }
  return skip(bytes, p, to)
}

function nothing(walk: Walk, at: Place): void {
  if (at.kind === "leaf") markAbsent(walk.stage, walk.row + walk.stage.stride * (walk.program.slotOf[at.channel] as number))
  else for (const item of at.items) nothing(walk, item)
}

function markAbsent(stage: Stage, slot: number): void {
  stage.absent[slot] = 1
  stage.anyAbsent = true
}
