import type { Channel } from "../../model/log.js"
import type { EndRow, EndRows } from "../../summary/end-rows.js"
import { otherText } from "../../text/cells.js"
import { printable } from "../../text/printable.js"
import type { Paint } from "../terminal/terminal.js"
import { countText } from "./quantities.js"
import { type Column, tableLines } from "./table.js"

/** Most characters of a value that are shown. */
const LONGEST = 40

/** The first and last rows of each group. Each channel is a line and each row a column: a log has more channels than a terminal has columns for. */
export function endRowLines(
  groups: readonly { name: string; channels: readonly Channel[] }[],
  ends: readonly EndRows[],
  { paint, room }: { readonly paint: Paint; readonly room: number },
): string[] {
  return ends.flatMap(({ first, last }, g) => {
    const group = groups[g]
    if (group === undefined || first.length === 0) return []
    const gap = last.length > 0 && (last[0] as EndRow).row > (first[first.length - 1] as EndRow).row + 1
    const shown = [...first, ...(gap ? [null] : []), ...last]
    const columns: Column[] = [
      { title: groups.length > 1 ? `${printable(group.name)}: row` : "row", shrinkTo: 12 },
      ...shown.map((row): Column => ({ title: row === null ? "..." : countText(row.row), align: "right", shrinkTo: 6 })),
    ]
    const lines = group.channels.map(({ name }, c) => [
      printable(name),
      ...shown.map((row) => (row === null ? "..." : printable(cellText(row.values[c])))),
    ])
    const [titles = "", ...body] = tableLines(columns, lines, room - 2)
    return ["", `  ${paint("dim", titles)}`, ...body.map((line) => `  ${line}`)]
  })
}

/** Every digit of a number; bytes in hexadecimal. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return "-"
  const text = typeof value === "object" ? otherText(value) : String(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text
}
