import type { Source } from "./source.js"

/** Reads a source in windows; the next one comes from the disk while this one is decoded. What is read is valid until the next call. */
export class ReadAhead {
  private spare: Uint8Array
  private current: Uint8Array
  private ahead: { readonly at: number; readonly length: number; readonly bytes: Promise<Uint8Array | null> } | null = null

  /**
   * @param before bytes of the caller's own in front of each window, in the same buffer: what a record begun in the window before needs
   * @param behind and behind it, so that a loop may look beyond the end
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
    // A read under way writes into its buffer: it is awaited, wanted or not.
    const bytes = await ahead?.bytes
    const spare = this.spare
    this.spare = this.current
    this.current = spare
    if (bytes !== null && bytes !== undefined && ahead?.at === at && bytes.length === length) return bytes
    this.current = this.roomy(this.current, length)
    return this.source.read(at, length, this.current.subarray(this.before))
  }

  /** Begins to read what the next `read` will ask for. */
  begin(at: number, length: number): void {
    if (this.ahead !== null || length === 0) return
    this.spare = this.roomy(this.spare, length)
    // Whoever stops reading closes the source under us; who reads on asks again and gets the error himself.
    this.ahead = { at, length, bytes: this.source.read(at, length, this.spare.subarray(this.before)).catch(() => null) }
  }

  private roomy(buffer: Uint8Array, length: number): Uint8Array {
    const size = this.before + length + this.behind
    return buffer.length < size ? new Uint8Array(size) : buffer
  }
}
