import type { Chunk, Values } from "../../model/log.js"
import { hasTime } from "../../model/time.js"
import { otherText } from "../../text/cells.js"
import type { TextBuffer } from "../../text/text-buffer.js"
import { BOOL, type ColumnPlan, columnNumbers, FIXED, OTHER, type PreparedChunk, prepareChunk, SHORTEST } from "./columns.js"
import type { Stamps } from "./csv-stamps.js"

/** Marks a missing value among scaled values. */
export const MISSING = -0x8000_0000
const NO_NUMBERS = new Int32Array(0)
const NOT_NEEDED = new Float64Array(0)

/** A chunk ready to be written as CSV: scaled to whole numbers where possible, so that printing a cell needs no arithmetic. */
export interface CsvChunk extends PreparedChunk {
  /** Place of the group's first cell in a line. */
  readonly start: number
  readonly width: number
  /** Per channel the values times 10^digits, MISSING for a missing value; empty if they do not fit, then `numbers` holds them. */
  readonly scaled: readonly Int32Array[]
  readonly digits: Uint8Array
  /** The times in the same way. */
  readonly scaledTimes: Int32Array
  /** True where a text must not be read as a formula. */
  readonly spreadsheet: boolean
}

/** Makes cells of chunks. Its memory is reused from column to column. */
export class CsvCells {
  private scratch = new Float64Array(0)

  /** @param spreadsheet true where a text must not be read as a formula @param stamps null for times in seconds */
  constructor(
    private readonly spreadsheet: boolean,
    private readonly stamps: Stamps | null,
  ) {}

  /** @param start place of the group's first cell in a line */
  prepare(plan: ColumnPlan, chunk: Chunk, times: Float64Array, start = 0): CsvChunk {
    const scaled = plan.channels.map((_, c) => (plan.kinds[c] === FIXED ? this.scaledColumn(plan, chunk, c) : NO_NUMBERS))
    const numbers = scaled.map((own, c) => (own.length === 0 ? columnNumbers(plan, chunk, c) : NOT_NEEDED))
    const prepared = prepareChunk(plan, chunk, times, numbers)
    const cells = this.stamps === null || !hasTime(plan.group) ? prepared : { ...prepared, exactTime: this.stamps.of(plan.group, chunk) }
    const hasDigits = cells.exactTime === null && cells.timeDigits >= 0
    const scaledTimes = hasDigits ? scaledNumbers(times, cells.timeDigits, null) : NO_NUMBERS
    return { ...cells, start, width: scaled.length, scaled, digits: plan.digits, scaledTimes, spreadsheet: this.spreadsheet }
  }

  private scaledColumn(plan: ColumnPlan, chunk: Chunk, c: number): Int32Array {
    if (this.scratch.length < chunk.rows) this.scratch = new Float64Array(chunk.rows)
    const numbers = columnNumbers(plan, chunk, c, this.scratch.subarray(0, chunk.rows))
    return scaledNumbers(numbers, plan.digits[c] as number, chunk.missing[c] ?? null)
  }
}

/** Rounded as `TextBuffer.fixed` rounds; empty if a value is too large or not a number. */
function scaledNumbers(numbers: Float64Array, digits: number, missing: Uint8Array | null): Int32Array {
  const out = new Int32Array(numbers.length)
  const power = 10 ** digits
  let fits = true
  for (let i = 0; i < out.length; i++) {
    if (missing !== null && missing[i] === 1) {
      out[i] = MISSING
      continue
    }
    const value = (numbers[i] as number) * power
    const size = Math.round(Math.abs(value))
    if (!(size < 0x7fff_ffff)) fits = false
    out[i] = value < 0 ? -size : size
  }
  return fits ? out : NO_NUMBERS
}

/** The time of a row; nothing for a group without times. */
export function writeTime(text: TextBuffer, cells: CsvChunk, row: number): void {
  if (cells.scaledTimes.length !== 0) {
    text.scaled(cells.scaledTimes[row] as number, cells.timeDigits)
    return
  }
  if (Number.isNaN(cells.times[row])) return
  if (cells.exactTime !== null) text.decimal(cells.exactTime(row))
  else if (cells.timeDigits >= 0) text.fixed(cells.times[row] as number, cells.timeDigits)
  else if (cells.timeDigits === -1) text.float(cells.times[row] as number, false)
  else text.shortest(cells.times[row] as number)
}

/** Every cell of a row, a separator before each. */
export function writeCells(text: TextBuffer, chunk: CsvChunk, row: number, comma: number): void {
  const { scaled, digits, width } = chunk
  for (let c = 0; c < width; c++) {
    text.byte(comma)
    const column = scaled[c] as Int32Array
    if (column.length === 0) writeOtherCell(text, chunk, c, row, comma)
    else if (column[row] !== MISSING) text.scaled(column[row] as number, digits[c] as number)
  }
}

/** One cell. */
export function writeCell(text: TextBuffer, chunk: CsvChunk, c: number, row: number, comma: number): void {
  const column = chunk.scaled[c] as Int32Array
  if (column.length === 0) writeOtherCell(text, chunk, c, row, comma)
  else if (column[row] !== MISSING) text.scaled(column[row] as number, chunk.digits[c] as number)
}

function writeOtherCell(text: TextBuffer, cells: CsvChunk, c: number, row: number, comma: number): void {
  const missing = cells.missing[c] as Uint8Array
  if (missing.length !== 0 && missing[row] === 1) return
  const kind = cells.plan.kinds[c] as number
  if (kind === OTHER) {
    const value = (cells.chunk.columns[c] as Values)[row]
    const shown = cells.spreadsheet && typeof value === "string" ? withoutFormula(value) : otherText(value)
    text.utf8(shown === "" ? '""' : quoted(shown, comma))
    return
  }
  const value = (cells.numbers[c] as Float64Array)[row] as number
  if (kind === FIXED) text.fixed(value, cells.plan.digits[c] as number)
  else if (kind === SHORTEST) text.float(value, false)
  else if (kind === BOOL) text.byte(value === 0 ? 0x30 : 0x31)
  else text.float(value, true)
}

/** A text that a spreadsheet would take for a formula, with an apostrophe before it; every other text as it is. */
export function withoutFormula(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

/** A text as a cell: in quotes if it would otherwise be read as something else. */
export function quoted(value: string, separator: number): string {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code === separator || code === 0x22 || code === 0x0a || code === 0x0d) return `"${value.replaceAll('"', '""')}"`
  }
  return value
}
