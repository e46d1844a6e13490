import type { Sink } from "../../bytes/sink.js"
import type { Rescue } from "../../model/format.js"
import { holesOf, IssueList } from "../../model/issues.js"
import type { Issue } from "../../model/log.js"
import type { MeteorLog } from "./read.js"
import { BLOCK, Scan } from "./scan/scan.js"
import { Slots } from "./scan/slots.js"

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
  sink.write(log.header.bytes)
  let at = log.header.bytes.length
  for (const span of bad) {
    await copyRange(log, sink, at, span.at, mended)
    at = Math.max(at, span.at + span.length)
  }
  await copyRange(log, sink, at, log.source.size, mended)
  return { rows, holes: holesOf(bad) }
}

async function copyRange(log: MeteorLog, sink: Sink, from: number, to: number, mended: ReadonlyMap<number, number>): Promise<void> {
  for (let at = from; at < to; ) {
    const bytes = (await log.source.read(at, Math.min(BLOCK, to - at))).slice()
    if (bytes.length === 0) return
    for (const [place, length] of mended) if (place >= at && place < at + bytes.length) bytes[place - at] = length
    sink.write(bytes)
    at += bytes.length
  }
}
