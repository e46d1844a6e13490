/** A cell's text; null where it is empty and unquoted. */
export type Cell = string | null

/** Takes rows. */
export interface RowTaker {
  /** True: no row may come until this is false again. */
  readonly isFull: boolean
  /**
   * A row of cells between separators: `text` from `from` to `to`. Cells may stand in quotes, but nothing in them is written double.
   * @param isLiteral quotes are characters like any other
   */
  plain(text: string, from: number, to: number, isLiteral: boolean): void
  /** A row as csv-parse read it. */
  cells(cells: readonly Cell[]): void
}

/** csv-parse's `parse` of its sync API: Node takes one build of it, a browser another. */
export type QuotedParser = (text: string, options: object) => unknown

/** How rows are told apart. */
export interface RowMarks {
  readonly separator: string
  /** `\n`, before which a `\r` may stand, or `\r` alone. */
  readonly newline: "\n" | "\r"
}

/** A row whose quotes never close is at most that long: then the quote is read as a character. */
const QUOTED_CAP = 4 * 1024 * 1024
/** Characters given to csv-parse at once. */
const BATCH = 256 * 1024

/**
 * Where a row with quotes ends. `hard`: a cell holds quotes or line ends, or (`isLoose`) spaces stand beside its quotes. `open`: a quote
 * is never closed; `broken`: a cell goes on behind its closing quote; `unknown`: the text ends before the row does.
 */
type RowEnd =
  | { readonly is: "hard" | "plain"; readonly end: number; readonly isLoose: boolean }
  | { readonly is: "open" | "broken" | "unknown" }

/**
 * Rows out of text that comes in pieces. Rows of cells that are written as they are, in quotes or not (nearly all of most files), go on as
 * they stand; csv-parse reads those with quotes or line ends within cells. A quote that closes nowhere, or behind which the cell goes
 * on, is a character like any other, and is counted.
 */
export class RowReader {
  /** Rows in which quotes are not as RFC 4180 asks. */
  badQuotes = 0
  private text = ""
  private at = 0
  private isLast = false
  private nextQuote = -1
  private parsed: readonly Cell[][] = []
  private parsedAt = 0
  /** A quoted cell that holds nothing: it is an empty text, while a cell of nothing at all is missing. */
  private readonly emptyQuoted: RegExp

  /** @param parser csv-parse, loaded when the first row comes that needs it */
  constructor(
    private readonly marks: RowMarks,
    private readonly parser: () => Promise<QuotedParser>,
  ) {
    const edge = `[\\r\\n${marks.separator.replace(/[\]\\^-]/, "\\$&")}]`
    this.emptyQuoted = new RegExp(`(?:^|${edge}) *"" *(?:$|${edge})`)
  }

  /** More text. @param isLast true if none follows */
  push(text: string, isLast: boolean): void {
    this.text = this.at < this.text.length ? this.text.slice(this.at) + text : text
    this.at = 0
    this.isLast = isLast
    this.nextQuote = this.text.indexOf('"')
  }

  /** Gives rows until the taker is full or the text is used up. @returns false when more text is needed */
  async take(taker: RowTaker): Promise<boolean> {
    for (;;) {
      while (this.parsedAt < this.parsed.length && !taker.isFull) taker.cells(this.parsed[this.parsedAt++] as Cell[])
      if (taker.isFull) return true
      if (!this.takePlain(taker)) {
        if (taker.isFull) return true
        if (!(await this.takeQuoted(taker))) return false
      }
    }
  }

  /** Rows up to the first with a quote. @returns false if nothing more can be said of the text without a look at quotes */
  private takePlain(taker: RowTaker): boolean {
    const { text } = this
    const { newline } = this.marks
    while (!taker.isFull) {
      let end = text.indexOf(newline, this.at)
      if (end < 0) {
        if (!this.isLast || this.at >= text.length) return false
        end = text.length
      }
      if (this.nextQuote >= 0 && this.nextQuote < this.at) this.nextQuote = text.indexOf('"', this.at)
      if (this.nextQuote >= 0 && this.nextQuote < end) return false
      this.plainRow(taker, end)
    }
    return true
  }

  private plainRow(taker: RowTaker, end: number, isLiteral = true): void {
    const to = end > this.at && this.text.charCodeAt(end - 1) === 0x0d ? end - 1 : end
    if (to > this.at) taker.plain(this.text, this.at, to, isLiteral)
    this.at = end + 1
  }

