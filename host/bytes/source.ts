import { type ByteRange, rangesWithin } from "./unreadable.js"

/** Bytes at rest that can be read at any place: a file, a file inside a card image, bytes in memory. */
export interface Source {
  /** Base name for messages and for finding side files. */
  readonly name: string
  /** Bytes; grows only by `refresh`. */
  readonly size: number
  /** Time of the last change, in ns since 1970, if known; read when the source is opened and at each `refresh`. */
  readonly modified?: bigint
  /** What the device could not read so far; `read` gives zeros there. Grows while the source is read; absent where that cannot happen. */
  readonly unreadable?: readonly ByteRange[]
  /**
   * Reads `length` bytes from `at` into the start of `into` (allocated when absent).
   * @returns the bytes read: a view of `into`, shorter than `length` only at the end of the source.
   */
  read(at: number, length: number, into?: Uint8Array): Promise<Uint8Array>
  /** False when another file has taken its name since it was opened, or none has it; absent where that cannot happen. */
  isCurrent?(): Promise<boolean>
  /** Reads the size again, for files that grow. */
  refresh(): Promise<number>
  close(): Promise<void>
}

/** Bytes in memory as a source. */
export function memorySource(bytes: Uint8Array, name = "memory"): Source {
  return {
    name,
    size: bytes.length,
    async read(at, length, into) {
      const part = bytes.subarray(Math.min(at, bytes.length), Math.min(at + length, bytes.length))
      if (into === undefined) return part
      into.set(part)
      return into.subarray(0, part.length)
    },
    async refresh() {
      return bytes.length
    },
    async close() {},
  }
}

/** The `length` bytes from `at` of a source, as a source of its own; closing it leaves the whole open. */
export function partSource(source: Source, at: number, length: number, name: string): Source {
  return {
    name,
    size: length,
    get unreadable() {
      return rangesWithin(source.unreadable ?? [], at, length)
    },
    read: (from, wanted, into) => source.read(at + from, Math.max(0, Math.min(wanted, length - from)), into),
    refresh: async () => length,
    close: async () => {},
  }
}

/** A source under another name, with another way to close it. */
export function renamedSource(source: Source, name: string, close: () => Promise<void>): Source {
  return {
    name,
    get size() {
      return source.size
    },
    get unreadable() {
      return source.unreadable ?? []
    },
    read: (at, length, into) => source.read(at, length, into),
    refresh: () => source.refresh(),
    close,
  }
}
