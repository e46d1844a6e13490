import type { Source } from "../../bytes/source.js"
import type { OpenOptions, Output, Rescue } from "../../model/format.js"
import { copyFrames } from "./copy.js"
import { openMeteor } from "./read.js"

/**
 * Saves the good frames of a damaged log into a sound file: what is copied is copied byte for byte, what is left out is
 * listed. An unused tail is left out too.
 * @throws FormatError when the header is none
 */
export async function recoverMeteor(source: Source, output: Output, options: OpenOptions): Promise<Rescue> {
  const log = await openMeteor(source, options)
  const sink = output.sink()
  const { rows, holes } = await copyFrames(log, sink)
  sink.close()
  return { rows, holes }
}
