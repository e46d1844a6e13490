import { copyBytes } from "../../bytes/copy.js"
import { UnsupportedError } from "../../model/errors.js"
import type { Appender } from "../../model/format.js"
import type { Issue, Loss } from "../../model/log.js"
import { markIn } from "./head/name.js"
import type { MeteorSpec } from "./head/spec.js"
import { isSameSpec } from "./head/spec-file.js"
import { type MeteorLog, openMeteor } from "./read.js"
import { writeRows, writeSpec } from "./write.js"
import { gatherFacts } from "./writing/facts.js"
import { joinsLone, planLog } from "./writing/plan.js"

/** A longer pause is not told from a step back of the 32-bit clock. */
const LONGEST_PAUSE_MS = 2 ** 31

/**
 * Writes a Meteor log with the rows of another behind its own: topics and composites by its specification, which new channels are added
 * to. Its own bytes stay as they are; an incomplete frame at the end and an unused tail make room.
 * Times are those of the clock where both logs say when they started, else both count from the same second 0.
 * @throws UnsupportedError when the file is damaged (recover it first), of version 1, without a specification, or when a row to append is
 * older than its last one
 */
export const appendMeteor: Appender = async (existing, opening, log, output, { composites }) => {
  const old = await openMeteor(existing, opening)
  const known = specOf(old)
  const { end, last, losses } = await endOf(old)
  const facts = await gatherFacts(log)
  const shift = old.start === null || log.start === null ? 0 : Number(log.start - old.start) / 1e6
  const earliest = facts.earliest * 1000 + shift
  if (facts.rows.some((rows) => rows > 0)) refuseOlder(old, earliest, last)
  const plan = planLog(log, facts, losses, { known, least: widthsOf(old), open: true, join: joinsLone(log, composites) })
  const sink = output.sink()
  await copyBytes(existing, 0, end, sink, remark(old, known, plan.spec))
  losses.push(
    ...(await writeRows(log, plan, sink, { baseMs: -shift, near: Number.isFinite(last) ? last : earliest, begun: Number.isFinite(last) })),
  )
  sink.close()
  if (!isSameSpec(known, plan.spec)) writeSpec(plan.spec, output)
  return losses
}

/** Puts the mark of the specification that is written now in the place of the one before, where the log's name has that. */
function remark(old: MeteorLog, known: MeteorSpec, written: MeteorSpec | null): (piece: Uint8Array, at: number) => void {
  const { header } = old
  if (known.mark === null || markIn(header) !== known.mark || written === null || written.mark === null) return () => {}
  const mark = new TextEncoder().encode(written.mark)
  let end = header.bytes.length
  while (header.bytes[end - 1] === 0) end--
  const place = end - mark.length
  return (piece, at) => {
    for (const [i, byte] of mark.entries()) if (place + i >= at && place + i < at + piece.length) piece[place + i - at] = byte
  }
}

function specOf(old: MeteorLog): MeteorSpec {
  if (old.header.layout === 1) throw refusal(old, "is of version 1, which nothing writes", "convert it to a new file first")
  if (old.spec !== null) return old.spec
  throw refusal(
    old,
    "has no specification, which says what its frames mean",
    "--spec is for the input: put one beside it as NAME.spec.json",
  )
}

/** What a topic has always had so far it keeps: a reader takes another width for damage until it is proven. */
function widthsOf({ groups }: MeteorLog): Map<number, number> {
  return new Map(groups.flatMap(({ id, channels: [first] }) => (first?.notes.width === undefined ? [] : [[id, Number(first.notes.width)]])))
}

/** Where the good frames end, and the latest stamp in ms before. */
async function endOf(old: MeteorLog): Promise<{ end: number; last: number; losses: Loss[] }> {
  const { groups } = await old.survey()
  const last = Math.max(Number.NEGATIVE_INFINITY, ...groups.flatMap(({ last }) => (last === null ? [] : [Number(last)])))
  const losses: Loss[] = []
  let end = old.source.size
  for (const { kind, severity, at, text } of old.issues as readonly Issue[]) {
    if (kind === "truncated") losses.push({ kind: "rows", count: 1, text: `cut off: ${text}` })
    if (kind === "truncated" || kind === "unused-tail") end = Math.min(end, at)
    else if (severity === "error") throw refusal(old, `is damaged: ${text}`, "recover it, then append", at)
  }
  return { end, last, losses }
}

function refuseOlder(old: MeteorLog, earliest: number, last: number): void {
  const [from, to] = [Math.round(earliest), last]
  if (from >= to && (to === Number.NEGATIVE_INFINITY ? from >= 0 && from < 2 ** 32 : from - to < LONGEST_PAUSE_MS)) return
  const text = `ends at ${to / 1000} s, and the rows to append begin at ${from / 1000} s of its clock`
  throw refusal(
    old,
    to === Number.NEGATIVE_INFINITY ? `is empty and its clock does not reach ${from / 1000} s` : text,
    "convert merges logs into a new file: fieldlog convert a.met b.met -o c.met",
  )
}

function refusal(old: MeteorLog, text: string, hint: string, at?: number): UnsupportedError {
  return new UnsupportedError(text, { format: "meteor", path: old.source.name, hint, ...(at === undefined ? {} : { at }) })
}
