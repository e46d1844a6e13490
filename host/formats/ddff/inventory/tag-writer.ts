import { STREAM_TAGS } from "../../../../shared/ddff/layout.js"
import type { BlockWriter, Mark } from "../blocks/block-writer.js"
import { RecordBuffer } from "../records/encode.js"
import type { Tag } from "./tags.js"

/** By stream id: where a recording's first record begins, null if it has no record there. */
export type RecordingMarks = ReadonlyMap<number, Mark | null>

/** The members of a tag beside the places. */
type TagText = Pick<Tag, "index0" | "index1" | "time" | "label" | "inco">

/** The tag of a recording that was never finished: the reader takes everything up to the end. */
const UNFINISHED: TagText = { index0: 0, index1: 0xffffffff, time: "", label: "unfinished", inco: "" }

/**
 * Writes a tag for every recording to stream 1; the data streams' marked blocks must be placed.
 * @param texts texts of the recordings that have a tag already, in order
 * @param first number of the first recording
 */
export function putTags(
  blocks: BlockWriter,
  texts: readonly TagText[],
  recordings: readonly RecordingMarks[],
  ids: readonly number[],
  first = 0,
): void {
  const buffer = new RecordBuffer()
  const all = Array.from({ length: Math.max(STREAM_TAGS, ...ids) - STREAM_TAGS }, (_, i) => STREAM_TAGS + 1 + i)
  for (const [i, marks] of recordings.entries()) {
    const places = all.map((id) => placeOf(blocks, id, marks.get(id) ?? null))
    const { index0, index1, time, label, inco } = texts[i] ?? UNFINISHED
    buffer.clear()
    buffer.array(8)
    buffer.array(all.length)
    for (const { offset } of places) buffer.uint(offset)
    buffer.array(all.length)
    for (const { inblock } of places) buffer.uint(inblock)
    buffer.uint(first + i)
    buffer.uint(index0)
    buffer.uint(index1)
    for (const text of [time, label, inco]) buffer.text(text)
    blocks.record(STREAM_TAGS, buffer.record())
  }
}

function placeOf(blocks: BlockWriter, id: number, mark: Mark | null): { offset: number; inblock: number } {
  const offset = mark === null ? 0 : blocks.offsetOf(id, mark)
  return { offset, inblock: offset === 0 || mark === null ? 0 : mark.offset }
}
