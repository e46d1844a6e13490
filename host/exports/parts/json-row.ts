import type { Group } from "../../model/log.js"
import { otherJson } from "../../text/cells.js"
import { encoded, type TextBuffer } from "../../text/text-buffer.js"
import { BOOL, type ColumnPlan, OTHER, type PreparedChunk, planColumns } from "./columns.js"

/** The parts of a group's JSON values that never change. */
export interface JsonShape {
  readonly plan: ColumnPlan
  readonly keys: readonly Uint8Array[]
}

/** How a group's rows are written as JSON objects. */
export function jsonShape(group: Group, raw: boolean): JsonShape {
  return {
    plan: planColumns(group, { raw, digits: "shortest" }),
    keys: group.channels.map(({ name }) => encoded(`${JSON.stringify(name)}:`)),
  }
}

const NULL = encoded("null")
const TRUE = encoded("true")
const FALSE = encoded("false")
const OPEN = 0x7b
const COMMA = 0x2c
const CLOSE = 0x7d

/** A row's values by channel name: null where missing, NaN and infinities as strings, bytes as hex. */
export function writeJsonValues(text: TextBuffer, { keys, plan }: JsonShape, cells: PreparedChunk, row: number): void {
  if (keys.length === 0) text.byte(OPEN)
  for (let c = 0; c < keys.length; c++) {
    text.byte(c === 0 ? OPEN : COMMA)
    text.raw(keys[c] as Uint8Array)
    const missing = cells.missing[c] as Uint8Array
    const kind = plan.kinds[c] as number
    if (missing.length !== 0 && missing[row] === 1) text.raw(NULL)
    else if (kind === OTHER) text.utf8(otherJson(cells.chunk.columns[c]?.[row]))
    else if (kind === BOOL) text.raw((cells.numbers[c] as Float64Array)[row] === 0 ? FALSE : TRUE)
    else writeJsonNumber(text, (cells.numbers[c] as Float64Array)[row] as number)
  }
  text.byte(CLOSE)
}

/**
 * A row's values by channel name, as a schema of numbers allows: all digits of an integer, and no key for what is missing or no number.
 * @returns the NaN and infinities that were left out
 */
export function writeJsonNumbers(text: TextBuffer, { keys, plan }: JsonShape, cells: PreparedChunk, row: number): number {
  let separator = OPEN
  let left = 0
  for (let c = 0; c < keys.length; c++) {
    const missing = cells.missing[c] as Uint8Array
    if (missing.length !== 0 && missing[row] === 1) continue
    const kind = plan.kinds[c] as number
    const value = kind === OTHER ? 0 : ((cells.numbers[c] as Float64Array)[row] as number)
    if (value - value !== 0) {
      left++
      continue
    }
    text.byte(separator)
    separator = COMMA
    text.raw(keys[c] as Uint8Array)
    if (kind === OTHER) {
      const other = cells.chunk.columns[c]?.[row]
      text.utf8(typeof other === "bigint" ? other.toString() : otherJson(other))
    } else if (kind === BOOL) text.raw(value === 0 ? FALSE : TRUE)
    else text.shortest(value)
  }
  if (separator === OPEN) text.byte(OPEN)
  text.byte(CLOSE)
  return left
}

/** A number, or a string for a number that JSON cannot hold. */
export function writeJsonNumber(text: TextBuffer, value: number): void {
  if (value - value === 0) text.shortest(value)
  else text.ascii(`"${value}"`)
}
