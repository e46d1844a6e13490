import { fileHeader, SIGNATURE } from "../../../shared/meteor/layout.js"
import { markedName } from "../../../shared/meteor/mark.js"
import { writeRecord } from "../../bytes/layout.js"
import type { Sink } from "../../bytes/sink.js"
import type { Output, Writer } from "../../model/format.js"
import type { Chunk, Group, Log, Loss } from "../../model/log.js"
import { formLosses } from "../../model/losses.js"
import { hasTime, rowTimes } from "../../model/time.js"
import { mergeRows } from "../../views/merge.js"
import { wholeOf } from "../../views/view.js"
import { shownName } from "./head/name.js"
import { MAX_DATA, type MeteorSpec, parseSpec } from "./head/spec.js"
import { isSameSpec, optionsFile } from "./head/spec-file.js"
import { MeteorLog } from "./read.js"
import { copyFrames } from "./recover.js"
import { gatherFacts, type LogFacts } from "./writing/facts.js"
import { FrameWriter, LONGEST_STEP_MS, type StampClock } from "./writing/frames.js"
import { soleOrigin } from "./writing/kept.js"
import { joinsLone, type LogPlan, planLog } from "./writing/plan.js"

const NS_PER_MS = 1_000_000n
/** The first stamp must fit into 32 bits: for a log that starts later, the header's time is moved. */
const LATE_S = 2 ** 32 / 1000

/**
 * Writes any log as Meteor version 2, with its specification beside it as `<name>.spec.json`.
 * A Meteor log that is passed on as it is keeps every good byte; a part of one, and what is joined from several, keeps ids, keys,
 * composites and widths, and of one log its header. Else: a group of one channel becomes a topic, a group of several a composite, and
 * lone channels of the same stamps become one too where that is smaller; floats become integers with a power of ten as divisor; what
 * has no value is not written.
 * Options: `spec`, a specification whose ids, widths, scales and composites are used; `composites`, `join` or `keep`.
 */
export const writeMeteor: Writer = async (log, output, { spec, specPath, composites }) => {
  const known = spec === undefined ? null : parseSpec(spec, specPath as string | undefined)
  const whole = wholeOf(log)
  if (whole instanceof MeteorLog && composites !== "join" && (known === null || isSameSpec(known, whole.spec))) {
    const sink = output.sink()
    const { rows } = await copyFrames(whole, sink)
    sink.close()
    writeSpec(whole.spec, output)
    return lostInDamage(whole, rows)
  }
  const losses: Loss[] = []
  const facts = await gatherFacts(log)
  const plan = planLog(log, facts, losses, { known, open: known === null, join: joinsLone(log, composites) })
  const base = baseOf(log, facts, losses)
  const sink = output.sink()
  sink.write(keptHeader(log, base, plan.spec) ?? headerBytes(log, base, plan.spec?.mark ?? null, losses))
  losses.push(...(await writeRows(log, plan, sink, { baseMs: base, near: facts.first * 1000 - base, begun: false })))
  sink.close()
  writeSpec(plan.spec, output)
  return [...losses, ...formLosses(log, "Meteor", { units: true, start: true })]
}

/** Writes a log's rows in time order. @returns what was rounded and dropped */
export async function writeRows(log: Log, plan: LogPlan, sink: Sink, clock: StampClock): Promise<Loss[]> {
  const frames = new FrameWriter(sink, clock)
  for await (const merged of mergeRows(log)) {
    const times = merged.chunks.map((chunk) => rowTimes(log.groups[chunk.group] as Group, chunk))
    for (let i = 0; i < merged.rows; i++) {
      const slot = merged.slot[i] as number
      const row = merged.row[i] as number
      const chunk = merged.chunks[slot] as Chunk
      frames.row(plan.channels[chunk.group] as LogPlan["channels"][number], chunk, row, (times[slot] as Float64Array)[row] as number)
    }
  }
  return frames.finish()
}

