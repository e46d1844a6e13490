import { copyBytes } from "../../bytes/copy.js"
import type { Sink } from "../../bytes/sink.js"
import type { Source } from "../../bytes/source.js"
import type { OpenOptions, Output, Rescue } from "../../model/format.js"
import { holesOf, IssueList } from "../../model/issues.js"
import type { Issue } from "../../model/log.js"
import { type MeteorLog, openMeteor } from "./read.js"
import { BLOCK, Scan } from "./scan/scan.js"
import { Slots } from "./scan/slots.js"

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

/**
 * Copies a log's header and every good frame, byte for byte; leaves out what is not a frame, and frames whose stamp is far
 * from those around them. A damaged length byte that the reader has understood is set right.
 */
export async function copyFrames(log: MeteorLog, sink: Sink): Promise<Rescue> {
  const bad: Issue[] = []
  const mended = new Map<number, number>()
  const slots = new Slots(log.spec, (type, id) => log.groupIndex(type, id), BLOCK)
  const listener = {
    bad: (span: Issue) => bad.push(span),
    mended: (at: number, length: number) => mended.set(at, length),
  }
  const scan = new Scan(log.source, log.header, slots, new IssueList(), { listener })
  let rows = 0
  while ((await scan.next()) !== null) for (const { index, group } of slots.list) if (group >= 0) rows += slots.count(index)
  scan.finish()
  rows -= bad.filter(({ kind }) => kind === "odd-stamp").length
  bad.sort((a, b) => a.at - b.at)
  const mend = (piece: Uint8Array, at: number) => {
    for (const [place, length] of mended) if (place >= at && place < at + piece.length) piece[place - at] = length
  }
  sink.write(log.header.bytes)
  let at = log.header.bytes.length
  for (const span of bad) {
    await copyBytes(log.source, at, span.at, sink, mend)
    at = Math.max(at, span.at + span.length)
  }
  await copyBytes(log.source, at, log.source.size, sink, mend)
  return { rows, holes: holesOf(bad) }
}
