import { textWidth, withoutStyles } from "../../text/width.js"

/** A column of a table. */
export interface Column {
  readonly title: string
  readonly align?: "left" | "right"
  /** The least width to which cells are cut, with an ellipsis, if the table is too wide. A column without it keeps its width. */
  readonly shrinkTo?: number
}

/**
 * Lines of a table: columns two spaces apart, no empty columns, no trailing blanks.
 * @param width columns of the terminal; columns with `shrinkTo` are narrowed until the table fits
 */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const used = columns.map((column, index) => ({ column, index })).filter(({ index }) => rows.some((row) => (row[index] ?? "") !== ""))
  const { title, line } = lineMaker(used, rows, width)
  const body = rows.map(line)
  return title === "" ? body : [title, ...body]
}

/** A table whose rows come bit by bit. Its columns are as wide as its first rows need; wider cells of later rows are cut if the width is limited. */
interface GrowingTable {
  /** The lines that are known by now. */
  lines(rows: readonly (readonly string[])[]): string[]
  /** The lines that waited for more rows. */
  rest(): string[]
}

/** @param first rows that are waited for before the widths are decided; if there are no more, it is the table of `tableLines` */
export function growingTable(columns: readonly Column[], width: number, first: number): GrowingTable {
  const waiting: (readonly string[])[] = []
  let line: ((row: readonly string[]) => string) | null = null
  return {
    lines(rows) {
      if (line !== null) return rows.map(line)
      waiting.push(...rows)
      if (waiting.length <= first) return []
      const made = lineMaker(
        columns.map((column, index) => ({ column, index })),
        waiting,
        width,
      )
      line = made.line
      return [made.title, ...waiting.splice(0).map(line)]
    },
    rest: () => (line === null ? tableLines(columns, waiting, width) : []),
  }
}

/** How the lines of a table look that has these columns. @param rows those that decide the widths */
function lineMaker(
  used: readonly { readonly column: Column; readonly index: number }[],
  rows: readonly (readonly string[])[],
  width: number,
): { readonly title: string; readonly line: (row: readonly string[]) => string } {
  const widths = used.map(({ column, index }) =>
    rows.reduce((widest, row) => Math.max(widest, textWidth(row[index] ?? "")), textWidth(column.title)),
  )
  shrink(
    used.map(({ column }) => column.shrinkTo ?? Number.POSITIVE_INFINITY),
    widths,
    width,
  )
  const isLimited = width !== Number.POSITIVE_INFINITY
  const joined = (cells: readonly string[]) =>
    cells
      .map((cell, i) => pad(cell, widths[i] as number, used[i]?.column.align, isLimited))
      .join("  ")
      .trimEnd()
  return {
    title: joined(used.map(({ column }) => column.title)),
    line: (row) => joined(used.map(({ index }) => row[index] ?? "")),
  }
}

/** Width of the table if every column with `shrinkTo` is as narrow as it may be. */
export function tableWidth(columns: readonly Column[], rows: readonly (readonly string[])[]): number {
  let sum = -2
  for (const [index, { title, shrinkTo }] of columns.entries()) {
    const widest = Math.max(...rows.map((row) => textWidth(row[index] ?? "")), 0)
    if (widest > 0) sum += 2 + Math.min(shrinkTo ?? Number.POSITIVE_INFINITY, Math.max(widest, textWidth(title)))
  }
  return sum
}

function shrink(least: readonly number[], widths: number[], width: number): void {
  for (;;) {
    const over = widths.reduce((sum, w) => sum + w + 2, -2) - width
    if (over <= 0) return
    let widest = -1
    for (const [i, w] of widths.entries()) {
      const room = w > (least[i] as number)
      if (room && (widest < 0 || w > (widths[widest] as number))) widest = i
    }
    if (widest < 0) return
    widths[widest] = Math.max(least[widest] as number, (widths[widest] as number) - over, Math.floor((widths[widest] as number) * 0.9))
  }
}

function pad(cell: string, width: number, align: "left" | "right" = "left", isLimited = true): string {
  const cut = isLimited && textWidth(cell) > width ? truncated(cell, width) : cell
  const blanks = " ".repeat(Math.max(0, width - textWidth(cut)))
  return align === "right" ? blanks + cut : cut + blanks
}

/** The middle of a name is left out: names differ at their ends. */
function truncated(cell: string, width: number): string {
  const characters = [...withoutStyles(cell)]
  const tail = taken(characters.slice().reverse(), Math.floor((width - 1) / 2)).reverse()
  const head = taken(characters, width - 1 - textWidth(tail.join("")))
  return `${head.join("")}…${tail.join("")}`
}

function taken(characters: readonly string[], width: number): string[] {
  let used = 0
  const end = characters.findIndex((character) => (used += textWidth(character)) > width)
  return characters.slice(0, end < 0 ? characters.length : end)
}
