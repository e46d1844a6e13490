import { type FileHandle, open, stat } from "node:fs/promises"
import { basename } from "node:path"
import type { Source } from "../bytes/source.js"
import { type ByteRange, UnreadableRanges } from "../bytes/unreadable.js"
import { LogError } from "../model/errors.js"
import { aText } from "../text/asked.js"
import { isReadFault, readsPast } from "./read-past.js"

/**
 * Opens a file or card reader for reading; it is never written to. A sector that the device cannot read is given as zeros, and told in
 * `unreadable`: all the others are read.
 * @throws LogError when it cannot be opened or is no file.
 */
export async function fileSource(path: string): Promise<Source> {
  aText(path, "fileSource: path")
  let handle: FileHandle
  try {
    handle = await open(path, "r")
  } catch (error) {
    throw openError(path, error as NodeJS.ErrnoException)
  }
  const stat = await handle.stat({ bigint: true })
  if (stat.isDirectory()) {
    await handle.close()
    throw new LogError("is a directory, expected a file", { path })
  }
  const size = stat.isBlockDevice() ? await deviceSize((at, n) => bytesAt(handle, at, n)) : Number(stat.size)
  return new FileSource(path, handle, size, stat.mtimeNs)
}

const SECTOR = 512

/** A device of so many sectors (512 TB) is none: it answers whatever is asked. */
const MOST_SECTORS = 2 ** 40

/**
 * Bytes of a card reader or disk, which the file system calls empty: found by reading sectors until one is missing.
 * @param bytesAt bytes that stand at a place; a sector that cannot be read stands there, too
 * @throws LogError when no sector is missing
 */
export async function deviceSize(bytesAt: (at: number, length: number) => Promise<number>): Promise<number> {
  const exists = async (sector: number) => (await bytesAt(sector * SECTOR, SECTOR)) === SECTOR
  let beyond = 1
  while (await exists(beyond - 1)) {
    beyond *= 2
    if (beyond > MOST_SECTORS) throw new LogError("no sector of the device can be read")
  }
  let sectors = Math.floor(beyond / 2)
  while (beyond - sectors > 1) {
    const middle = Math.floor((sectors + beyond) / 2)
    if (await exists(middle - 1)) sectors = middle
    else beyond = middle
  }
  return sectors * SECTOR
}

async function bytesAt(handle: FileHandle, at: number, length: number): Promise<number> {
  return handle.read(new Uint8Array(length), 0, length, at).then(
    ({ bytesRead }) => bytesRead,
    (error: NodeJS.ErrnoException) => (isReadFault(error) ? length : 0),
  )
}

function openError(path: string, error: NodeJS.ErrnoException): LogError {
  if (error.code === "ENOENT") return new LogError("no such file", { path })
  if (error.code === "EACCES") return new LogError("permission denied", { path })
  return new LogError(`cannot be opened (${error.code ?? error.message})`, { path })
}

class FileSource implements Source {
  readonly name: string
  private readonly lost = new UnreadableRanges()

  constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    public size: number,
    public modified: bigint,
  ) {
    this.name = basename(path)
  }

  async read(at: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.size - at))
    const target = into ?? new Uint8Array(wanted)
    const reads = readsPast(target.subarray(0, wanted), at, this.lost)
    let step = reads.next()
    while (step.done !== true) step = reads.next(await this.attempt(step.value.target, step.value.at))
    return target.subarray(0, step.value)
  }

  get unreadable(): readonly ByteRange[] {
    return this.lost.all
  }

  /** Bytes read; null where the device cannot read. */
  private async attempt(target: Uint8Array, at: number): Promise<number | null> {
    try {
      return (await this.handle.read(target, 0, target.length, at)).bytesRead
    } catch (error) {
      if (isReadFault(error)) return null
      throw error
    }
  }

  async refresh(): Promise<number> {
    const stat = await this.handle.stat({ bigint: true })
    if (!stat.isBlockDevice()) this.size = Number(stat.size)
    this.modified = stat.mtimeNs
    return this.size
  }

  async isCurrent(): Promise<boolean> {
    const [own, there] = [await this.handle.stat({ bigint: true }), await stat(this.path, { bigint: true }).catch(() => null)]
    return there !== null && own.dev === there.dev && own.ino === there.ino
  }

  async close(): Promise<void> {
    await this.handle.close()
  }
}
