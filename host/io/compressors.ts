import type { Compressors } from "../bytes/compressors.js"

/** zstd by WebAssembly and Node's own gzip, at their fastest levels: the next ones cost twice the time for little. */
export const nodeCompressors: Required<Compressors> = {
  async zstd() {
    const { default: zstd } = await import("@foxglove/wasm-zstd")
    await zstd.isLoaded
    return (bytes) => zstd.compress(bytes, 1)
  },
  async gzip() {
    const { gzipSync } = await import("node:zlib")
    return (bytes) => gzipSync(bytes, { level: 1 })
  },
}
