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
    keys: group.channels.map(({ name }, c) => encoded(`${c === 0 ? "{" : ","}${JSON.stringify(name)}:`)),
  }
}

const NOTHING = encoded("{}")
const NULL = encoded("null")
const TRUE = encoded("true")
const FALSE = encoded("false")
const CLOSE = 0x7d

/** A row's values by channel name: null where missing, NaN and infinities as strings, bytes as hex. */
export function writeJsonValues(text: TextBuffer, { keys, plan }: JsonShape, cells: PreparedChunk, row: number): void {
  if (keys.length === 0) {
    text.raw(NOTHING)
    return
  }
  for (let c = 0; c < keys.length; c++) {
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

/** A number, or a string for a number that JSON cannot hold. */
export function writeJsonNumber(text: TextBuffer, value: number): void {
  if (value - value === 0) text.shortest(value)
  else text.ascii(`"${value}"`)
}
