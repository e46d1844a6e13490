import { fileHeader } from "../../../shared/meteor/layout.js"
import type { Source } from "../../bytes/source.js"
import { findingOf } from "../../model/findings.js"
import type { Finding, OpenOptions } from "../../model/format.js"
import { IssueList } from "../../model/issues.js"
import { type MeteorLog, openMeteor } from "./read.js"
import { BLOCK, Scan } from "./scan/scan.js"
import { Slots } from "./scan/slots.js"

/** The field of a frame that a rule is about. */
const FIELDS: Readonly<Record<string, string>> = {
  backward: "timestamp",
  "clock-step": "timestamp",
  "clock-wrap": "timestamp",
  "odd-stamp": "timestamp",
  pause: "timestamp",
  "unknown-type": "type",
  "unknown-id": "id",
  "mended-length": "length",
  "composite-length": "length",
  "topic-length": "length",
  "no-number": "length",
  "unspecified-topic": "id",
  gap: "header",
  truncated: "data",
  "unused-tail": "header",
}

/**
 * Every rule that a file breaks, in file order: what the header, the specification and each frame should be and are.
 * Rules that a file may break by the thousand come once, at their first place, with their count.
 */
export async function* checkMeteor(source: Source, options: OpenOptions): AsyncIterable<Finding> {
  const log = await openMeteor(source, options)
  await log.survey()
  const issues = [...log.issues].sort((a, b) => a.at - b.at)
  const places = issues.map(({ at }) => at).filter((at) => at >= log.header.bytes.length)
  const numbers = await frameNumbers(log, places)
  for (const issue of issues) yield findingOf(issue, place(issue.kind, issue.at, log.header.bytes.length, numbers))
}

function place(kind: string, at: number, headerSize: number, numbers: ReadonlyMap<number, number>): string {
  if (at < 0) return kind.startsWith("spec-") ? "specification" : "file"
  if (at < headerSize) {
    const field = Object.entries(fileHeader.fields).find(([, { at: start }], i, all) => at >= start && at < (all[i + 1]?.[1].at ?? 22))
    return `header, ${field?.[0] ?? "name"}`
  }
  const field = FIELDS[kind]
  return `frame ${numbers.get(at) ?? 0}${field === undefined ? "" : `, ${field}`}`
}

/** Number of topic and composite frames before each place. @param places in file order */
async function frameNumbers(log: MeteorLog, places: readonly number[]): Promise<Map<number, number>> {
  const numbers = new Map<number, number>()
  if (places.length === 0) return numbers
  const slots = new Slots(log.spec, () => 0, BLOCK)
  const scan = new Scan(log.source, log.header, slots, new IssueList())
  let before = 0
  let next = 0
  for (let batch = await scan.next(); batch !== null; batch = await scan.next()) {
    for (; next < places.length && (places[next] as number) < scan.position; next++) {
      const at = (places[next] as number) - batch.base
      let inside = 0
      for (const { index } of slots.list) {
        const from = index * slots.stride
        for (let k = from; k < from + slots.count(index); k++) if ((batch.offsets[k] as number) < at) inside++
      }
      numbers.set(places[next] as number, before + inside)
    }
    for (const { index } of slots.list) before += slots.count(index)
  }
  for (; next < places.length; next++) numbers.set(places[next] as number, before)
  return numbers
}
