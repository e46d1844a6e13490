import { TYPE_TOPIC } from "../../../../shared/meteor/layout.js"
import type { Chunk, Selection, Values } from "../../../model/log.js"
import { isBig } from "../../../model/values.js"
import { MAX_WIDTH } from "../head/spec.js"
import type { Batch } from "../scan/scan.js"
import type { Slot } from "../scan/slots.js"
import type { Arena } from "./arena.js"
import { gather, gatherAlone, gatherPairs, gatherStamps } from "./gather.js"
import type { GroupShape, ItemShape } from "./groups.js"
import { type IntegerForm, integerType, readBigInteger, readInteger } from "./integer.js"

/** Widths, as in `Slot.widths`, of 1 to 4 bytes. */
const SMALL = 0b11110

/** Where a slot's rows of one batch stand in the log. */
interface RowPlace {
  readonly window: number
  /** Index within the group of the first row. */
  readonly first: number
  readonly selection: Selection
  /** Where columns are made. */
  readonly arena: Arena
}

/**
 * Turns a slot's frames of one batch into chunks: one, or one per run of rows inside the selected time.
 * @param start entry of the slot's first frame in the batch's arrays
 * @param n frames
 */
export function* decode(batch: Batch, slot: Slot, start: number, n: number, shape: GroupShape, place: RowPlace): Generator<Chunk> {
  for (const [from, to] of runs(batch, start, n, place.selection)) {
    const offsets = batch.offsets.subarray(start + from, start + to)
    const rows = to - from
    const ticks = place.arena.values("f64", rows)
    const { columns, missing } = decodeRows(batch, slot, shape, offsets, ticks, place.arena)
    const order = place.selection.order === "file" ? Float64Array.from(offsets, (at) => at + batch.base) : null
    yield { group: shape.index, first: place.first + from, rows, window: place.window, ticks, columns, missing, order }
  }
}

type Columns = Pick<Chunk, "columns" | "missing">

function decodeRows(batch: Batch, slot: Slot, shape: GroupShape, offsets: Int32Array, ticks: Float64Array, arena: Arena): Columns {
  const { view, epoch } = batch
  const [first] = shape.items
  if (first !== undefined && isSmall(batch, slot, shape, first)) {
    const column = arena.values("f64", offsets.length)
    const length = onlyWidth(slot)
    if (length > 0) {
      gatherPairs(view, offsets, epoch, { length, signed: first.signed }, ticks, column)
    } else {
      gatherStamps(view, offsets, epoch, ticks)
      gatherAlone(view, offsets, first.signed, column)
    }
    return { columns: [column], missing: [null] }
  }
  gatherStamps(view, offsets, epoch, ticks)
  const columns = shape.items.map(({ type }) => arena.values(type, offsets.length))
  const missing = shape.items.map((item, i) => fill(batch, slot, shape, item, offsets, columns[i] as Values))
  return { columns, missing }
}

/** A lone topic of changing width, all of them 1 to 4 bytes so far. */
function isSmall(batch: Batch, slot: Slot, shape: GroupShape, { type }: ItemShape): boolean {
  if (!shape.lone || shape.bigEndian || batch.odd[slot.index] !== 0) return false
  return (type === "uint" || type === "int") && (slot.widths & ~SMALL) === 0
}

/** Runs of rows whose stamps lie in the selected time: `[from, to)` within the slot's rows. */
function* runs(batch: Batch, start: number, n: number, selection: Selection): Generator<[number, number]> {
  const { start: earliest = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY } = selection
  if (earliest === Number.NEGATIVE_INFINITY && end === Number.POSITIVE_INFINITY) {
    yield [0, n]
    return
  }
  let from = -1
  for (let i = 0; i < n; i++) {
    const time = (batch.view.getUint32(batch.offsets[start + i] as number) + batch.epoch) / 1000
    const inside = time >= earliest && time < end
    if (inside && from < 0) from = i
    if (!inside && from >= 0) {
      yield [from, i]
      from = -1
    }
  }
  if (from >= 0) yield [from, n]
}

/** Fills one column. @returns the rows without a value, null when there are none */
function fill(batch: Batch, slot: Slot, shape: GroupShape, item: ItemShape, offsets: Int32Array, column: Values): Uint8Array | null {
  const delta = shape.header + item.at
  if (batch.odd[slot.index] === 0 && !shape.bigEndian) {
    const length = shape.lone ? onlyWidth(slot) : item.length
    if (length > 0 && length <= MAX_WIDTH && sameSize(item, length)) {
      if (gather(integerType(length, item.signed), batch.view, offsets, delta, offsets.length, column)) return null
    }
  }
  return fillSlowly(batch, shape, item, offsets, column)
}

/** The one width that a lone topic has had so far in this pass, or 0. */
function onlyWidth(slot: Slot): number {
  if (slot.type !== TYPE_TOPIC) return 0
  const width = 31 - Math.clz32(slot.widths)
  return slot.widths === 1 << width ? width : 0
}

/** A topic of fixed length may have frames of another: those go the slow way, where each value is checked. */
function sameSize(item: ItemShape, length: number): boolean {
  return item.type === integerType(length, item.signed)
}

/** Any width, any byte order, frames shorter than they should be: value by value. */
function fillSlowly(batch: Batch, shape: GroupShape, item: ItemShape, offsets: Int32Array, column: Values): Uint8Array | null {
  const form: IntegerForm = { signed: item.signed, bigEndian: shape.bigEndian }
  const { bytes } = batch
  let missing: Uint8Array | null = null
  for (let i = 0; i < offsets.length; i++) {
    const at = offsets[i] as number
    const size = bytes[at + shape.header - 1] as number
    const length = shape.lone ? size : item.length
    const fits = length >= 1 && length <= MAX_WIDTH && item.at + length <= size
    if (fits && store(column, i, bytes, at + shape.header + item.at, length, form)) continue
    column[i] = isBig(column) ? 0n : 0
    missing ??= new Uint8Array(offsets.length)
    missing[i] = 1
  }
  return missing
}

/** @returns false when the value does not fit into the column's type */
function store(column: Values, i: number, bytes: Uint8Array, at: number, length: number, form: IntegerForm): boolean {
  if (isBig(column)) {
    column[i] = readBigInteger(bytes, at, length, form)
    return true
  }
  const numbers = column as Float64Array
  const value = readInteger(bytes, at, length, form)
  numbers[i] = value
  return numbers[i] === value
}
