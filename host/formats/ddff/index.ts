import type { Format } from "../../model/format.js"
import { sniff } from "./blocks/sniff.js"

/** DelftDataFileFormat: blocks with CRC, streams of msgpack records. Each part is loaded when it is needed. */
export const ddff: Format = {
  name: "ddff",
  title: "DelftDataFileFormat (DUECA)",
  extensions: [".ddff"],
  sideFile: true,
  options: ["spec", "tick", "recording"],
  writeOptions: ["variant", "block", "label"],
  sniff,
  open: async (source, options) => (await import("./read.js")).openDdff(source, options),
  write: async (log, output, options) => (await import("./write.js")).writeDdff(log, output, options),
  append: async (...args) => (await import("./append.js")).appendDdff(...args),
  async *check(source, options) {
    yield* (await import("./check.js")).checkDdff(source, options)
  },
  recover: async (source, output, options) => (await import("./recover.js")).recoverDdff(source, output, options),
  repair: async (source, output, options) => (await import("./repair.js")).repairDdff(source, output, options),
}
