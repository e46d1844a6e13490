import { decimalOf } from "./numbers.js"
import type { Cell } from "./rows.js"
import { clockNs, isStamp } from "./stamps.js"

/** Rows of the sample that decide how many cells a row has. */
const LOOKED_AT = 1000
const SEPARATORS = ["\t", ";", ",", "|"]
const POINT = 0x2e
const COMMA = 0x2c
const UNIT_OF_TIME = /^[[(]?(?:s|sec|seconds|ms|msec|us|µs|ns|min|h|[a-z]+\/[a-z_/]+|utc)?[\])]?$/i

/** What stands before a table's rows. */
export interface Head {
  /** Rows before the first row of data, blank lines not counted. */
  readonly skip: number
  /** One per column, as they stand in the file; null where no row names the columns. */
  readonly titles: readonly string[] | null
  /** One per column, where a row of their own tells them. */
  readonly units: readonly string[] | null
  /** Rows before the titles. */
  readonly preamble: number
}

/** What separates the cells: what most lines have the same number of, and the header too. What stands in quotes separates nothing. */
export function separatorOf(sample: string): string {
  const stripped = sample.slice(0, 256 * 1024).replace(/"(?:[^"]|"")*(?:"|$)/g, "")
  const [, declared] = /^sep=(.)[\r\n]/i.exec(stripped) ?? []
  if (declared !== undefined) return declared
  const lines = stripped.split(/[\r\n]+/).filter((line) => line !== "" && !line.startsWith("#"))
  const whole = lines.length > 1 && sample.length > 256 * 1024 ? lines.slice(0, -1) : lines
  let best = { separator: ",", share: 0 }
  for (const separator of SEPARATORS) {
    const counts = whole.slice(0, LOOKED_AT).map((line) => line.split(separator).length)
    const width = commonest(counts)
    const share = width < 2 ? 0 : counts.filter((n) => n === width).length / counts.length
    if (share > best.share) best = { separator, share }
  }
  return best.separator
}

/** The code of the decimal mark: a comma where it separates no cells and stands between digits. */
export function decimalMark(rows: readonly (readonly Cell[])[], separator: string): number {
  const hasComma = (cell: Cell) => cell !== null && /^\s*[-+]?\d+,\d+\s*$/.test(cell)
  return separator !== "," && rows.some((row) => row.some(hasComma)) ? COMMA : POINT
}

/**
 * The rows before the data: lines of facts about the file, the titles, and perhaps units below them. Data begins with the first row
 * whose first cell is a number or a time; where no column is like that, with the second row.
 */
export function headOf(rows: readonly (readonly Cell[])[], mark: number): Head {
  const width = commonest(rows.slice(0, LOOKED_AT).map(({ length }) => length))
  const whole = rows.slice(0, LOOKED_AT).filter((row) => row.length === width)
  const lower = whole.slice(Math.floor(whole.length / 2))
  const isKeyed = lower.filter((row) => isKey(row[0], mark)).length * 2 > lower.length
  if (!isKeyed) {
    const found = rows.findIndex((row) => row.length === width && !isComment(row))
    const at = found < 0 ? 0 : found
    return { skip: at + 1, titles: titlesOf(rows[at] ?? []), units: null, preamble: at }
  }
  let first = rows.findIndex((row) => row.length === width && isKey(row[0], mark))
  while (first > 0 && isKey(rows[first - 1]?.[0], mark)) first--
  const near = rows[first - 1]
  if (near === undefined || (isComment(near) && near.length !== width)) return { skip: first, titles: null, units: null, preamble: first }
  const above = rows[first - 2]
  const isUnits =
    above !== undefined &&
    above.length === near.length &&
    near.length > 1 &&
    UNIT_OF_TIME.test(near[0]?.trim() ?? "") &&
    (first === 2 || /^"?\s*(?:time|timestamp|t|tick|zeit)\b/i.test(above[0] ?? ""))
  if (isUnits) return { skip: first, titles: titlesOf(above), units: near.map((cell) => unbracketed(cell ?? "")), preamble: first - 2 }
  return { skip: first, titles: titlesOf(near), units: null, preamble: first - 1 }
}

function isComment(row: readonly Cell[]): boolean {
  return row[0]?.startsWith("#") === true
}

function titlesOf(row: readonly Cell[]): string[] {
  return row.map((cell, c) => (c === 0 ? (cell ?? "").replace(/^#\s*/, "") : (cell ?? "")))
}

function unbracketed(unit: string): string {
  return unit.trim().replace(/^[[(](.*)[\])]$/, "$1")
}

/** True for what begins a row of data: a number or a time. */
function isKey(cell: Cell | undefined, mark: number): boolean {
  if (cell === null || cell === undefined) return false
  return !Number.isNaN(decimalOf(cell, 0, cell.length, mark)) || isStamp(cell) || clockNs(cell) !== null || /^\s*\d{16,}\s*$/.test(cell)
}

/** The value that occurs most; of equals the largest. */
function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  let best = 0
  for (const [value, count] of counts) {
    const known = counts.get(best) ?? 0
    if (count > known || (count === known && value > best)) best = value
  }
  return best
}
