import type { Source } from "../../bytes/source.js"
import type { OpenOptions, Output, Rescue } from "../../model/format.js"
import { copyFrames } from "./copy.js"
import { openMeteor } from "./read.js"

/**
 * Saves the good frames of a damaged log into a sound file, byte for byte; lists the damage that is left out. An unused tail
 * is left out too, and is not damage.
 * @throws FormatError if the file has no Meteor header
 */
export async function recoverMeteor(source: Source, output: Output, options: OpenOptions): Promise<Rescue> {
  const log = await openMeteor(source, options)
  const sink = output.sink()
  const rescue = await copyFrames(log, sink)
  sink.close()
  return rescue
}
