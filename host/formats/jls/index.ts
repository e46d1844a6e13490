import { SIGNATURE } from "../../../shared/jls/layout.js"
import type { Format } from "../../format.js"
import { annotateJls } from "./annotate.js"
import { checkJls } from "./check.js"
import { jlsOptions, writeLog } from "./from-log.js"
import { openJls } from "./read.js"
import { repairJls } from "./repair.js"
import { JlsWriter } from "./write.js"

export { appendTo } from "./append.js"
export { JlsLog, openJls } from "./read.js"
export { statistics } from "./statistics.js"
export { JlsWriter } from "./write.js"

/** Bytes of the signature that may differ before the file is no longer taken for JLS. */
const DAMAGED = 4

/** JLS v2, the format of Joulescope: fixed-rate signals with stored summaries. */
export const jls: Format = {
  name: "jls",
  title: "JLS v2 (Joulescope)",
  extensions: [".jls"],
  sniff(head) {
    const wrong = SIGNATURE.filter((byte, i) => head[i] !== byte).length
    return wrong === 0 ? 2 : wrong <= DAMAGED ? 1 : 0
  },
  open: (source) => openJls(source),
  async write(log, output, options) {
    const wanted = jlsOptions(options)
    const sink = output.sink()
    const writer = new JlsWriter(sink)
    const losses = await writeLog(log, writer, wanted)
    writer.close()
    sink.close()
    return losses
  },
  check: checkJls,
  recover: repairJls,
  repair: repairJls,
  annotate: annotateJls,
}
