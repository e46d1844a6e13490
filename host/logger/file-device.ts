import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs"
import type { BlockDevice } from "../../shared/card/bus.js"
import { LogError } from "../model/errors.js"

const SECTOR = 512

/** A card or its image on the laptop, for the file system that the board uses. */
interface FileDevice extends BlockDevice {
  /** Sectors written, each counted once. */
  readonly written: number
  /** Waits until everything is on the card, and lets go of it. */
  close(): void
}

/**
 * Opens a card or its image by sectors.
 * @param size bytes
 * @param keep true writes nothing: what is written is kept in memory and read back from there
 * @throws LogError when it cannot be opened
 */
export function fileDevice(path: string, size: number, { keep = false } = {}): FileDevice {
  const fd = opened(path, keep ? "r" : "r+")
  const changed = new Map<number, Uint8Array | null>()
  return {
    sectors: Math.floor(size / SECTOR),
    get written() {
      return changed.size
    },
    async read(lba, into) {
      const kept = changed.get(lba)
      if (kept !== undefined && kept !== null) into.set(kept)
      else if (readSync(fd, into, 0, SECTOR, lba * SECTOR) < SECTOR) throw new LogError(`sector ${lba} cannot be read`, { path })
    },
    async write(lba, from) {
      changed.set(lba, keep ? Uint8Array.from(from.subarray(0, SECTOR)) : null)
      if (!keep && writeSync(fd, from, 0, SECTOR, lba * SECTOR) < SECTOR) throw new LogError(`sector ${lba} cannot be written`, { path })
    },
    async pause() {},
    close() {
      if (!keep) fsyncSync(fd)
      closeSync(fd)
    },
  }
}

function opened(path: string, flags: string): number {
  try {
    return openSync(path, flags)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const hint = path.startsWith("/dev/") ? "writing to a card reader needs its permission: the group disk, or sudo" : undefined
    throw new LogError(`cannot be opened for writing (${code})`, hint === undefined ? { path } : { path, hint })
  }
}
