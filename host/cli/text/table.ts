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
  const widths = used.map(({ column, index }) => Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[index] ?? ""))))
  shrink(
    used.map(({ column }) => column.shrinkTo ?? Number.POSITIVE_INFINITY),
    widths,
    width,
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => pad(cell, widths[i] as number, used[i]?.column.align))
      .join("  ")
      .trimEnd()
  const titles = line(used.map(({ column }) => column.title))
  const body = rows.map((row) => line(used.map(({ index }) => row[index] ?? "")))
  return titles === "" ? body : [titles, ...body]
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

function pad(cell: string, width: number, align: "left" | "right" = "left"): string {
  const cut = textWidth(cell) > width ? truncated(cell, width) : cell
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
