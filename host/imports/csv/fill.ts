import { sliceValues } from "../../model/chunk.js"
import { issue } from "../../model/issues.js"
import type { Channel, Issue, Ticks, Values } from "../../model/log.js"
import { newValues } from "../../model/values.js"
import { bigOf, decimalOf, infinityOf, wordOf } from "./numbers.js"
import type { TablePlan } from "./plan.js"
import type { Cell, RowTaker } from "./rows.js"
import type { TimeReader } from "./times.js"

/** Rows of a chunk at most, and cells: of wide tables a chunk has fewer rows. */
const CHUNK_ROWS = 16 * 1024
const CHUNK_CELLS = 2 * 1024 * 1024

const QUOTE = 0x22
const UNUSED = -1
const TIME = -2

/** Cells that are not what their column is. */
interface Bad {
  words: number
  rounded: number
  example: string
}

/** Fills chunks of columns with rows. */
export class TableFill implements RowTaker {
  private readonly capacity: number
  /** Per column of the file its channel, UNUSED or TIME. */
  private readonly channelOf: Int32Array
  private readonly bad: Bad[]
  private rows = 0
  private ticks: Ticks | null = null
  private untimed: Uint8Array | null = null
  private columns: Values[] = []
  private missing: (Uint8Array | null)[] = []
  /** Cells of the times of the row, where they stand in several columns. */
  private readonly timeCells: string[] = []
  private readonly timeColumns: readonly number[]
  private toSkip: number
  private seen = 0
  /** Cells of the row behind the last title. */
  private extra = 0
  private long = { rows: 0, cells: 0, first: 0 }
  private short = { rows: 0, first: 0 }

  /** @param skip rows before the first row of data */
  constructor(
    private readonly plan: TablePlan,
    private readonly separator: number,
    private readonly mark: number,
    private readonly times: TimeReader,
    skip: number,
  ) {
    const { channels, columns, width, time } = plan
    this.toSkip = skip
    this.capacity = Math.max(1, Math.min(CHUNK_ROWS, Math.floor(CHUNK_CELLS / Math.max(1, channels.length))))
    this.channelOf = new Int32Array(width).fill(UNUSED)
    for (const [k, c] of columns.entries()) this.channelOf[c] = k
    this.timeColumns = time.kind === "none" ? [] : time.kind === "stamp" ? time.columns : [time.column]
    for (const c of this.timeColumns) this.channelOf[c] = TIME
    this.bad = channels.map(() => ({ words: 0, rounded: 0, example: "" }))
    this.begin()
  }

  get isFull(): boolean {
    return this.rows === this.capacity
  }

  plain(text: string, from: number, to: number, isLiteral: boolean): void {
    if (this.isSkipped()) return
    const { separator } = this
    let c = 0
    for (let at = from; ; c++) {
      let end = at
      if (!isLiteral && text.charCodeAt(at) === QUOTE) {
        end = text.indexOf('"', at + 1)
        this.cell(c, text, at + 1, end, true)
        end++
      } else {
        while (end < to && text.charCodeAt(end) !== separator) end++
        this.cell(c, text, at, end, end > at)
      }
      if (end >= to) break
      at = end + 1
    }
    this.endRow(c + 1)
  }

  cells(cells: readonly Cell[]): void {
    if (this.isSkipped()) return
    for (let c = 0; c < cells.length; c++) {
      const cell = cells[c] ?? null
      this.cell(c, cell ?? "", 0, cell?.length ?? 0, cell !== null)
    }
    this.endRow(cells.length)
  }

  /** The rows since the last call; null if there are none. */
  take() {
    const { rows, ticks, untimed, capacity } = this
    if (rows === 0) return null
    const cut = (values: Values) => sliceValues(values, 0, rows)
    const isWhole = rows === capacity
    const taken = {
      rows,
      ticks: isWhole ? ticks : ((ticks?.subarray(0, rows) as Ticks | undefined) ?? null),
      untimed: untimed?.subarray(0, rows) ?? null,
      columns: isWhole ? this.columns : this.columns.map(cut),
      missing: this.missing.map((flags) => flags?.subarray(0, rows) ?? null),
    }
    this.begin()
    return taken
  }

