import { encoded, putScaled, SCALED_ROOM, type TextBuffer } from "../../text/text-buffer.js"
import type { MergedRows } from "../../views/merge.js"
import { type CsvChunk, MISSING, writeCell, writeTime } from "./csv-cells.js"

/** How lines look. */
interface LineLook {
  readonly separator: string
  readonly newline: string
  readonly decimal: string
  /** True if every row has its own line, whatever its time. */
  readonly isApart: boolean
}

/** Writes wide lines: one per instant, with a cell for every column. */
export class WideLines {
  private readonly comma: number
  private readonly mark: number
  private readonly newline: Uint8Array
  private readonly isApart: boolean
  /** Number of cells in the open line, and its instant; -1 if no line is open. */
  private next = -1
  private key = Number.NaN

  constructor(
    private readonly text: TextBuffer,
    private readonly columns: number,
    look: LineLook,
  ) {
    this.comma = look.separator.charCodeAt(0)
    this.mark = look.decimal.charCodeAt(0)
    this.newline = encoded(look.newline)
    this.isApart = look.isApart
  }

  /** The loop keeps its place in the text in a local: looking it up for every cell would take half of the time. */
  write({ rows, slot: slots, row: chunkRows, key: keys }: MergedRows, chunks: readonly CsvChunk[]): void {
    const { text, comma, mark, isApart, columns } = this
    const room = 2 * columns + SCALED_ROOM * (1 + chunks.reduce((most, { width }) => Math.max(most, width), 0)) + 2
    let { next, key: lineKey } = this
    text.room(room)
    let { bytes, view, at } = text
    // Separators go out four at a time; up to three too many are overwritten by what comes next.
    const commas = comma * 0x0101_0101
    for (let i = 0; i < rows; i++) {
      const chunk = chunks[slots[i] as number] as CsvChunk
      const row = chunkRows[i] as number
      const key = keys[i] as number
      const { start, width, scaled, digits, scaledTimes } = chunk
      if (at + room > bytes.length) {
        text.at = at
        text.room(room)
        at = text.at
      }
      // The line goes on only with the same instant and columns further right.
      if (key !== lineKey || start < next || isApart || next < 0) {
        if (next >= 0) {
          for (let k = next; k < columns; k += 4) view.setUint32(at + k - next, commas)
          at += columns - next
          for (let k = 0; k < this.newline.length; k++) bytes[at++] = this.newline[k] as number
        }
        if (scaledTimes.length > 0) at = putScaled(bytes, at, scaledTimes[row] as number, chunk.timeDigits, mark)
        else {
          text.at = at
          writeTime(text, chunk, row)
          text.room(room)
          at = text.at
        }
        lineKey = key
        next = 0
      }
      for (let k = next; k < start; k += 4) view.setUint32(at + k - next, commas)
      at += start - next
      for (let c = 0; c < width; c++) {
        bytes[at++] = comma
        const column = scaled[c] as Int32Array
        if (column.length > 0) {
          const value = column[row] as number
          if (value !== MISSING) at = putScaled(bytes, at, value, digits[c] as number, mark)
          continue
        }
        text.at = at
        writeCell(text, chunk, c, row, comma)
        text.room(room)
        bytes = text.bytes
        view = text.view
        at = text.at
      }
      next = start + width
    }
    text.at = at
    this.next = next
    this.key = lineKey
  }

  /** Ends the line that is open. */
  end(): void {
    if (this.next < 0) return
    this.text.repeat(this.comma, this.columns - this.next)
    this.text.raw(this.newline)
    this.next = -1
  }
}
