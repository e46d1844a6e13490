import { stripVTControlCharacters } from "node:util"

/** A column of a table. */
export interface Column {
  readonly title: string
  readonly align?: "left" | "right"
  /** Cut with an ellipsis when the table is too wide, never below this. Columns without it keep their width. */
  readonly shrinkTo?: number
}

/**
 * Lines of a table, columns two spaces apart, without empty columns and trailing blanks.
 * @param width columns of the terminal; the columns that may shrink do so until it fits
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

/** Columns that the table fills when those that may shrink are as narrow as they get. */
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

/** Names differ at their ends, so what goes is the middle. */
function truncated(cell: string, width: number): string {
  const characters = [...stripVTControlCharacters(cell)]
  const tail = taken(characters.slice().reverse(), Math.floor((width - 1) / 2)).reverse()
  const head = taken(characters, width - 1 - textWidth(tail.join("")))
  return `${head.join("")}…${tail.join("")}`
}

function taken(characters: readonly string[], width: number): string[] {
  let used = 0
  const end = characters.findIndex((character) => (used += textWidth(character)) > width)
  return characters.slice(0, end < 0 ? characters.length : end)
}

/** Cells of a terminal that a text fills: styles none, East Asian wide characters and emoji two, marks none. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const character of stripVTControlCharacters(text)) {
    if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) continue
    width += /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
      character,
    )
      ? 2
      : 1
  }
  return width
}
