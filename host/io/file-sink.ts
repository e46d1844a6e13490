import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import type { Sink } from "../bytes/sink.js"

/** Bytes gathered before they go to the file: one system call per 256 KiB. */
const GATHER = 256 * 1024

/** Writes `<path>.part`, and on `close` syncs it and renames it to `path`. Several outputs may be sealed first and published together. */
export class FileSink implements Sink {
  size = 0
  private readonly part: string
  private readonly fd: number
  private gather: Uint8Array = new Uint8Array(GATHER)
  private gathered = 0
  private sealed = false

  constructor(readonly path: string) {
    this.part = `${path}.part`
    mkdirSync(dirname(path), { recursive: true })
    this.fd = openSync(this.part, "w+")
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
        writeAll(this.fd, part, this.size)
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
    writeAll(this.fd, bytes, at)
  }

  close(): void {
    this.seal()
    this.publish()
  }

  /** All bytes are on the disk, still under the name `<path>.part`. */
  seal(): void {
    if (this.sealed) return
    this.flush()
    fsyncSync(this.fd)
    closeSync(this.fd)
    this.sealed = true
    // A tree has a file a day: they wait for their names without their buffers.
    this.gather = new Uint8Array(0)
  }

  /** Gives a sealed file its name. */
  publish(): void {
    renameSync(this.part, this.path)
  }

  abort(): void {
    if (!this.sealed) closeSync(this.fd)
    this.sealed = true
    rmSync(this.part, { force: true })
  }

  private flush(): void {
    writeAll(this.fd, this.gather.subarray(0, this.gathered), this.size - this.gathered)
    this.gathered = 0
  }
}

function writeAll(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, at + done)
}
