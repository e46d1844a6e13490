import { copyBytes } from "../../bytes/copy.js"
import { readable } from "../../bytes/readable.js"
import type { Sink } from "../../bytes/sink.js"
import type { Source } from "../../bytes/source.js"
import { FormatError } from "../../model/errors.js"
import type { OpenOptions, Output, Rescue } from "../../model/format.js"
import { earlyEnd, holesOf, IssueList } from "../../model/issues.js"
import type { Issue } from "../../model/log.js"
import { salvageHead } from "./head/salvage.js"
import type { MeteorSpec } from "./head/spec.js"
import { type MeteorLog, openBehind } from "./read.js"
import { BLOCK, Scan } from "./scan/scan.js"
import { Slots } from "./scan/slots.js"

/** A specification is of another log when it makes damage of so many bytes that make frames without it, and of twice as many. */
const FOREIGN_SPEC_BYTES = 1024

/**
 * Saves the good frames of a damaged log into a sound file, byte for byte; lists the damage that is left out. An unused tail
 * is left out too, and is not damage. A header that is gone or damaged and a specification of another log stop nothing.
 * @throws FormatError if there is no header and no frame
 */
export async function recoverMeteor(source: Source, output: Output, options: OpenOptions): Promise<Rescue> {
  const given = await readable(source)
  const { added, faults, ...head } = await salvageHead(given, options)
  const log = await openBehind(head.source, head, options)
  const sink = output.sink()
  const { rows, frames, holes } = await copyFrames(log, sink)
  sink.close()
  if (frames === 0 && added > 0) throw new FormatError("has no Meteor header, and no frame stands", { format: "meteor", path: source.name })
  const placed = holes.map((hole) => ({ ...hole, at: Math.max(0, hole.at - added) }))
  return { rows, holes: [...holesOf(faults), ...placed, ...holesOf(earlyEnd(given, source))] }
}

/**
 * Copies a log's header and every good frame, byte for byte; leaves out what is not a frame, and frames whose stamp is far
 * from those around them. A damaged length byte that the reader has understood is set right.
 */
export async function copyFrames(log: MeteorLog, sink: Sink): Promise<Rescue & { readonly frames: number }> {
  let judged = await judge(log, log.spec)
  if (log.spec !== null && judged.lost > FOREIGN_SPEC_BYTES) {
    const plain = await judge(log, null)
    if (plain.lost * 2 < judged.lost) judged = plain
  }
  const { rows, frames, bad, mended } = judged
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
  return { rows, frames, holes: holesOf(bad) }
}

/** What a pass over all frames has found. */
interface Judged {
  /** Good frames, and those of them that become rows: a composite that the specification does not describe does not. */
  readonly frames: number
  readonly rows: number
  /** In file order: what is left out. */
  readonly bad: readonly Issue[]
  /** Length bytes that are set right, by their places. */
  readonly mended: ReadonlyMap<number, number>
  /** Bytes that are damage. */
  readonly lost: number
}

async function judge(log: MeteorLog, spec: MeteorSpec | null): Promise<Judged> {
  const bad: Issue[] = []
  const mended = new Map<number, number>()
  const slots = new Slots(spec, (type, id) => log.groupIndex(type, id), BLOCK)
  const listener = {
    bad: (span: Issue) => bad.push(span),
    mended: (at: number, length: number) => mended.set(at, length),
  }
  const scan = new Scan(log.source, log.header, slots, new IssueList(), { listener })
  let rows = 0
  let frames = 0
  while ((await scan.next()) !== null) {
    for (const { index, group } of slots.list) {
      frames += slots.count(index)
      if (group >= 0) rows += slots.count(index)
    }
  }
  scan.finish()
  rows -= bad.filter(({ kind }) => kind === "odd-stamp").length
  bad.sort((a, b) => a.at - b.at)
  return { rows, frames, bad, mended, lost: holesOf(bad).reduce((sum, { length }) => sum + length, 0) }
}
