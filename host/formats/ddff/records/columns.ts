import type { Channel, Values } from "../../../model/log.js"
import { newValues } from "../../../model/values.js"
import { bigintAt, headAt, skip, textAt, valueAt } from "../blocks/msgpack.js"
import type { Stage } from "./stage.js"

/** One channel's values cut out of a stage. */
interface Column {
  readonly values: Values
  /** 1 for a row without a value; null if every row has one. */
  readonly missing: Uint8Array | null
  /** Values that do not fit the channel's type: they are missing. */
  readonly misfits: number
}

/**
 * Cuts one channel out of a stage.
 * @param bytes the bytes that the positions of texts, bytes, 64-bit and mixed values point into
 */
export function cutColumn(stage: Stage, slot: number, channel: Channel, bytes: Uint8Array, view: DataView): Column {
  const values = newValues(channel.type, stage.rows)
  const from = stage.column(slot)
  const marks: Marks = { missing: null, misfits: 0, rows: stage.rows }
  if (stage.anyAbsent) takeAbsent(stage, slot, marks)
  if (values instanceof Float64Array || values instanceof Float32Array) values.set(from)
  else if (values instanceof Int16Array) fillI16(values, from, marks)
  else if (values instanceof Uint16Array) fillU16(values, from, marks)
  else if (values instanceof Uint8Array) fillU8(values, from, marks)
  else if (values instanceof Int8Array) fillI8(values, from, marks)
  else if (values instanceof Int32Array) fillI32(values, from, marks)
  else if (values instanceof Uint32Array) fillU32(values, from, marks)
  else if (values instanceof BigInt64Array || values instanceof BigUint64Array) fillBig(values, from, marks, view)
  else if (channel.type === "text") fillText(values as string[], from, marks, bytes)
  else if (channel.type === "bytes") fillBytes(values as Uint8Array[], from, marks, bytes)
  else fillMixed(values as unknown[], from, marks, bytes)
  return { values, missing: marks.missing, misfits: marks.misfits }
}

interface Marks {
  missing: Uint8Array | null
  misfits: number
  readonly rows: number
}

function takeAbsent(stage: Stage, slot: number, marks: Marks): void {
  const { absent, stride, rows } = stage
  const first = slot * stride
  for (let row = 0; row < rows; row++) if (absent[first + row] === 1) mark(marks, row)
}

function mark(marks: Marks, row: number): void {
  marks.missing ??= new Uint8Array(marks.rows)
  marks.missing[row] = 1
}

/** Marks a value that the column cannot hold as missing, and counts it unless it was absent before. */
function misfit(marks: Marks, row: number): void {
  if (marks.missing?.[row] === 1) return
  mark(marks, row)
  marks.misfits++
}

function isPresent(marks: Marks, row: number): boolean {
  return marks.missing === null || marks.missing[row] === 0
}

// One loop per array type: a loop shared by several types is several times slower.

function fillI16(out: Int16Array, from: Float64Array, marks: Marks): void {
  for (let row = 0; row < out.length; row++) {
    out[row] = from[row] as number
    if (out[row] !== from[row]) misfit(marks, row)
  }
}

function fillU16(out: Uint16Array, from: Float64Array, marks: Marks): void {
  for (let row = 0; row < out.length; row++) {
    out[row] = from[row] as number
    if (out[row] !== from[row]) misfit(marks, row)
  }
}

function fillI8(out: Int8Array, from: Float64Array, marks: Marks): void {
  for (let row = 0; row < out.length; row++) {
    out[row] = from[row] as number
    if (out[row] !== from[row]) misfit(marks, row)
  }
}

function fillU8(out: Uint8Array, from: Float64Array, marks: Marks): void {
  for (let row = 0; row < out.length; row++) {
    out[row] = from[row] as number
    if (out[row] !== from[row]) misfit(marks, row)
  }
}

function fillI32(out: Int32Array, from: Float64Array, marks: Marks): void {
  for (let row = 0; row < out.length; row++) {
    out[row] = from[row] as number
    if (out[row] !== from[row]) misfit(marks, row)
  }
}

function fillU32(out: Uint32Array, from: Float64Array, marks: Marks): void {
  for (let row = 0; row < out.length; row++) {
    out[row] = from[row] as number
    if (out[row] !== from[row]) misfit(marks, row)
  }
}

function fillBig(out: BigInt64Array | BigUint64Array, from: Float64Array, marks: Marks, view: DataView): void {
  for (let row = 0; row < out.length; row++) {
    if (!isPresent(marks, row)) continue
    const value = bigintAt(view, from[row] as number)
    if (value !== null) out[row] = value
    if (value === null || out[row] !== value) misfit(marks, row)
  }
}

function fillText(out: string[], from: Float64Array, marks: Marks, bytes: Uint8Array): void {
  for (let row = 0; row < out.length; row++) {
    if (!isPresent(marks, row)) continue
    const value = textAt(bytes, from[row] as number)
    if (value === null) misfit(marks, row)
    else out[row] = value
  }
}

/** The values share one copy of their bytes: a new typed array for every value costs several times as much. */
function fillBytes(out: Uint8Array[], from: Float64Array, marks: Marks, bytes: Uint8Array): void {
  const lengths = new Uint32Array(out.length)
  const starts = new Uint32Array(out.length)
  let total = 0
  for (let row = 0; row < out.length; row++) {
    if (!isPresent(marks, row)) continue
    const p = from[row] as number
    if (bytes[p] === 0xc4) {
      starts[row] = p + 2
      lengths[row] = bytes[p + 1] as number
    } else {
      const head = headAt(bytes, p)
      if (head?.kind !== "bytes") {
        misfit(marks, row)
        continue
      }
      starts[row] = head.at
      lengths[row] = head.length
    }
    total += lengths[row] as number
  }
  const store = new Uint8Array(total)
  for (let row = 0, to = 0; row < out.length; row++) {
    const n = lengths[row] as number
    if (n === 0) continue
    const p = starts[row] as number
    for (let i = 0; i < n; i++) store[to + i] = bytes[p + i] as number
    out[row] = new Uint8Array(store.buffer, to, n)
    to += n
  }
}

function fillMixed(out: unknown[], from: Float64Array, marks: Marks, bytes: Uint8Array): void {
  for (let row = 0; row < out.length; row++) {
    if (!isPresent(marks, row)) continue
    const p = from[row] as number
    const value = valueAt(bytes, p, skip(bytes, p, bytes.length))
    if (value === undefined) misfit(marks, row)
    else out[row] = value
  }
}
