/** Where a writer puts its bytes: in order, and bytes already written can be patched. */
export interface Sink {
  /** Bytes written so far: the offset of the next byte. */
  readonly size: number
  /** Appends; the bytes are consumed when it returns, so the caller may reuse them. */
  write(bytes: Uint8Array): void
  /** Overwrites bytes already written. */
  patch(at: number, bytes: Uint8Array): void
  /** Makes the output durable and visible under its name. */
  close(): void
  /** Gives the output up and removes it. */
  abort(): void
}

/** A sink in memory, for tests and small outputs. */
export class MemorySink implements Sink {
  size = 0
  private store = new Uint8Array(1024)

  write(bytes: Uint8Array): void {
    if (this.size + bytes.length > this.store.length) {
      const larger = new Uint8Array(Math.max(this.size + bytes.length, this.store.length * 2))
      larger.set(this.store.subarray(0, this.size))
      this.store = larger
    }
    this.store.set(bytes, this.size)
    this.size += bytes.length
  }

  patch(at: number, bytes: Uint8Array): void {
    this.store.set(bytes, at)
  }

  close(): void {}
  abort(): void {}

  /** What was written, as a view. */
  bytes(): Uint8Array {
    return this.store.subarray(0, this.size)
  }
}
