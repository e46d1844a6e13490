import { SIGNATURE } from "../../../shared/jls/layout.js"
import type { Format } from "../../model/format.js"

import { recordingOf } from "./side-annotations.js"

/** Most bytes of the signature that may differ in a file that is still taken for JLS. */
const DAMAGED = 4

/**
 * JLS v2, the format of Joulescope: fixed-rate signals with stored summaries. Every part is loaded when it is needed.
 *
 * To read it: read.ts, contents.ts (by lists and indexes) or rebuild.ts (by a scan), chunks/, samples/ (DATA to columns), timed/.
 * To write it: write.ts, plan.ts, writer.ts, samples/writer.ts. docs/architecture.md has every file in order.
 */
export const jls: Format = {
  name: "jls",
  title: "JLS v2 (Joulescope)",
  extensions: [".jls"],
  options: ["gaps"],
  writeOptions: ["rate", "hold", "fill", "omit"],
  ownGrid: true,
  sniff(head) {
    const wrong = SIGNATURE.filter((byte, i) => head[i] !== byte).length
    return wrong === 0 ? 2 : wrong <= DAMAGED ? 1 : 0
  },
  readsWith: recordingOf,
  open: async (source, options) => (await import("./read.js")).openJls(source, options),
  async write(log, output, options) {
    const { writeLog } = await import("./write.js")
    const { jlsOptions } = await import("./options.js")
    const { JlsWriter } = await import("./writer.js")
    const wanted = jlsOptions(options)
    const sink = output.sink()
    const writer = new JlsWriter(sink)
    const losses = await writeLog(log, writer, wanted)
    writer.close()
    sink.close()
    return losses
  },
  append: async (...asked) => (await import("./append.js")).appendJls(...asked),
  async *check(source) {
    yield* (await import("./check.js")).checkJls(source)
  },
  recover: async (source, output) => (await import("./recover.js")).repairJls(source, output),
  repair: async (source, output) => (await import("./recover.js")).repairJls(source, output),
}
