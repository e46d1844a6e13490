import { ReadAhead } from "../../bytes/read-ahead.js"
import type { Source } from "../../bytes/source.js"
import { type IssueList, issue } from "../../model/issues.js"
import type { Selection, Ticks, Values } from "../../model/log.js"
import { type Break, BreakFinder, LOOK_BEHIND } from "./breaks.js"
import { decodeRows } from "./decode.js"
import type { Header } from "./head/header.js"
import type { Master } from "./head/master.js"
import { rowsFrom, usedEnd } from "./tail.js"
import { ticksOf } from "./time.js"

/** Rows that follow each other in the file. */
export interface Rows {
  /** Byte offset of the first one. */
  readonly at: number
  /** Its index among all rows of the file. */
  readonly first: number
  readonly rows: number
  readonly ticks: Ticks
  readonly columns: readonly Values[]
}

/** Most bytes and rows of a window. */
const WINDOW = 2 * 1024 * 1024
const WINDOW_ROWS = 65536
/** Rows of the first window behind a stub. */
const WARY_ROWS = 256

/**
 * Reads the rows of a file in windows. Rows behind the stub of an unfinished row are found again, and the stub is reported.
 * @param issues takes `shifted`, `gap`, `doubtful`, `padding`, `truncated`, `preallocated` and `clock-step`
 * @param selection `rows`: most rows to read
 */
export async function* readRows(
  source: Source,
  header: Header,
  issues: IssueList,
  selection: Selection & { rows?: number } = {},
): AsyncGenerator<Rows> {
  const { master } = header
  const size = master.structSize
  const windowRows = Math.max(1, Math.min(WINDOW_ROWS, Math.floor(WINDOW / size)))
  const window = new ReadAhead(source)
  const breaks = new BreakFinder(source, master, issues)
  let at = header.dataOffset
  let first = 0
  const isPart = selection.rows !== undefined
  // Rows since the last stub. One stub may be followed by more, so the windows behind it are small at first.
  let aligned = windowRows
  let used = await usedEnd(source, header)
  for (;;) {
    selection.signal?.throwIfAborted()
    const end = rowsFrom(at, size, source.size, used)
    const wanted = Math.min(windowRows, aligned + WARY_ROWS, end.rows, (selection.rows ?? Number.POSITIVE_INFINITY) - first)
    if (wanted === 0) {
      if (selection.follow !== undefined && (await selection.follow())) {
        used = await usedEnd(source, header)
        continue
      }
      if (selection.rows === undefined) reportTail(issues, at, size, end)
      return
    }
    const behind = Math.min(end.rows - wanted, LOOK_BEHIND)
    const bytes = await window.read(at, (wanted + behind) * size)
    if (wanted === windowRows && first + wanted < (selection.rows ?? Number.POSITIVE_INFINITY)) {
      const left = end.rows - wanted
      if (left > 0) window.begin(at + wanted * size, Math.min(left, windowRows + LOOK_BEHIND) * size)
    }
    const rows = Math.min(wanted, Math.floor(bytes.length / size))
    if (rows <= 0) return
    const columns = decodeRows(master.row, size, bytes, 0, rows)
    const ticks = ticksFor(master, columns, first, rows)
    const dataEnd = at + end.rows * size + end.torn
    const found = isPart ? null : await breaks.find({ bytes, from: 0, at }, rows, ticks, end.torn > 0, dataEnd, selection.signal)
    const whole = found === null ? rows : found.row
    if (whole > 0) {
      breaks.passOver(ticks, whole, at)
      if (whole === rows) yield { at, first, rows, ticks, columns }
      else yield { at, first, rows: whole, ticks: ticks.slice(0, whole), columns: columns.map((column) => column.slice(0, whole)) }
    }
    at += whole * size
    first += whole
    aligned += whole
    if (found === null) continue
    reportBreak(issues, at, found, size, dataEnd)
    at = found.resume
    aligned = 0
  }
}

function reportBreak(issues: IssueList, at: number, { resume }: Break, size: number, end: number): void {
  const length = resume - at
  const place = { at, length }
  if (length < size && resume < end) {
    const text = `${length} bytes of an unfinished row, with whole rows behind it: found by their likeness, one row is lost`
    issues.add(issue("shifted", "error", text, place))
    return
  }
  const rest = resume < end ? "the next rows that do begin behind them" : "no rows that do follow, and the log's end is a guess"
  issues.add(issue("gap", "error", `${length} bytes do not look like rows of this file and are left out: ${rest}`, place))
}

function ticksFor(master: Master, columns: readonly Values[], first: number, rows: number): Ticks {
  const time = columns[master.metrics.findIndex((metric) => metric.isTime)]
  if (time !== undefined) return ticksOf(time)
  const ticks = new Float64Array(rows)
  for (let i = 0; i < rows; i++) ticks[i] = first + i
  return ticks
}

function reportTail(issues: IssueList, at: number, size: number, end: { torn: number; zeroRows: number }): void {
  if (end.torn > 0) {
    const text = `the last row has ${end.torn} of ${size} bytes: it was not finished and is left out`
    issues.add(issue("truncated", "error", text, { at, length: end.torn }))
  }
  if (end.zeroRows > 0) {
    const text = `${end.zeroRows} empty rows behind the data are left out: space allocated ahead`
    issues.add(issue("preallocated", "note", text, { at, length: end.zeroRows * size }))
  }
}
