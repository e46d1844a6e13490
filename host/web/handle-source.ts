import type { Source } from "../bytes/source.js"
import { LogError } from "../model/errors.js"
import { type BlobLike, readBlob } from "./blob-source.js"
import { told } from "./file-error.js"

/** The part of a `FileSystemFileHandle` that is used here. */
export interface FileHandleLike {
  readonly name: string
  getFile(): Promise<BlobLike>
}

/**
 * The file behind a handle as a source that can be followed: `refresh` asks the handle for the file again. A `File` that a browser gave
 * once can no longer be read when its file has grown, so a read that fails for this reason is tried once with the file of now.
 * @throws LogError when the file is gone, has become shorter than what is read, or may not be read
 */
export async function handleSource(handle: FileHandleLike): Promise<Source> {
  const path = handle.name
  let file = await told(path, () => handle.getFile())
  let size = file.size
  return {
    name: path,
    get size() {
      return size
    },
    get modified() {
      return BigInt(Math.trunc(file.lastModified ?? 0)) * 1_000_000n
    },
    async read(at, length, into) {
      const wanted = Math.max(0, Math.min(length, size - at))
      const whole = (part: Uint8Array) => {
        if (part.length === wanted) return part
        throw new LogError(`the file has become shorter: ${file.size} bytes, it had ${size}`, { path, at })
      }
      try {
        return whole(await readBlob(file, path, at, wanted, into))
      } catch (first) {
        const now = await told(path, () => handle.getFile())
        if (now.size === file.size && now.lastModified === file.lastModified) throw first
        file = now
        return whole(await readBlob(file, path, at, wanted, into))
      }
    },
    async refresh() {
      file = await told(path, () => handle.getFile())
      size = file.size
      return size
    },
    close: async () => {},
  }
}
