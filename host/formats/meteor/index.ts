import type { Format } from "../../model/format.js"
import { signatureState } from "./head/header.js"

/**
 * B'Energy Racing's Meteor: stamped frames of topics and composites. Each part is loaded when it is needed.
 *
 * To read it: read.ts, head/ (header, specification), scan/ (bytes to frames), rows/ (frames to columns).
 * To write it: write.ts, writing/ (facts, plan, frames). docs/architecture.md has every file in order.
 */
export const meteor: Format = {
  name: "meteor",
  title: "Meteor (B'Energy Racing)",
  extensions: [".met", ".b20", ".b23", ".b24"],
  sideFile: true,
  specMark: async (source) => (await import("./head/name.js")).markOfFile(source),
  options: ["spec", "monthBase"],
  calibrated: true,
  writeOptions: ["spec", "composites"],
  sniff: (head) => (signatureState(head) === "good" ? 2 : signatureState(head) === "text-mode" ? 1 : 0),
  open: async (source, options) => (await import("./read.js")).openMeteor(source, options),
  write: async (log, output, options) => (await import("./write.js")).writeMeteor(log, output, options),
  append: async (...asked) => (await import("./append.js")).appendMeteor(...asked),
  async *check(source, options) {
    yield* (await import("./check.js")).checkMeteor(source, options)
  },
  recover: async (source, output, options) => (await import("./recover.js")).recoverMeteor(source, output, options),
  index: async (source, output, options) => (await import("./seek.js")).indexMeteor(source, output, options),
}
