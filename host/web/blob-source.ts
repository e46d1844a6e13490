import type { Source } from "../bytes/source.js"
import { told } from "./file-error.js"

/** The part of a browser's `Blob` and `File` that is used here. */
export interface BlobLike {
  readonly size: number
  readonly name?: string
  /** Of a `File`: ms since 1970. */
  readonly lastModified?: number
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> }
}

/** A browser's `Blob` or `File` as a source; only the bytes asked for are read. A `File` stays as large as it was when the user gave it. */
export function blobSource(blob: BlobLike, name = blob.name ?? "blob"): Source {
  return {
    name,
    size: blob.size,
    ...(blob.lastModified === undefined ? {} : { modified: BigInt(Math.trunc(blob.lastModified)) * 1_000_000n }),
    read: (at, length, into) => readBlob(blob, name, at, length, into),
    refresh: async () => blob.size,
    close: async () => {},
  }
}

/**
 * Bytes of a blob, as `Source.read` gives them.
 * @throws LogError when the file behind it has changed, is gone, or may not be read
 */
export async function readBlob(blob: BlobLike, name: string, at: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
  const wanted = Math.max(0, Math.min(length, blob.size - at))
  if (wanted === 0) return into?.subarray(0, 0) ?? new Uint8Array(0)
  const part = await told(name, async () => new Uint8Array(await blob.slice(at, at + wanted).arrayBuffer()))
  if (into === undefined) return part
  into.set(part)
  return into.subarray(0, part.length)
}