  /** What was not as it should be in the rows so far. */
  issues(): Issue[] {
    const { long, short } = this
    const found: Issue[] = []
    if (long.rows > 0) {
      const text = `${counted(long.rows, "row")} with more cells than titles, the first is row ${long.first}: ${counted(long.cells, "cell")} left out`
      found.push(issue("long-row", "error", text))
    }
    if (short.rows > 0) {
      const text = `${counted(short.rows, "row")} with fewer cells than titles, the first is row ${short.first}: the others are missing values`
      found.push(issue("short-row", "warning", text))
    }
    for (const [k, { words, rounded, example }] of this.bad.entries()) {
      const { name, type } = this.plan.channels[k] as Channel
      if (words > 0) {
        const wanted = type === "f64" ? "number" : "64-bit integer"
        const text = `${counted(words, "cell")} of ${name} ${words === 1 ? `is no ${wanted}` : `are no ${wanted}s`}, as ${JSON.stringify(example)}`
        found.push(issue("no-number", "error", text))
      }
      if (rounded > 0)
        found.push(
          issue("too-large", "error", `${counted(rounded, "cell")} of ${name} are integers that its type would round: they are left out`),
        )
    }
    return found
  }

  private begin(): void {
    const { channels } = this.plan
    this.rows = 0
    this.ticks = this.times.ticks(this.capacity)
    this.untimed = this.ticks instanceof BigInt64Array ? new Uint8Array(this.capacity) : null
    this.columns = channels.map(({ type }) => newValues(type, this.capacity))
    this.missing = channels.map(() => null)
  }

  private isSkipped(): boolean {
    if (this.toSkip === 0) return false
    this.toSkip--
    return true
  }

  /** @param isThere false for an empty cell without quotes */
  private cell(c: number, text: string, from: number, to: number, isThere: boolean): void {
    const k = this.channelOf[c]
    if (k === undefined) {
      if (isThere) this.extra++
    } else if (k >= 0) {
      if (isThere) this.value(k, text, from, to)
      else this.lack(k)
    } else if (k === TIME) this.time(c, text, from, to)
  }

  private endRow(cells: number): void {
    this.seen++
    const { width } = this.plan
    if (this.extra > 0) {
      if (this.long.rows++ === 0) this.long.first = this.seen
      this.long.cells += this.extra
      this.extra = 0
    }
    if (cells < width) {
      if (this.short.rows++ === 0) this.short.first = this.seen
      for (let c = cells; c < width; c++) this.cell(c, "", 0, 0, false)
    }
    this.rows++
  }

  private time(c: number, text: string, from: number, to: number): void {
    const { ticks, rows, timeColumns } = this
    if (ticks instanceof Float64Array) {
      ticks[rows] = this.times.number(text, from, to)
      return
    }
    let whole = text.slice(from, to)
    if (timeColumns.length > 1) {
      this.timeCells[timeColumns.indexOf(c)] = whole
      // The cell that stands further right completes the time.
      if (c !== Math.max(...timeColumns)) return
      whole = this.timeCells.join(" ")
    }
    const ns = this.times.big(whole)
    ;(ticks as BigInt64Array)[rows] = ns ?? 0n
    if (ns === null) (this.untimed as Uint8Array)[rows] = 1
  }

  private value(k: number, text: string, from: number, to: number): void {
    const column = this.columns[k] as Values
    const { rows } = this
    if (column instanceof Float64Array) {
      const value = decimalOf(text, from, to, this.mark)
      column[rows] = value
      if (Number.isNaN(value)) this.word(k, text.slice(from, to), column)
    } else if (column instanceof BigInt64Array || column instanceof BigUint64Array) {
      const value = bigOf(text.slice(from, to), column instanceof BigInt64Array)
      if (value !== null) column[rows] = value
      else this.refuse(k, text.slice(from, to))
    } else {
      ;(column as string[])[rows] = text.slice(from, to)
    }
  }

  /** A cell of numbers that is no decimal number. */
  private word(k: number, text: string, column: Float64Array): void {
    column[this.rows] = infinityOf(text)
    if (!Number.isNaN(column[this.rows]) || wordOf(text) === "nan") return
    column[this.rows] = 0
    this.refuse(k, text)
  }

  private refuse(k: number, text: string): void {
    this.lack(k)
    const word = wordOf(text)
    if (word === "none") return
    const bad = this.bad[k] as Bad
    if (word === "rounded") bad.rounded++
    else if (bad.words++ === 0) bad.example = text.slice(0, 40)
  }

  private lack(k: number): void {
    const flags = this.missing[k] ?? new Uint8Array(this.capacity)
    flags[this.rows] = 1
    this.missing[k] = flags
  }
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`
}
