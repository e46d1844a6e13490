import type { Source } from "../../bytes/source.js"
import type { Header } from "./head/header.js"

/** Where a run of rows ends. */
interface RowsEnd {
  /** Rows that hold data. */
  readonly rows: number
  /** Bytes of an unfinished last row, behind the whole rows. */
  readonly torn: number
  /** Empty rows behind the data, left out as space allocated ahead. */
  readonly zeroRows: number
}

/** Rows of `structSize` bytes from byte `at` in a file of `size` bytes, of which the bytes from `used` on hold no data. */
export function rowsFrom(at: number, structSize: number, size: number, used: number): RowsEnd {
  const whole = Math.max(0, Math.floor((size - at) / structSize))
  const rows = Math.min(whole, Math.max(0, Math.ceil((used - at) / structSize)))
  const end = at + rows * structSize
  return used > end ? { rows, torn: size - end, zeroRows: 0 } : { rows, torn: 0, zeroRows: whole - rows }
}

const BLOCK = 1024 * 1024
/** This many bytes FF in a row are an erased sector of a card, not samples. */
const ERASED = 512

/**
 * Finds the end of the data: the offset behind the last byte in use.
 *
 * If the file has a time metric, zeros at the end are space allocated ahead, as time does not return to 0. So are erased sectors of a
 * card, which hold FF. Without a time metric they may be samples, and count as used; so does a lone row.
 */
export async function usedEnd(source: Source, header: Header): Promise<number> {
  const { size } = source
  const { dataOffset, master } = header
  if (size - dataOffset < 2 * master.structSize || !master.metrics.some((metric) => metric.isTime)) return size
  const fill = (await source.read(size - 1, 1))[0]
  if (fill !== 0 && fill !== 0xff) return size
  const end = await endOfOthers(source, dataOffset, fill)
  return fill === 0 || size - end >= ERASED ? end : size
}

/** The offset behind the last byte that is not `fill`. */
async function endOfOthers(source: Source, first: number, fill: number): Promise<number> {
  // Most files end in data: the last bytes alone decide.
  for (let end = source.size, length = 64; end > first; length = BLOCK) {
    const at = Math.max(first, end - length)
    const bytes = await source.read(at, end - at)
    for (let i = bytes.length - 1; i >= 0; i--) if (bytes[i] !== fill) return at + i + 1
    end = at
  }
  return first
}
