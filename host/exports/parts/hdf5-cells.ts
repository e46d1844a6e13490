import type { Values, Wire } from "../../model/log.js"
import { isBig } from "../../model/values.js"
import { isNumeric, type StorageName, storageOf } from "../../model/wire.js"
import { otherText } from "../../text/cells.js"
import { cutToBytes } from "../../text/cut.js"
import { isPresent } from "./batch-column.js"

/** Rows in a chunk of the file: 128 KiB of doubles. */
const CHUNK_ROWS = 16 * 1024
/** Bytes in a chunk of text. */
const TEXT_CHUNK = 1024 * 1024
/** A text cell has a fixed size, that of its column's longest one; longer ones are cut. */
export const TEXT_LIMIT = 64 * 1024

/** How a column is stored: HDF5's type in NumPy's letters. */
export interface Kind {
  readonly dtype: string
  /** Missing values become NaN. */
  readonly holes: boolean
  /** Bytes of a text cell with its closing NUL; 0 for numbers. */
  readonly textSize: number
}

/** NumPy's letter of each number. */
const LETTERS: Readonly<Partial<Record<StorageName, string>>> = {
  ...{ u8: "B", u16: "H", u32: "I", u64: "Q", i8: "b", i16: "h", i32: "i", i64: "q", f32: "f", f64: "d" },
}

/** How a column of this type is stored. @param longest bytes of its longest text */
export function kindOf(type: Wire, missing: number, longest: number): Kind {
  if (!isNumeric(type)) {
    const textSize = Math.min(longest, TEXT_LIMIT) + 1
    return { dtype: `S${textSize}`, holes: false, textSize }
  }
  return { dtype: type !== "f32" && missing > 0 ? "<d" : `<${LETTERS[storageOf(type)]}`, holes: missing > 0, textSize: 0 }
}

/** Rows of a column that are held as bytes: fewer if a cell is a long text. */
export function rowsAtOnce({ textSize }: Kind, rows = CHUNK_ROWS): number {
  return textSize === 0 ? rows : Math.max(1, Math.floor(TEXT_CHUNK / textSize))
}

/** A column's values as they are written (`bits` as `presentBits` gives them): NaN for missing numbers, texts cut to the cell's size. */
export function cells(kind: Kind, values: Values, bits: Uint8Array | null): { cells: Values | string[]; cut: number } {
  return kind.textSize > 0 ? texts(kind, values as unknown[], bits) : { cells: numbers(kind, values, bits), cut: 0 }
}

function numbers({ dtype, holes }: Kind, values: Values, bits: Uint8Array | null): Values {
  if (!holes) return values
  const out = dtype === "<f" ? new Float32Array(values.length) : new Float64Array(values.length)
  if (isBig(values)) for (let i = 0; i < out.length; i++) out[i] = Number(values[i])
  else out.set(values as Float64Array)
  if (bits !== null) for (let i = 0; i < out.length; i++) if (!isPresent(bits, i)) out[i] = Number.NaN
  return out
}

function texts({ textSize }: Kind, values: readonly unknown[], bits: Uint8Array | null): { cells: string[]; cut: number } {
  let cut = 0
  const kept = values.map((value, i) => {
    const text = isPresent(bits, i) ? otherText(value) : ""
    const fitting = cutToBytes(text, textSize - 1)
    if (fitting.length < text.length) cut++
    return fitting
  })
  return { cells: kept, cut }
}
