import { issue } from "../../model/issues.js"
import type { Channel, Issue, TimeBase } from "../../model/log.js"
import { timeBaseOf } from "../column-log.js"
import type { Head } from "./head.js"
import { bigOf, decimalOf, infinityOf, wordOf } from "./numbers.js"
import type { Cell } from "./rows.js"
import { clockNs, type DateOrder, dateOrderOf, isStamp, StampReader } from "./stamps.js"

/**
 * Where a row's time stands: nowhere; a number of ticks, in f64 or (`big`) in whole ticks or ns; a date with its time (`origin`: ns of
 * the log's start) in one column or two; a time of day.
 */
export type TimePlan =
  | { readonly kind: "none" }
  | { readonly kind: "number"; readonly column: number }
  | { readonly kind: "big"; readonly column: number; readonly tick: number }
  | {
      readonly kind: "stamp"
      readonly columns: readonly number[]
      readonly order: DateOrder
      readonly hasZone: boolean
      readonly origin: bigint
    }
  | { readonly kind: "clock"; readonly column: number }

/** What becomes of a table's columns. */
export interface TablePlan {
  readonly time: TimePlan
  readonly base: TimeBase
  readonly start: bigint | null
  readonly channels: readonly Channel[]
  /** Column of each channel. */
  readonly columns: readonly number[]
  /** Columns that the head names. */
  readonly width: number
  readonly issues: readonly Issue[]
}

const NS_TICK = 1e-9
const NONE: TimeBase = { kind: "stamped", tick: 0 }

/**
 * Decides by the head and a sample of the rows what each column holds.
 * @param tail rows from the end of the file: counters grow, and beyond 2^53 f64 would round them
 * @param zone IANA name of the clock that dates without a zone show
 */
export function planTable(
  head: Head,
  body: readonly (readonly Cell[])[],
  tail: readonly (readonly Cell[])[],
  mark: number,
  zone: string | undefined,
): TablePlan {
  const width = head.titles?.length ?? Math.max(1, ...body.map(({ length }) => length))
  const columns = Array.from({ length: width }, (_, c) => new ColumnSample(c, head, body, tail, mark))
  const issues: Issue[] = []
  if (head.titles === null) issues.push(issue("no-header", "warning", "no row names the columns: they are called c1, c2, ..."))
  if (head.preamble > 0) {
    const n = head.preamble
    issues.push(issue("preamble", "note", `${n} ${n === 1 ? "line" : "lines"} before the titles are no rows: they are passed over`))
  }
  const found = timeOf(columns, zone, issues)
  const used = found.time.kind === "none" ? [] : found.time.kind === "stamp" ? found.time.columns : [found.time.column]
  const kept = columns.filter((column) => !used.includes(column.index) && !(column.title === "" && column.isEmpty))
  return { ...found, channels: kept.map((column) => column.channel()), columns: kept.map(({ index }) => index), width, issues }
}

/** A column as the head and the sample show it. */
class ColumnSample {
  readonly title: string
  private readonly unitBelow: string | null
  readonly cells: string[]
  private readonly tail: string[]

  constructor(
    readonly index: number,
    head: Head,
    body: readonly (readonly Cell[])[],
    tail: readonly (readonly Cell[])[],
    private readonly mark: number,
  ) {
    this.title = head.titles?.[index]?.trim() ?? ""
    this.unitBelow = head.units?.[index] ?? null
    this.cells = body.flatMap((row) => row[index] ?? [])
    this.tail = tail.flatMap((row) => row[index] ?? [])
  }

  get isEmpty(): boolean {
    return this.cells.length === 0
  }

  /** The title with the unit of the row below it. */
  get fullTitle(): string {
    return this.unitBelow === null || this.unitBelow === "" ? this.title : `${this.title} [${this.unitBelow}]`
  }

  /** True if the cells (all, or nearly all where the title says so too) are like this. */
  are(test: (cell: string) => boolean, isNamed: boolean): boolean {
    const { cells } = this
    return cells.length > 0 && cells.filter(test).length >= cells.length * (isNamed ? 0.5 : 1)
  }

  /** True if a cell holds more digits than f64 keeps. */
  get isLong(): boolean {
    const isLong = (cell: string) =>
      /\d/.test(cell) && (wordOf(cell) === "rounded" ? this.isRounded(cell) : /^\s*[-+]?\d{10,}[.,]\d{7,}\s*$/.test(cell))
    return this.cells.some(isLong) || this.tail.some(isLong)
  }

