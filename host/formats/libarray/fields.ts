import type { Values } from "../../log.js"
import type { Lines } from "./lines.js"

/** How the data of a series' lines divides into columns. */
export type Shape = { readonly kind: "text" } | { readonly kind: "numbers"; readonly separator: Separator; readonly fields: number }

/** What stands between numbers; a blank is a run of them. */
export type Separator = " " | ";" | "," | "|" | "\t"

const SEPARATORS: readonly Separator[] = [" ", ";", ",", "|", "\t"]
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(nan|inf(inity)?)$/i

/** Finds the shape of lines that it is shown: numbers if each field of each line is one and all lines have as many. */
export class ShapeGuess {
  private readonly alive = new Map<Separator, number>(SEPARATORS.map((separator) => [separator, 0]))
  private lines = 0

  /** True when no separator fits any more. */
  get isText(): boolean {
    return this.alive.size === 0
  }

  show(lines: Lines): void {
    for (let i = 0; i < lines.n && !this.isText; i++) {
      const text = dataText(lines, i)
      // An update may take a line's data away and leave its time: that says nothing about the others.
      if (text.trim() === "") continue
      this.lines++
      for (const [separator, fields] of this.alive) {
        const parts = split(text, separator)
        const fits =
          (fields === 0 || parts.length === fields) && parts.every((part) => isField(part, separator)) && parts.some((part) => part !== "")
        if (fits) this.alive.set(separator, parts.length)
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
export interface Columns {
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
  for (let i = first; i < end; i++) {
    const text = dataText(lines, i)
    const parts = text.trim() === "" ? [] : split(text, shape.separator)
    const fits = parts.length === shape.fields && parts.every((part) => isField(part, shape.separator))
    if (!fits && parts.length > 0) misfits.push(i)
    for (let c = 0; c < columns.length; c++) {
      const part = fits ? (parts[c] as string) : ""
      if (part !== "") (columns[c] as Float64Array)[i - first] = numberOf(part)
      else {
        missing[c] ??= new Uint8Array(end - first)
        ;(missing[c] as Uint8Array)[i - first] = 1
      }
    }
  }
  return { columns, missing, misfits }
}

/** UTF-8 where it is that, else latin-1: files of 2004 are. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes)
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

function dataText({ bytes, data, end }: Lines, i: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1", data[i], end[i])
}

function split(text: string, separator: Separator): string[] {
  if (separator === " ") return text.trim().split(/ +/)
  return text.split(separator).map((part) => part.trim())
}

/** With a separator that is seen, a field may be empty: no value. */
function isField(part: string, separator: Separator): boolean {
  return part === "" ? separator !== " " : NUMBER.test(part)
}

function numberOf(text: string): number {
  const number = Number(text)
  if (!Number.isNaN(number)) return number
  if (/nan/i.test(text)) return Number.NaN
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}
