import type { Sink } from "../bytes/sink.js"
import type { Lock } from "./lock.js"
import { Draft, writeAll } from "./replace-file.js"

/** Bytes gathered before they go to the file: one system call per 256 KiB. */
const GATHER = 256 * 1024

/** Writes a draft beside `path`, and on `close` syncs it and gives it the name. Several outputs may be sealed first and published together. */
export class FileSink implements Sink {
  size = 0
  private readonly draft: Draft
  private gather: Uint8Array = new Uint8Array(GATHER)
  private gathered = 0
  private sealed = false

  /**
   * @param prefix begins the draft's name
   * @param lock of the file, where the caller has it
   * @throws LogError when another writer has it
   */
  constructor(
    readonly path: string,
    prefix?: string,
    lock?: Lock,
  ) {
    this.draft = new Draft(path, prefix, lock)
  }

  /** The file that holds the bytes until they get their name. */
  get draftPath(): string {
    return this.draft.path
  }

  write(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const left = bytes.length - from
      // Up to a multiple of the gather's size: the system takes whole pages faster, and none of them twice.
      const room = GATHER - (this.size % GATHER)
      const straight = room === GATHER ? left - (left % GATHER) : 0
      const n = straight > 0 ? straight : Math.min(left, room)
      const part = n === bytes.length ? bytes : bytes.subarray(from, from + n)
      if (straight > 0) {
        writeAll(this.draft.fd, part, this.size)
      } else {
        this.gather.set(part, this.gathered)
        this.gathered += n
      }
      this.size += n
      from += n
      if (n === room) this.flush()
    }
  }

  patch(at: number, bytes: Uint8Array): void {
    if (at + bytes.length > this.size) throw new RangeError(`patch at ${at} beyond the ${this.size} bytes written`)
    const inGather = at - (this.size - this.gathered)
    if (inGather >= 0) {
      this.gather.set(bytes, inGather)
      return
    }
    if (at + bytes.length > this.size - this.gathered) this.flush()
    writeAll(this.draft.fd, bytes, at)
  }

  close(): void {
    this.seal()
    this.publish()
    this.draft.syncFolder()
  }

  /** All bytes are on the disk, still under the draft's name. */
  seal(): void {
    if (this.sealed) return
    this.flush()
    this.draft.seal()
    this.sealed = true
    // A tree has a file a day: they wait for their names without their buffers.
    this.gather = new Uint8Array(0)
  }

  /** Gives a sealed file its name. */
  publish(): void {
    this.draft.publish()
  }

  abort(): void {
    this.sealed = true
    this.draft.discard()
  }

  private flush(): void {
    writeAll(this.draft.fd, this.gather.subarray(0, this.gathered), this.size - this.gathered)
    this.gathered = 0
  }
}
