import type { Source } from "./source.js"

/** Reads a source in windows; the next one comes from the disk while this one is decoded. What is read is valid until the next call. */
export class ReadAhead {
  private spare: Uint8Array = new Uint8Array(0)
  private current: Uint8Array = new Uint8Array(0)
  private ahead: { readonly at: number; readonly length: number; readonly bytes: Promise<Uint8Array | null> } | null = null

  constructor(private readonly source: Source) {}

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
    if (this.current.length < length) this.current = new Uint8Array(length)
    return this.source.read(at, length, this.current)
  }

  /** Begins to read what the next `read` will ask for. */
  begin(at: number, length: number): void {
    if (this.ahead !== null || length === 0) return
    if (this.spare.length < length) this.spare = new Uint8Array(length)
    // Whoever stops reading closes the source under us; who reads on asks again and gets the error himself.
    this.ahead = { at, length, bytes: this.source.read(at, length, this.spare).catch(() => null) }
  }
}
