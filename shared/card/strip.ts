/** What stands behind the data of a log on a card that cannot erase: README.md, "The tail". */

/** Sectors filled at a time ahead of the data, in a file with room for so many: at least as many of one byte alone mark its end. */
export function stripSectors(sectors: number): number {
  return Math.max(16, sectors >> 7)
}
