import { STREAM_INVENTORY, STREAM_TAGS } from "../../../shared/ddff/layout.js"
import type { Findings } from "../../model/findings.js"
import type { BlockList } from "./blocks/blocks.js"
import { headAt, skip } from "./blocks/msgpack.js"
import type { DdffLog } from "./read.js"
import { isRecord } from "./records/odd-row.js"
import { rawRecords } from "./records/records.js"

/** By block index: the offset in the block of the first record that begins in it; blocks in which none begins are absent. */
export type RecordStarts = ReadonlyMap<number, number>

/** Larger arrays and maps cannot be replayed by DUECA. */
const MAX_REPLAYED = 15

/** A rule, how often the records of a stream break it, and where first. */
interface Occurrences {
  readonly severity: "error" | "warning"
  readonly rule: string
  readonly text: string
  at: number
  count: number
}

/** Walks all records of a stream and finds undecodable bytes, values that are not rows, and records that DUECA's replay or pyddff cannot take. */
export async function checkRecords(log: DdffLog, blocks: BlockList, found: Findings): Promise<RecordStarts> {
  const stream = log.streams.find(({ group }) => group.id === blocks.id)
  const name = stream?.group.name ?? specialName(blocks.id)
  const payload = log.payload(blocks.id)
  const starts = new Map<number, number>()
  const occurrences = {
    stranger: none("error", "record-form", "values that are no record, expected [tick, data] or [tick, span, data] of the stream"),
    short: none("warning", "record-elements", "records of 2 elements, expected 3: pyddff's tagged and inventory views need the span"),
    fixint: none("warning", "negative-fixint", "negative numbers in one byte, expected d0 to d2: DUECA replays -1 as -31"),
    large: none("warning", "large-array", `arrays or maps with more elements than the expected ${MAX_REPLAYED}: DUECA cannot replay them`),
  }
  let block = 0
  const lost = rawRecords(payload, ({ at, length, kind }) => {
    found.add(kind, "error", at, `${name}, record`, `${length} bytes, expected whole msgpack values`)
  })
  for await (const { from, to } of lost) {
    const at = payload.fileOffset(from)
    while (block < blocks.count && !within(blocks, block, at)) block++
    if (!starts.has(block)) starts.set(block, at - (blocks.at[block] as number))
    if (stream === undefined) continue
    const { bytes } = payload
    if (!isRecord(stream.schema, bytes, from, to)) {
      count(occurrences.stranger, at)
      continue
    }
    const head = headAt(bytes, from)
    if (head?.length === 2 && log.structure.variant !== "base") count(occurrences.short, at)
    judgeForms(bytes, from, to, at, occurrences)
  }
  for (const { severity, rule, text, at, count } of Object.values(occurrences)) {
    if (count > 0) found.add(rule, severity, at, `${name}, record`, `${count} ${text}; here the first`)
  }
  return starts
}

function specialName(id: number): string {
  return id === STREAM_INVENTORY ? "inventory" : id === STREAM_TAGS ? "tags" : `stream ${id}`
}

function none(severity: Occurrences["severity"], rule: string, text: string): Occurrences {
  return { severity, rule, text, at: -1, count: 0 }
}

function count(seen: Occurrences, at: number): void {
  if (seen.count++ === 0) seen.at = at
}

function within(blocks: BlockList, i: number, at: number): boolean {
  const from = blocks.at[i] as number
  return at >= from && at < from + (blocks.size[i] as number)
}

/** Looks at every value of a record, the nested ones too. */
function judgeForms(
  bytes: Uint8Array,
  from: number,
  to: number,
  at: number,
  occurrences: { fixint: Occurrences; large: Occurrences },
): void {
  for (let p = from; p < to; ) {
    const head = headAt(bytes, p)
    if (head === null) {
      if ((bytes[p] as number) >= 0xe0) count(occurrences.fixint, at)
      p = skip(bytes, p, to)
    } else if (head.kind === "array" || head.kind === "map") {
      if (head.length > MAX_REPLAYED) count(occurrences.large, at)
      p = head.at
    } else {
      p = head.at + head.length
    }
  }
}