/** Writes the specification beside the log, if it has one. */
export function writeSpec(spec: MeteorSpec | null, output: Output): void {
  if (spec === null) return
  const side = output.sink(`${output.name.replace(/\.[^.]*$/, "")}.spec.json`)
  side.write(new TextEncoder().encode(`${JSON.stringify(optionsFile(spec, { reader: "fieldlog" }), null, 2)}\n`))
  side.close()
}

function lostInDamage(log: Log, rows: number): Loss[] {
  const damage = log.issues.filter(({ severity }) => severity === "error").length
  return damage === 0 ? [] : [{ kind: "rows", count: damage, text: `${damage} damaged places left out, ${rows} rows kept` }]
}

/** ms that are taken off every time: stamps are unsigned and count from the header's time. */
function baseOf(log: Log, { earliest, first }: LogFacts, losses: Loss[]): number {
  if (!log.groups.every(hasTime)) {
    losses.push({ kind: "form", count: 1, text: "the length of a tick is not known: 1 tick is written as 1 s" })
  }
  // A clock that goes back by more than a stamp can tell counts from its first row.
  const from = (first - earliest) * 1000 <= LONGEST_STEP_MS ? earliest : first
  if (from >= 0 && first < LATE_S) return 0
  const base = Math.floor(from)
  if (log.start === null) losses.push({ kind: "form", count: 1, text: `times are counted from ${base} s: Meteor's stamps have 32 bits` })
  return base * 1000
}

/** The header of the one log that all rows come from, where its name and times still hold; null where not. */
function keptHeader(log: Log, baseMs: number, written: MeteorSpec | null): Uint8Array | null {
  const { header, spec = null } = soleOrigin(log.groups) ?? {}
  if (header === undefined || baseMs !== 0 || log.start !== (header.start ?? spec?.start ?? null)) return null
  const name = shownName(header, spec)
  if ((name !== "" && name !== log.name) || (written?.mark ?? null) !== (spec?.mark ?? null)) return null
  const bytes = header.bytes.slice()
  bytes[fileHeader.fields.version.at] = 2
  return bytes
}

function headerBytes(log: Log, baseMs: number, mark: string | null, losses: Loss[]): Uint8Array {
  const name = nameBytes(log.name, mark, losses)
  const bytes = new Uint8Array(fileHeader.size + name.length)
  const view = new DataView(bytes.buffer)
  const date = dateOf(log, baseMs, losses)
  writeRecord(fileHeader, view, 0, { signature: Uint8Array.from(SIGNATURE), version: 2, ...date, nameLength: name.length })
  bytes.set(name, fileHeader.size)
  return bytes
}

/** Source: the reference program's writer: month 0 to 11, year minus 2000, ms since midnight. */
function dateOf(log: Log, baseMs: number, losses: Loss[]): { day: number; month: number; year: number; timeOfDay: number } {
  const unknown = { day: 0, month: 0, year: 0, timeOfDay: 0 }
  if (log.start === null) return unknown
  const ms = Number(log.start / NS_PER_MS) + baseMs
  if (log.start % NS_PER_MS !== 0n) losses.push({ kind: "form", count: 1, text: "the start is cut to 1 ms" })
  const date = new Date(ms)
  const year = date.getUTCFullYear() - 2000
  if (!(year >= 1 && year <= 255)) {
    losses.push({ kind: "form", count: 1, text: "start time dropped: Meteor has the years 2001 to 2255" })
    return unknown
  }
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
  return { day: date.getUTCDate(), month: date.getUTCMonth(), year, timeOfDay: ms - midnight }
}

/** At most 255 bytes with the mark of the specification, cut between characters. */
function nameBytes(name: string, mark: string | null, losses: Loss[]): Uint8Array {
  const encoder = new TextEncoder()
  const end = encoder.encode(mark === null ? "" : markedName("", mark))
  const bytes = new Uint8Array(MAX_DATA)
  const { read, written } = encoder.encodeInto(name, bytes.subarray(0, MAX_DATA - end.length))
  if (read < name.length) losses.push({ kind: "form", count: 1, text: `name cut to ${written} bytes` })
  bytes.set(end, written)
  return bytes.subarray(0, written + end.length)
}
