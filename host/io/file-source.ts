import { type FileHandle, open } from "node:fs/promises"
import { basename } from "node:path"
import type { Source } from "../bytes/source.js"
import { LogError } from "../model/errors.js"

/** Opens a file for reading; it is never written to. @throws LogError when it cannot be opened or is no file. */
export async function fileSource(path: string): Promise<Source> {
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

/** Bytes of a card reader or disk, which the file system calls empty: found by reading sectors until one is missing. */
export async function deviceSize(bytesAt: (at: number, length: number) => Promise<number>): Promise<number> {
  const exists = async (sector: number) => (await bytesAt(sector * SECTOR, SECTOR)) === SECTOR
  let beyond = 1
  while (await exists(beyond - 1)) beyond *= 2
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
    () => 0,
  )
}

function openError(path: string, error: NodeJS.ErrnoException): LogError {
  if (error.code === "ENOENT") return new LogError("no such file", { path })
  if (error.code === "EACCES") return new LogError("permission denied", { path })
  return new LogError(`cannot be opened (${error.code ?? error.message})`, { path })
}

class FileSource implements Source {
  readonly name: string

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
    let done = 0
    while (done < wanted) {
      const { bytesRead } = await this.handle.read(target, done, wanted - done, at + done)
      if (bytesRead === 0) break
      done += bytesRead
    }
    return target.subarray(0, done)
  }

  async refresh(): Promise<number> {
    const stat = await this.handle.stat({ bigint: true })
    if (!stat.isBlockDevice()) this.size = Number(stat.size)
    this.modified = stat.mtimeNs
    return this.size
  }

  async close(): Promise<void> {
    await this.handle.close()
  }
}
