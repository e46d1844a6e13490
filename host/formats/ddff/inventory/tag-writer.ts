import { STREAM_TAGS } from "../../../../shared/ddff/layout.js"
import type { BlockWriter, Mark } from "../blocks/block-writer.js"
import type { BlockList } from "../blocks/blocks.js"
import { RecordBuffer } from "../records/encode.js"
import type { Tag } from "./tags.js"

/** By stream id: where a recording's first record begins; absent if the stream ended before the recording. */
export type RecordingMarks = ReadonlyMap<number, Mark>

/** The members of a tag beside the places. */
type TagText = Pick<Tag, "index0" | "index1" | "time" | "label" | "inco">

/** The tag of a recording that was never finished: the reader takes everything up to the end. */
const UNFINISHED: TagText = { index0: 0, index1: 0xffffffff, time: "", label: "unfinished", inco: "" }

/**
 * Writes a tag for every recording to stream 1; the data streams' blocks must be placed. A recording's place in a stream is that of the
 * next record, or the stream's end: pyddff demands a block of every stream, the first one in the first tag.
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
  const all = dataIds(ids)
  for (const [i, marks] of recordings.entries()) {
    const places = all.map((id) => blocks.placeOf(id, marks.get(id) ?? null))
    putTag(blocks, { ...(texts[i] ?? UNFINISHED), ...columns(places), cycle: first + i })
  }
}

/**
 * Writes the tags of a file again, with a place for streams that came later: their first block, which pyddff looks up in the first tag.
 * @param lists the file's old streams; their places stay, and those of tags from before 2025 become a block and an offset in it
 */
export function putOldTags(
  blocks: BlockWriter,
  tags: readonly Tag[],
  lists: ReadonlyMap<number, BlockList>,
  added: ReadonlyMap<number, Mark>,
): void {
  const all = dataIds([...lists.keys(), ...added.keys()])
  for (const tag of tags) {
    const places = all.map((id, k) => {
      const mark = added.get(id)
      return mark === undefined ? oldPlace(tag, k, lists.get(id)) : blocks.placeOf(id, mark)
    })
    putTag(blocks, { ...tag, ...columns(places) })
  }
}

interface Place {
  readonly offset: number
  readonly inblock: number
}

function oldPlace({ offsets, inblock }: Tag, k: number, list: BlockList | undefined): Place {
  const offset = offsets[k] ?? 0
  if (offset === 0 || inblock.length > 0) return { offset, inblock: inblock[k] ?? 0 }
  const i = list?.indexAt(offset) ?? -1
  const block = i < 0 ? offset : (list?.at[i] as number)
  return { offset: block, inblock: offset - block }
}

/** The ids that a tag has a place for, in order: all from the first data stream to the last. */
function dataIds(ids: readonly number[]): number[] {
  return Array.from({ length: Math.max(STREAM_TAGS, ...ids) - STREAM_TAGS }, (_, i) => STREAM_TAGS + 1 + i)
}

function columns(places: readonly Place[]): Pick<Tag, "offsets" | "inblock"> {
  return { offsets: places.map(({ offset }) => offset), inblock: places.map(({ inblock }) => inblock) }
}

function putTag(blocks: BlockWriter, tag: Omit<Tag, "at">): void {
  const buffer = new RecordBuffer()
  buffer.array(8)
  for (const list of [tag.offsets, tag.inblock]) {
    buffer.array(list.length)
    for (const number of list) buffer.uint(number)
  }
  for (const number of [tag.cycle, tag.index0, tag.index1]) buffer.uint(number)
  for (const text of [tag.time, tag.label, tag.inco]) buffer.text(text)
  blocks.record(STREAM_TAGS, buffer.record())
}
