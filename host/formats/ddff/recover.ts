import { STREAM_INVENTORY, STREAM_TAGS } from "../../../shared/ddff/layout.js"
import type { Sink } from "../../bytes/sink.js"
import type { Source } from "../../bytes/source.js"
import type { OpenOptions, Output, Rescue } from "../../model/format.js"
import { holesOf } from "../../model/issues.js"
import { BlockWriter, type Mark } from "./blocks/block-writer.js"
import type { Payload } from "./blocks/payload.js"
import { putTags, type RecordingMarks } from "./inventory/tag-writer.js"
import { type DdffLog, openDdff } from "./read.js"
import { isRecord } from "./records/odd-row.js"
import { type RawRecord, rawRecords } from "./records/records.js"

/** Records taken from a stream before the next stream's turn. */
const TURN = 256

/**
 * Saves what a damaged file holds into a sound one of the same variant: every whole record of every stream byte for
 * byte, in blocks of the stream's old size, with new chain pointers and block numbers, and tags that point at their own
 * recordings. Values that are not records of their stream are left out and listed among the holes.
 * @throws FormatError if no sound block is found
 */
export async function recoverDdff(source: Source, output: Output, options: OpenOptions): Promise<Rescue> {
  const log = await openDdff(source, { ...options, recording: undefined })
  const sink = output.sink()
  try {
    const rows = await rewrite(log, sink)
    sink.close()
    return { rows, holes: holesOf(log.issues) }
  } catch (error) {
    sink.abort()
    throw error
  }
}

/** Copies all records of a log; returns how many of them are rows. */
async function rewrite(log: DdffLog, sink: Sink): Promise<number> {
  const { variant } = log.structure
  const sizes = [...log.scan.sizes]
  const blocks = new BlockWriter(sink, Math.min(...sizes))
  if (variant !== "base") await copyInventory(log, blocks)
  if (variant === "tagged") {
    blocks.open(STREAM_TAGS)
    blocks.close(STREAM_TAGS)
  }
  const cuts = variant === "tagged" ? await log.recordings() : []
  const copies = log.streams.map((_, i) => new Copy(log, i, blocks, cuts[i]?.rows ?? []))
  for (;;) {
    // The stream that lags behind in the file goes first, so that the new file is interleaved like the old one.
    const open = copies.filter((copy) => !copy.ended)
    if (open.length === 0) break
    await open.reduce((a, b) => (b.at < a.at ? b : a)).turn()
  }
  for (const copy of copies) copy.close()
  if (variant === "tagged") {
    const marks = recordingMarks(copies)
    putTags(
      blocks,
      log.structure.tags,
      marks,
      copies.map(({ id }) => id),
    )
    blocks.close(STREAM_TAGS)
  }
  blocks.flush()
  return copies.reduce((sum, { rows }) => sum + rows, 0)
}

async function copyInventory(log: DdffLog, blocks: BlockWriter): Promise<void> {
  blocks.open(STREAM_INVENTORY)
  const entries = new Set(log.structure.inventory?.entries.map(({ at }) => at))
  const payload = log.payload(STREAM_INVENTORY)
  for await (const { from, to } of rawRecords(payload)) {
    if (entries.has(payload.fileOffset(from))) blocks.record(STREAM_INVENTORY, payload.bytes.subarray(from, to))
  }
  blocks.close(STREAM_INVENTORY)
}

/** One stream that is being copied into the new file. */
class Copy {
  readonly id: number
  /** File offset reached in the old file. */
  at = 0
  rows = 0
  ended = false
  /** Where each recording begins in the new file. */
  readonly begins: Mark[] = []
  private readonly payload: Payload
  private readonly records: AsyncIterator<RawRecord>

  constructor(
    private readonly log: DdffLog,
    private readonly index: number,
    private readonly blocks: BlockWriter,
    private readonly cuts: readonly number[],
  ) {
    this.id = log.groups[index]?.id as number
    this.payload = log.payload(this.id)
    this.records = rawRecords(this.payload, (what) => log.tellLost(index, what))[Symbol.asyncIterator]()
    blocks.open(this.id, this.payload.blocks.count > 0 ? (this.payload.blocks.size[0] as number) : undefined)
  }

  async turn(): Promise<void> {
    const { schema } = this.log.streams[this.index] as DdffLog["streams"][number]
    for (let n = 0; n < TURN; n++) {
      const next = await this.records.next()
      if (next.done === true) {
        this.ended = true
        this.log.reportStrangers()
        return
      }
      const { from, to } = next.value
      const { bytes } = this.payload
      this.at = this.payload.fileOffset(from)
      if (!isRecord(schema, bytes, from, to)) {
        this.log.reportStranger(this.index, this.at, to - from)
        continue
      }
      this.begin()
      this.rows++
      this.blocks.record(this.id, bytes.subarray(from, to))
    }
  }

  close(): void {
    this.blocks.close(this.id)
  }

  /** Marks the place where a recording begins; an empty one begins where the next does. */
  private begin(): void {
    for (let k = this.begins.length; this.cuts[k] === this.rows; k++) this.begins.push(this.blocks.mark(this.id))
  }
}

function recordingMarks(copies: readonly Copy[]): RecordingMarks[] {
  const count = Math.max(0, ...copies.map(({ begins }) => begins.length))
  return Array.from(
    { length: count },
    (_, k) => new Map(copies.flatMap(({ id, begins }) => (begins[k] === undefined ? [] : [[id, begins[k]] as const]))),
  )
}