  channel(): Channel {
    const found = /^(.*\S)\s*\[([^\]]*)\]$/s.exec(this.title) ?? /^(.*\S)\s+\(([^()\s]{1,6})\)$/s.exec(this.title)
    const isOwnRow = this.unitBelow !== null
    const name = (isOwnRow ? this.title : (found?.[1] ?? this.title)) || `c${this.index + 1}`
    const unit = isOwnRow ? (this.unitBelow ?? "") : (found?.[2] ?? "")
    return { name, unit, type: this.type(), calibration: null, notes: {} }
  }

  /** Numbers are f64; whole numbers are 64-bit integers where f64 would round one of them. */
  private type(): Channel["type"] {
    const isNumber = (cell: string) => this.isNumber(cell) || /^(?:nan|none)$/.test(wordOf(cell)) || this.isRounded(cell)
    if (!this.cells.every(isNumber)) return "text"
    if (this.cells.length > 0 && this.cells.every((cell) => wordOf(cell) === "none")) return "text"
    const all = [...this.cells, ...this.tail]
    if (!all.some((cell) => this.isRounded(cell)) && !this.isBeyond(all)) return "f64"
    const values = all.filter((cell) => wordOf(cell) !== "none")
    for (const type of ["i64", "u64"] as const) if (values.every((cell) => bigOf(cell, type === "i64") !== null)) return type
    return "text"
  }

  private isNumber(cell: string): boolean {
    return !Number.isNaN(decimalOf(cell, 0, cell.length, this.mark)) || !Number.isNaN(infinityOf(cell))
  }

  private isRounded(cell: string): boolean {
    return wordOf(cell) === "rounded" && Number.isNaN(decimalOf(cell, 0, cell.length, this.mark))
  }

  /** True for whole numbers only, of which one is beyond 2^53: a 64-bit integer that happens to look like a short f64. */
  private isBeyond(cells: readonly string[]): boolean {
    const values = cells.filter((cell) => wordOf(cell) !== "none")
    return (
      values.some((cell) => !Number.isSafeInteger(Number(cell))) &&
      values.every((cell) => /^\s*[-+]?\d+\s*$/.test(cell)) &&
      values.some((cell) => bigOf(cell, true) !== null)
    )
  }
}

type Found = Pick<TablePlan, "time" | "base" | "start">

/** The time: a date and a time of day side by side; the first column, if its title or its cells say so; else the only column of dates. */
function timeOf(columns: readonly ColumnSample[], zone: string | undefined, issues: Issue[]): Found {
  const isClock = (cell: string) =>
    clockNs(cell) !== null || /^\s*\d{1,2}:\d\d(?::\d\d(?:[.,:]\d+)?)?\s*(?:[ap]m)?\s*(?:Z|[+-]\d\d:?\d\d)?\s*$/i.test(cell)
  for (const date of columns) {
    const time = columns.find(
      ({ index, title }) => Math.abs(index - date.index) === 1 && /^(?:time|zeit|uhrzeit|clock|hour)\b/i.test(title),
    )
    if (time === undefined || !/^(?:date|datum|day)\b/i.test(date.title)) continue
    if (date.are(isStamp, true) && time.are(isClock, true)) return stampTime([date, time], zone, issues)
  }
  const [first] = columns
  if (first === undefined) return { time: { kind: "none" }, base: NONE, start: null }
  const base = timeBaseOf(first.fullTitle)
  const isNamed = base !== null || /^(?:date|datum|time|zeit|utc)\b/i.test(first.title)
  if (first.are(isStamp, isNamed)) return stampTime([first], zone, issues)
  if (isNamed && first.are((cell) => clockNs(cell) !== null, true)) {
    return { time: { kind: "clock", column: 0 }, base: { kind: "stamped", tick: NS_TICK }, start: null }
  }
  if (base !== null) return numberTime(first, base)
  const stamps = columns.filter((column) => column.are(isStamp, false))
  if (stamps.length === 1) return stampTime(stamps, zone, issues)
  return { time: { kind: "none" }, base: NONE, start: null }
}

function numberTime(column: ColumnSample, base: TimeBase): Found {
  const tick = base.kind === "stamped" ? base.tick : 0
  if (!column.isLong || tick > 1) return { time: { kind: "number", column: column.index }, base, start: null }
  const time = { kind: "big", column: column.index, tick } as const
  return { time, base: tick === 0 ? base : { kind: "stamped", tick: NS_TICK }, start: null }
}

/** Stamps with a zone count from the first row, which is the log's start. Others are a clock without a zone: see `TimeBase`. */
function stampTime(columns: readonly ColumnSample[], zone: string | undefined, issues: Issue[]): Found {
  const [first, second] = columns
  const { order, isSure } = dateOrderOf(first?.cells ?? [])
  if (!isSure) issues.push(issue("date-order", "warning", `dates as ${first?.cells[0]} are read as month/day/year: none says otherwise`))
  const reader = new StampReader(order)
  const texts = (first?.cells ?? []).map((cell, i) => (second === undefined ? cell : `${cell} ${second.cells[i] ?? ""}`))
  const stamp = texts.map((text) => reader.read(text)).find((each) => each !== null)
  const hasZone = stamp?.hasZone ?? false
  const origin = hasZone ? (stamp?.ns ?? 0n) : 0n
  const time = { kind: "stamp", columns: columns.map(({ index }) => index), order, hasZone, origin } as const
  if (hasZone) return { time, base: { kind: "stamped", tick: NS_TICK }, start: origin }
  return { time, base: { kind: "stamped", tick: NS_TICK, naive: true, ...(zone === undefined ? {} : { zone }) }, start: 0n }
}
