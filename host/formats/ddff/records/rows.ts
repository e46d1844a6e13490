import type { Wire } from "../../../model/log.js"
import { isNumeric, isWide } from "../../../model/wire.js"
import { skip } from "../blocks/msgpack.js"
import type { Place, Schema } from "./schema.js"
import type { Stage } from "./stage.js"

/**
 * A record's shape as segments: the head of an array, then a run of numbers, then one value of another kind. A loop over
 * few segments with a run inside is twice as fast as one over single steps.
 */
export interface Program {
  /** The byte that must come first, or NO_HEAD. */
  readonly heads: Int32Array
  /** Numbers that follow. */
  readonly numbers: Int32Array
  /** NOTHING, BOOL or PLACE: the value behind the numbers. */
  readonly others: Int32Array
  /** Values per row, the tick included. */
  readonly slots: number
  /** Slot of each channel. */
  readonly slotOf: Int32Array
  /** The greatest length of a record without texts, bytes and mixed values. */
  readonly longest: number
}

const NO_HEAD = -1
const NOTHING = 0
export const BOOL = 1
/** Any value: its position is kept, not its content. */
export const PLACE = 2

/** The segments of a schema's records. With `ticksOnly` everything except the tick is skipped. */
export function compile(schema: Schema, ticksOnly = false): Program {
  const heads: number[] = []
  const numbers: number[] = []
  const others: number[] = []
  const slotOf = new Int32Array(schema.channels.length)
  let slots = 0
  const begin = (head: number): void => {
    heads.push(head)
    numbers.push(0)
    others.push(NOTHING)
  }
  const add = (how: number): number => {
    if (others.at(-1) !== NOTHING) begin(NO_HEAD)
    const last = heads.length - 1
    if (how === NUMBER) numbers[last] = (numbers[last] as number) + 1
    else others[last] = how
    return slots++
  }
  const fork = (place: Place): void => {
    if (place.kind === "leaf") {
      slotOf[place.channel] = add(ticksOnly ? PLACE : howOf(place.type))
      return
    }
    const n = place.items.length
    for (const head of n < 16 ? [0x90 + n] : [0xdc, n >> 8, n & 255]) begin(head)
    for (const item of place.items) fork(item)
  }
  begin(0x90 + schema.elements)
  add(NUMBER)
  if (schema.elements === 3) {
    const slot = add(ticksOnly ? PLACE : NUMBER)
    if (schema.span >= 0) slotOf[schema.span] = slot
  }
  fork(schema.data)
  // Records without tick are rare: they take the general way.
  const longest = schema.elements === 0 ? Number.POSITIVE_INFINITY : heads.length + 9 * slots
  return { heads: Int32Array.from(heads), numbers: Int32Array.from(numbers), others: Int32Array.from(others), slots, slotOf, longest }
}

const NUMBER = 3

/** How a value of a wire type is staged. */
export function howOf(type: Wire): number {
  if (type === "bool") return BOOL
  return isNumeric(type) && !isWide(type) ? NUMBER : PLACE
}

/**
 * Decodes whole records of the expected shape into the stage, as long as the next one surely fits: stops at the first that differs,
 * within `longest` bytes of the end, and if the stage is full.
 * @returns the offset of the first record not decoded
 *
 * Measured on `[tick, span, [f32, f32, i16]]` of 21 bytes: 1 GB/s, against 0.55 for a loop over single steps and 0.4 to 0.7
 * with table-driven integers.
 */
export function decodeRows(program: Program, stage: Stage, bytes: Uint8Array, view: DataView, from: number, end: number): number {
  const { heads, numbers, others, longest } = program
  const { values, absent, capacity, stride } = stage
  const rowFrom = stage.from
  const segments = heads.length
  const last = end - longest
  let row = stage.rows
  let p = from
  let missing = false
  rows: while (row < capacity && p <= last) {
    const start = p
    let at = row
    for (let segment = 0; segment < segments; segment++) {
      const head = heads[segment] as number
      if (head !== NO_HEAD && bytes[p++] !== head) {
        p = start
        break rows
      }
      for (let n = numbers[segment] as number; n > 0; n--, at += stride) {
        const b = bytes[p] as number
        switch (b) {
          case 0xc0:
            if (at === row) {
              p = start
              break rows
            }
            absent[at] = 1
            missing = true
            p++
            break
          case 0xca:
            values[at] = view.getFloat32(p + 1)
            p += 5
            break
          case 0xcb:
            values[at] = view.getFloat64(p + 1)
            p += 9
            break
          case 0xcc:
            values[at] = bytes[p + 1] as number
            p += 2
            break
          case 0xcd:
            values[at] = view.getUint16(p + 1)
            p += 3
            break
          case 0xce:
            values[at] = view.getUint32(p + 1)
            p += 5
            break
          case 0xcf:
            values[at] = view.getUint32(p + 1) * 4294967296 + view.getUint32(p + 5)
            p += 9
            break
          case 0xd0:
            values[at] = view.getInt8(p + 1)
            p += 2
            break
          case 0xd1:
            values[at] = view.getInt16(p + 1)
            p += 3
            break
          case 0xd2:
            values[at] = view.getInt32(p + 1)
            p += 5
            break
          case 0xd3:
            values[at] = view.getInt32(p + 1) * 4294967296 + view.getUint32(p + 5)
            p += 9
            break
          default:
            if (b < 0x80) values[at] = b
            else if (b >= 0xe0) values[at] = b - 256
            else {
              p = start
              break rows
            }
            p++
        }
      }
      const other = others[segment] as number
      if (other === NOTHING) continue
      const b = bytes[p] as number
      if (b === 0xc0) {
        absent[at] = 1
        missing = true
        p++
      } else if (other === PLACE) {
        values[at] = p
        p = skip(bytes, p, end)
        // Behind a value of unknown length the rest of the record may no longer fit.
        if (p < 0 || p > last) {
          p = start
          break rows
        }
      } else if (b === 0xc2 || b === 0xc3) {
        values[at] = b - 0xc2
        p++
      } else {
        p = start
        break rows
      }
      at += stride
    }
    rowFrom[row++] = start
  }
  stage.rows = row
  if (missing) {
    stage.anyAbsent = true
    stage.clearRow(row)
  }
  return p
}
