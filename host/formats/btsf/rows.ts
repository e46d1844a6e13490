import type { IssueList } from "../../issues.js"
import type { Selection, Ticks, Values } from "../../log.js"
import type { Source } from "../../source.js"
import { isBig } from "../../values.js"
import { findStub, firstUnlike, LOOK_BEFORE, LOOK_BEHIND, type Stretch, type Stub } from "./align.js"
import { decodeRows } from "./decode.js"
import type { Header } from "./header.js"
import type { Master } from "./master.js"
import { rowsFrom, usedEnd } from "./tail.js"
import { ticksOf } from "./time.js"

/** Rows that stand one behind the other in the file. */
export interface Rows {
  /** Byte offset of the first one. */
  readonly at: number
  /** Its index among all rows of the file. */
  readonly first: number
  readonly rows: number
  readonly ticks: Ticks
  readonly columns: readonly Values[]
}

/** Bytes and rows of a window at most. */
const WINDOW = 2 * 1024 * 1024
const WINDOW_ROWS = 65536

/** Searches for a stub that may fail: in a window, and in a whole file. Files whose time often goes back would otherwise cost too much. */
const SEARCHES_PER_WINDOW = 8
const SEARCHES = 512

/**
 * The rows of a file in windows. Rows that stand behind a stub of an unfinished one are found again, and the stub is reported.
 * @param issues takes `shifted`, `truncated`, `preallocated` and `clock-step`
 * @param selection `rows` ends the reading after so many rows
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
  const buffer = new Uint8Array(
    Math.min(windowRows + LOOK_BEFORE + LOOK_BEHIND, Math.ceil(Math.max(0, source.size - header.dataOffset) / size) + 1) * size,
  )
  const state: Course = { previous: Number.NaN, searches: SEARCHES }
  let at = header.dataOffset
  let first = 0
  let aligned = 0
  let used = await usedEnd(source, header)
  for (;;) {
    selection.signal?.throwIfAborted()
    const end = rowsFrom(at, size, source.size, used)
    const wanted = Math.min(windowRows, end.rows, (selection.rows ?? Number.POSITIVE_INFINITY) - first)
    if (wanted === 0) {
      if (selection.follow !== undefined && (await selection.follow())) {
        used = await usedEnd(source, header)
        continue
      }
      if (selection.rows === undefined) reportTail(issues, at, size, end)
      return
    }
    const before = Math.min(aligned, LOOK_BEFORE)
    const behind = Math.min(end.rows - wanted, LOOK_BEHIND)
    const length = (before + wanted + behind) * size
    const bytes = await source.read(at - before * size, length, buffer.length >= length ? buffer : new Uint8Array(length))
    const rows = Math.min(wanted, Math.floor(bytes.length / size) - before)
    if (rows <= 0) return
    const columns = decodeRows(master.row, size, bytes, before * size, rows)
    const ticks = ticksFor(master, columns, first, rows)
    const stub =
      selection.rows === undefined ? findBreak(master, { bytes, from: before * size, before }, rows, ticks, state, end.torn > 0) : null
    const whole = stub === null ? rows : Math.min(stub.row, rows)
    if (whole > 0) {
      reportSteps(issues, master, ticks, whole, state, at)
      if (whole === rows) yield { at, first, rows, ticks, columns }
      else yield { at, first, rows: whole, ticks: ticks.slice(0, whole), columns: columns.map((column) => column.slice(0, whole)) }
    }
    at += whole * size
    first += whole
    aligned += whole
    if (stub === null) continue
    issues.add({
      kind: "shifted",
      severity: "error",
      at,
      length: stub.length,
      group: null,
      text: `${stub.length} bytes of an unfinished row, with whole rows behind it: found by their likeness, one row is lost`,
    })
    at += stub.length
    aligned = 0
  }
}

/** What goes on from window to window. */
interface Course {
  /** Time of the last row. */
  previous: number
  /** Searches left. */
  searches: number
}

function ticksFor(master: Master, columns: readonly Values[], first: number, rows: number): Ticks {
  const time = columns[master.metrics.findIndex((metric) => metric.isTime)]
  if (time !== undefined) return ticksOf(time)
  const ticks = new Float64Array(rows)
  for (let i = 0; i < rows; i++) ticks[i] = first + i
  return ticks
}

/** Looks for a stub where padding is not zero or time goes back; in files with neither, where rows change their looks and the size is odd. */
function findBreak(master: Master, stretch: Stretch, rows: number, ticks: Ticks, course: Course, odd: boolean): Stub | null {
  const hasTime = master.metrics.some((metric) => metric.isTime)
  const hasPadding = master.structSize > master.row.used
  if (!hasTime && !hasPadding) {
    const suspect = odd ? firstUnlike(master, stretch, rows) : rows
    return suspect === rows ? null : findStub(master, stretch, suspect)
  }
  let searches = Math.min(SEARCHES_PER_WINDOW, course.searches)
  for (let row = 0; searches > 0; row++) {
    const padded = hasPadding ? firstPadded(master, stretch, row, rows) : rows
    row = Math.min(padded, hasTime ? firstBack(ticks, row, padded, course.previous) : rows)
    if (row >= rows) return null
    searches--
    course.searches--
    const stub = findStub(master, stretch, row)
    if (stub !== null) return stub
  }
  return null
}

/** The first row from `from` whose padding is not zero; `rows` if there is none. */
function firstPadded(master: Master, stretch: Stretch, from: number, rows: number): number {
  const { bytes } = stretch
  const { structSize: size } = master
  const { used } = master.row
  for (let row = from; row < rows; row++) {
    const at = stretch.from + row * size
    for (let i = at + used; i < at + size; i++) if (bytes[i] !== 0) return row
  }
  return rows
}

/** The first row between `from` and `rows` whose time is not at or behind its predecessor's. */
function firstBack(ticks: Ticks, from: number, rows: number, previous: number): number {
  if (isBig(ticks)) {
    for (let i = Math.max(1, from); i < rows; i++) if ((ticks[i] as bigint) < (ticks[i - 1] as bigint)) return i
  } else {
    for (let i = Math.max(1, from); i < rows; i++) if (!((ticks[i] as number) >= (ticks[i - 1] as number))) return i
  }
  return from === 0 && Number(ticks[0]) < previous ? 0 : rows
}

function reportSteps(issues: IssueList, master: Master, ticks: Ticks, rows: number, course: Course, at: number): void {
  if (!master.metrics.some((metric) => metric.isTime)) return
  for (let row = firstBack(ticks, 0, rows, course.previous); row < rows; row = firstBack(ticks, row + 1, rows, Number.NaN)) {
    const before = row === 0 ? course.previous : Number(ticks[row - 1])
    const text = `time goes from ${before} to ${ticks[row]}`
    issues.add({ kind: "clock-step", severity: "note", at: at + row * master.structSize, length: 0, group: null, text })
  }
  course.previous = Number(ticks[rows - 1])
}

function reportTail(issues: IssueList, at: number, size: number, end: { torn: number; zeroRows: number }): void {
  if (end.torn > 0) {
    const text = `the last row has ${end.torn} of ${size} bytes: it was not finished and is left out`
    issues.add({ kind: "truncated", severity: "error", at, length: end.torn, group: null, text })
  }
  if (end.zeroRows > 0) {
    const text = `${end.zeroRows} rows of zeros behind the data are left out: space allocated ahead`
    issues.add({ kind: "preallocated", severity: "note", at, length: end.zeroRows * size, group: null, text })
  }
}
