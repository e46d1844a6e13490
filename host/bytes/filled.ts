/** Bytes with a view on them, for a block whose fields stand at fixed places. */
interface Filled {
  readonly bytes: Uint8Array
  readonly view: DataView
}

/** A block of `length` bytes, all 0. */
export function zeros(length: number): Filled {
  const bytes = new Uint8Array(length)
  return { bytes, view: new DataView(bytes.buffer) }
}
