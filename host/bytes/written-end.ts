import { stripSectors } from "../../shared/card/strip.js"
import type { Source } from "./source.js"

const SECTOR = 512
/** A log that was not closed has the size of whole space units: 128 clusters of at least one sector. */
const UNIT_BYTES = 128 * SECTOR
/** Fewer sectors of a single byte value are damage, not the end. */
const LEAST_STRIP = 16

/**
 * Finds where the logger stopped writing in a log file that a power cut left at its allocated size. Behind the data come sectors
 * that hold a single byte value, and behind those perhaps an older log's sectors.
 * Reads 128 sectors and a few more, however large the file is.
 * @returns bytes; the source's size for a file that was closed
 */
export async function writtenEnd(source: Source): Promise<number> {
  if (source.size === 0 || source.size % UNIT_BYTES !== 0) return source.size
  const sectors = source.size / SECTOR
  const step = stripSectors(sectors)
  const buffer = new Uint8Array(SECTOR * LEAST_STRIP)
  const blank = async (sector: number, count: number) => isBlank(await source.read(sector * SECTOR, count * SECTOR, buffer))
  let low = 0
  let high = sectors
  for (let at = 0; at < sectors; at += step) {
    if (await blank(at, 1)) {
      high = at
      break
    }
    low = at + 1
  }
  while (low < high) {
    const middle = (low + high) >> 1
    if (await blank(middle, 1)) high = middle
    else low = middle + 1
  }
  if (high === sectors || !(await blank(high, Math.min(LEAST_STRIP, sectors - high)))) return source.size
  return high * SECTOR
}

function isBlank(bytes: Uint8Array): boolean {
  const first = bytes[0]
  return (first === 0 || first === 0xff) && bytes.every((byte) => byte === first)
}
