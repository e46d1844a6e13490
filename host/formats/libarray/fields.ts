import type { Values } from "../../model/log.js"
import { latin1 } from "../../text/hex.js"
import { FieldReader } from "./field-reader.js"
import type { Lines } from "./scan.js"

/** How the data of a series' lines divides into columns. */
export type Shape = { readonly kind: "text" } | { readonly kind: "numbers"; readonly separator: Separator; readonly fields: number }

/** What stands between numbers; a blank is a run of them. */
type Separator = " " | ";" | "," | "|" | "\t"

const SEPARATORS: readonly Separator[] = [" ", ";", ",", "|", "\t"]
/** Finds the shape of lines that it is shown: numbers if each field of each line is one and all lines have as many. */
export class ShapeGuess {
  private readonly alive = new Map<Separator, number>(SEPARATORS.map((separator) => [separator, 0]))
  private readonly reader = new FieldReader()
  private lines = 0

  /** True when no separator fits any more. */
  get isText(): boolean {
    return this.alive.size === 0
  }

  learn({ n, bytes, data, end }: Lines): void {
    for (let i = 0; i < n && !this.isText; i++) {
      // An update may take a line's data away and leave its time: that says nothing about the others.
      if (isBlank(bytes, data[i] as number, end[i] as number)) continue
      this.lines++
      for (const [separator, before] of this.alive) {
        const fields = this.reader.read(bytes, data[i] as number, end[i] as number, separator.charCodeAt(0))
        if (fields > 0 && (before === 0 || fields === before)) this.alive.set(separator, fields)
        else this.alive.delete(separator)
      }
    }
  }

  get shape(): Shape {
    const [first] = this.alive
    if (first === undefined || this.lines === 0) return { kind: "text" }
    return { kind: "numbers", separator: first[0], fields: first[1] }
  }
}

/** Columns of lines, with the rows that have no value; `misfits` are rows whose data does not have the shape. */
interface Columns {
  readonly columns: Values[]
  readonly missing: (Uint8Array | null)[]
  readonly misfits: readonly number[]
}

/** The data of the lines `first` to `end` as columns: f64 `c1`, `c2`, ..., or one of text. */
export function readColumns(shape: Shape, lines: Lines, first: number, end: number): Columns {
  if (shape.kind === "text") {
    const text: string[] = []
    for (let i = first; i < end; i++) text.push(decodeText(lines.bytes.subarray(lines.data[i], lines.end[i])))
    return { columns: [text], missing: [null], misfits: [] }
  }
  const columns = Array.from({ length: shape.fields }, () => new Float64Array(end - first))
  const missing: (Uint8Array | null)[] = columns.map(() => null)
  const misfits: number[] = []
  const reader = new FieldReader()
  const separator = shape.separator.charCodeAt(0)
  for (let i = first; i < end; i++) {
    const [from, to] = [lines.data[i] as number, lines.end[i] as number]
    const fits = reader.read(lines.bytes, from, to, separator) === shape.fields
    if (!fits && !isBlank(lines.bytes, from, to)) misfits.push(i)
    for (let c = 0; c < columns.length; c++) {
      if (fits && reader.present[c] === 1) (columns[c] as Float64Array)[i - first] = reader.values[c] as number
      else {
        missing[c] ??= new Uint8Array(end - first)
        ;(missing[c] as Uint8Array)[i - first] = 1
      }
    }
  }
  return { columns, missing, misfits }
}

/** UTF-8 where it is that, else latin-1: files of 2004 are. */
function decodeText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes)
  } catch {
    return latin1(bytes)
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const BLANK = 0x20

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== BLANK && bytes[at] !== 9) return false
  return true
}
