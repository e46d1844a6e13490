import type { Source } from "../../source.js"
import type { Header } from "./header.js"

/** Where the rows of a file end. */
export interface DataEnd {
  /** Byte offset behind the last row that holds data. */
  readonly end: number
  /** Bytes of a row that was not finished: behind the whole rows. */
  readonly torn: number
  /** Rows of nothing but zeros between `end` and the torn bytes, left out as space allocated ahead. */
  readonly zeroRows: number
}

const BLOCK = 1024 * 1024

/**
 * Finds the end of the rows in a file of `source.size` bytes.
 *
 * Rows of zeros at the end are space allocated ahead where the file has a time metric: time does not return to 0.
 * Without one they may be samples, and stay. A first row of zeros stays as well.
 */
export async function dataEnd(source: Source, header: Header): Promise<DataEnd> {
  const { dataOffset } = header
  const { structSize, metrics } = header.master
  const bytes = Math.max(0, source.size - dataOffset)
  const torn = bytes % structSize
  const whole = (bytes - torn) / structSize
  if (whole < 2 || !metrics.some((metric) => metric.isTime)) return { end: dataOffset + whole * structSize, torn, zeroRows: 0 }
  const used = await lastUsed(source, dataOffset, dataOffset + whole * structSize)
  const rows = Math.ceil((used - dataOffset) / structSize)
  return { end: dataOffset + rows * structSize, torn, zeroRows: whole - rows }
}

/** Offset behind the last byte between `from` and `to` that is not zero; `from` when there is none. */
async function lastUsed(source: Source, from: number, to: number): Promise<number> {
  // Most files end in data: the last bytes alone decide.
  for (let end = to, size = 64; end > from; size = BLOCK) {
    const at = Math.max(from, end - size)
    const bytes = await source.read(at, end - at)
    for (let i = bytes.length - 1; i >= 0; i--) if (bytes[i] !== 0) return at + i + 1
    end = at
  }
  return from
}
