import type { Source } from "./source.js"

/** Reads a source in windows, and reads the next one from the disk while this one is decoded. The bytes are valid until the next call. */
export class ReadAhead {
  private spare: Uint8Array
  private current: Uint8Array
  private ahead: { readonly at: number; readonly length: number; readonly bytes: Promise<Uint8Array | null> } | null = null

  /**
   * @param before room in front of each window, in the same buffer, for a record that begins in the window before
   * @param behind room behind each window, so that a loop may look beyond its end
   */
  constructor(
    private readonly source: Source,
    private readonly before = 0,
    private readonly behind = 0,
  ) {
    this.spare = new Uint8Array(before + behind)
    this.current = new Uint8Array(before + behind)
  }

  /** @returns the bytes from `at`, fewer only at the end of the source */
  async read(at: number, length: number): Promise<Uint8Array> {
    const { ahead } = this
    this.ahead = null
    // A read that is under way writes into its buffer, so it is awaited even if its bytes are not needed.
    const bytes = await ahead?.bytes
    const spare = this.spare
    this.spare = this.current
    this.current = spare
    if (bytes !== null && bytes !== undefined && ahead?.at === at && bytes.length === length) return bytes
    this.current = this.roomy(this.current, length)
    return this.source.read(at, length, this.current.subarray(this.before))
  }

  /** Begins to read the window that the next `read` will ask for. */
  begin(at: number, length: number): void {
    if (this.ahead !== null || length === 0) return
    this.spare = this.roomy(this.spare, length)
    // A caller that stops reading closes the source, and this read fails; a caller that reads on gets the error from its next call.
    this.ahead = { at, length, bytes: this.source.read(at, length, this.spare.subarray(this.before)).catch(() => null) }
  }

  private roomy(buffer: Uint8Array, length: number): Uint8Array {
    const size = this.before + length + this.behind
    return buffer.length < size ? new Uint8Array(size) : buffer
  }
}
