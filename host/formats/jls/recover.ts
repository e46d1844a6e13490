import type { Source } from "../../bytes/source.js"
import type { Output, Rescue } from "../../model/format.js"
import { holesOf } from "../../model/issues.js"
import { jlsOptions } from "./options.js"
import { type JlsLog, openJls } from "./read.js"
import { writeLog } from "./write.js"
import { JlsWriter } from "./writer.js"

/**
 * Writes what a damaged or unclosed file holds into a new one: closed, every track indexed, summaries computed from the
 * samples. Lost samples become marked gaps; constant chunks that were omitted stay omitted. The input is only read.
 * @returns rows of the new file, those of gaps included, and every stretch of damage
 * @throws FormatError if nothing can be read
 */
export async function repairJls(source: Source, output: Output): Promise<Rescue> {
  const log = await openJls(source)
  const sink = output.sink()
  const writer = new JlsWriter(sink)
  await writeLog(log, writer, { ...jlsOptions({}), omit: await leavesOut(log) })
  writer.close()
  sink.close()
  return { rows: writer.samples, holes: holesOf(log.issues) }
}

/** True if a file omits constant chunks. */
export async function leavesOut(log: JlsLog): Promise<boolean> {
  for (const { fsr } of log.signals) {
    const { first, end } = fsr.map
    if ((fsr.signal.type?.bits ?? 64) <= 8 && (await fsr.map.places(first, end)).some(({ at }) => at === 0)) return true
  }
  return false
}
