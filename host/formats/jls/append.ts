import type { Sink } from "../../sink.js"
import { jlsOptions, writeLog } from "./from-log.js"
import type { JlsLog } from "./read.js"
import { JlsWriter } from "./write.js"

/**
 * Goes on with a file, closed or not: writes all of it into `sink` and leaves the writer open behind the last sample of
 * each signal. The result is the file that one recording would have given; the input stays as it is.
 */
export async function appendTo(log: JlsLog, sink: Sink): Promise<JlsWriter> {
  const writer = new JlsWriter(sink)
  await writeLog(log, writer, jlsOptions({}))
  return writer
}
