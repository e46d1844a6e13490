import type { Disk } from "./disk.js"

/** One change of the disk, in the order in which the card accepted it. */
export interface Change {
  readonly lba: number
  /** 512 bytes; null for an erase of `count` sectors to `value`. */
  readonly data: Uint8Array | null
  readonly count: number
  readonly value: number
  /** When, in microseconds. */
  readonly at: number
}

/** Does to a disk what a journal entry says. */
export function applyChange(disk: Disk, change: Change): void {
  if (change.data !== null) {
    disk.write(change.lba, change.data)
    return
  }
  const blank = new Uint8Array(512).fill(change.value)
  for (let i = 0; i < change.count; i++) disk.write(change.lba + i, blank)
}