  /** The rows with quotes that come next. @returns false when more text is needed */
  private async takeQuoted(taker: RowTaker): Promise<boolean> {
    const { text, marks } = this
    while (!taker.isFull && this.at < text.length) {
      const found = this.rowEnd(this.at)
      if (found.is === "unknown") return false
      if (found.is === "plain") this.plainRow(taker, found.end, false)
      else if (found.is === "hard") {
        await this.parseHard(found.end, found.isLoose)
        return true
      } else {
        this.badQuotes++
        const end = text.indexOf(marks.newline, this.at)
        this.plainRow(taker, end < 0 ? text.length : end)
      }
      if (this.nextQuote < this.at) this.nextQuote = text.indexOf('"', this.at)
      if (this.nextQuote < 0) return true
    }
    return this.at < text.length
  }

  /** csv-parse reads a row and those behind it that are hard too. */
  private async parseHard(firstEnd: number, isFirstLoose: boolean): Promise<void> {
    const { text, at: from, marks } = this
    let isLoose = isFirstLoose
    this.at = firstEnd + 1
    while (this.at < text.length && this.at - from < BATCH) {
      const next = this.rowEnd(this.at)
      if (next.is !== "hard") break
      isLoose ||= next.isLoose
      this.at = next.end + 1
    }
    const parse = await this.parser()
    const rows = text.slice(from, this.at)
    const tellsQuotes = this.emptyQuoted.test(rows)
    const parsed = parse(rows, parserOptions(marks, isLoose, tellsQuotes)) as Cell[][]
    this.parsed = tellsQuotes ? parsed : parsed.map((row) => row.map((cell) => (cell === "" ? null : cell)))
    this.parsedAt = 0
  }

  private rowEnd(from: number): RowEnd {
    const { text, isLast } = this
    const { separator, newline } = this.marks
    const none: RowEnd = text.length - from > QUOTED_CAP ? { is: "open" } : { is: "unknown" }
    let is: "hard" | "plain" = "plain"
    let isLoose = false
    for (let i = from; ; i++) {
      const begin = i
      while (text[i] === " ") i++
      if (text[i] === '"') {
        const close = this.closing(i)
        if (close < 0) return isLast ? { is: "open" } : none
        const isSimple = text.indexOf('"', i + 1) === close && !this.hasLineEnd(i, close)
        let end = close + 1
        while (text[end] === " ") end++
        if (i > begin || end > close + 1) isLoose = true
        if (isLoose || !isSimple) is = "hard"
        if (text[end] === "\r" && newline === "\n") end++
        i = end
        if (i < text.length && text[i] !== separator && text[i] !== newline) return { is: "broken" }
      } else {
        while (i < text.length && text[i] !== separator && text[i] !== newline) i++
      }
      if (i >= text.length) return isLast ? { is, end: i, isLoose } : none
      if (text[i] === newline) return { is, end: i, isLoose }
    }
  }

  /** The place of the quote that closes the one at `open`; -1 if there is none yet. Two quotes in a row stand for one. */
  private closing(open: number): number {
    const { text } = this
    let close = text.indexOf('"', open + 1)
    while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2)
    return close
  }

  private hasLineEnd(from: number, to: number): boolean {
    for (let i = from; i < to; i++) {
      const code = this.text.charCodeAt(i)
      if (code === 0x0a || code === 0x0d) return true
    }
    return false
  }
}

/** @param isLoose spaces stand beside quotes @param tellsQuotes a cell without quotes is to be told from `""`, which costs ten times as long */
function parserOptions({ separator, newline }: RowMarks, isLoose: boolean, tellsQuotes: boolean): object {
  const cast = (value: string, { quoting }: { quoting: boolean }) => (value === "" && !quoting ? null : value)
  return {
    delimiter: separator,
    record_delimiter: newline === "\n" ? ["\r\n", "\n"] : ["\r"],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    trim: isLoose,
    ...(tellsQuotes ? { cast } : {}),
  }
}

/** The cells of a row that csv-parse need not read: see `RowTaker.plain`. */
export function plainCells(text: string, from: number, to: number, separator: string, isLiteral: boolean): Cell[] {
  const cells: Cell[] = []
  for (let at = from; ; ) {
    const close = !isLiteral && text[at] === '"' ? text.indexOf('"', at + 1) : -1
    const found = text.indexOf(separator, close < 0 ? at : close)
    const end = found < 0 || found > to ? to : found
    cells.push(close < 0 ? text.slice(at, end) || null : text.slice(at + 1, close))
    if (end >= to) return cells
    at = end + 1
  }
}
