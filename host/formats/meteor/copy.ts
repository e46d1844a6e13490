import type { Sink } from "../../bytes/sink.js"
import { IssueList } from "../../model/issues.js"
import type { MeteorLog } from "./read.js"
import type { Hole } from "./scan/report.js"
import { BLOCK, Scan } from "./scan/scan.js"
import { Slots } from "./scan/slots.js"

/** What a copy left out and changed. */
export interface Copied {
  readonly rows: number
  readonly holes: readonly Hole[]
}

/**
 * Copies a log's header and every good frame, byte for byte; leaves out what is none, and frames whose stamp is far from
 * those around them. A damaged length byte that the reader has understood is set right.
 */
export async function copyFrames(log: MeteorLog, sink: Sink): Promise<Copied> {
  const holes: Hole[] = []
  const mended = new Map<number, number>()
  const slots = new Slots(log.spec, (type, id) => log.groupIndex(type, id), BLOCK)
  const listener = {
    hole: (hole: Hole) => holes.push(hole),
    mended: (at: number, length: number) => mended.set(at, length),
  }
  const scan = new Scan(log.source, log.header, slots, new IssueList(), { listener })
  let rows = 0
  while ((await scan.next()) !== null) for (const { index, group } of slots.list) if (group >= 0) rows += slots.count(index)
  scan.finish()
  rows -= holes.filter(({ kind }) => kind === "stamp").length
  holes.sort((a, b) => a.at - b.at)
  sink.write(log.header.bytes)
  let at = log.header.bytes.length
  for (const hole of holes) {
    await copyRange(log, sink, at, hole.at, mended)
    at = Math.max(at, hole.at + hole.length)
  }
  await copyRange(log, sink, at, log.source.size, mended)
  return { rows, holes }
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
