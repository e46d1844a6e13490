import type { Format } from "../../model/format.js"
import { hasSignature } from "./head/header.js"

/**
 * Binary Time Series File: a JSON header, then rows of fixed size to the end of the file. Every part is loaded when it is needed.
 *
 * To read it: read.ts, head/header.ts and head/master.ts (the header), scan.ts (bytes to rows), decode.ts (rows to columns).
 * To write it: write.ts, plan.ts, compose.ts, encode.ts. docs/architecture.md has every file in order.
 */
export const btsf: Format = {
  name: "btsf",
  title: "Binary Time Series File",
  extensions: [".btsf", ".btfs", ".bts"],
  options: [],
  writeOptions: ["byteOrder", "padTo"],
  sniff: (head) => (hasSignature(head) ? 2 : 0),
  open: async (source) => (await import("./read.js")).openBtsf(source),
  write: async (log, output, options) => (await import("./write.js")).writeBtsf(log, output, options),
  async *check(source) {
    yield* (await import("./check.js")).checkBtsf(source)
  },
  recover: async (source, output) => (await import("./recover.js")).repairBtsf(source, output),
  repair: async (source, output) => (await import("./recover.js")).repairBtsf(source, output),
}
