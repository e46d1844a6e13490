/** Compresses bytes as a whole. */
export type Compressor = (bytes: Uint8Array) => Uint8Array

/** What writers may compress with, each loaded on first use. Node has both; a page has those that it brings. */
export interface Compressors {
  readonly zstd?: () => Promise<Compressor>
  readonly gzip?: () => Promise<Compressor>
}
