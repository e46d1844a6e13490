import { STREAM_INVENTORY, STREAM_TAGS } from "../../../shared/ddff/layout.js"
import { UnsupportedError } from "../../model/errors.js"
import type { Writer } from "../../model/format.js"
import type { Channel, Chunk, Group, Log } from "../../model/log.js"
import { tickAt } from "../../model/values.js"
import { dateOf } from "../../text/times.js"
import { UniqueNames } from "../../text/unique.js"
import { uniquelyNamed } from "../../views/unique-names.js"
import { BlockWriter, type Mark } from "./blocks/block-writer.js"
import type { BlockList } from "./blocks/blocks.js"
import { putOldTags, putTags } from "./inventory/tag-writer.js"
import { type Tag, tagOfAnnotation } from "./inventory/tags.js"
import { type Met, writeLosses } from "./losses.js"
import { type DdffOptions, readOptions } from "./options.js"
import { RecordBuffer } from "./records/encode.js"
import { labelText, nest, type Part } from "./records/label-text.js"

/** Streams have 16-bit ids. */
const MAX_STREAMS = 65_000

/** A group that is being written as a stream. */
interface Stream {
  readonly id: number
  readonly group: Group
  /** Index of the channel that is the record's span, -1 if no channel is: then the span is 0. */
  readonly span: number
  readonly parts: readonly Part[]
  lastTick: number
  firstTick: number
  /** How often the ticks have gone back: the number of the recording. */
  epoch: number
}

/** One recording of the file: a run of rows in which no stream's ticks go back. */
interface Recording {
  /** By stream id: where its first record begins. */
  readonly begins: Map<number, Mark>
  first: number
  last: number
}

type RecordingText = Pick<Tag, "label" | "time" | "inco">

/** What an existing file holds. */
interface Known {
  readonly tags: readonly Tag[]
  readonly lists: ReadonlyMap<number, BlockList>
  /** Keys of its inventory. */
  readonly keys: readonly string[]
  /** The stream that a group of this key goes on in; null for a new one. */
  idOf(key: string, group: Group): number | null
  /** The id of a new stream; null for the next of a new file. */
  newId(): number | null
}

const NEW_FILE: Known = { tags: [], lists: new Map(), keys: [], idOf: () => null, newId: () => null }

/** Writes any log as a ddff file that both reference readers accept. */
export const writeDdff: Writer = async (original, output, options) => {
  const { log, losses: nameLosses } = uniquelyNamed(original)
  const settings = readOptions(options)
  if (log.groups.length > MAX_STREAMS)
    throw new UnsupportedError(`${log.groups.length} groups, ddff has ids for ${MAX_STREAMS}`, { format: "ddff" })
  const sink = output.sink()
  const file = new DdffFile(new BlockWriter(sink, settings.block), settings)
  await file.copy(log)
  file.finish(
    localTime(log.start),
    log.annotations.map(tagOfAnnotation).filter((tag) => tag !== null),
  )
  sink.close()
  return [...writeLosses(log, file.met, settings), ...nameLosses()]
}

/** A ddff file being written: its streams, inventory and recordings. */
export class DdffFile {
  readonly met: Met = { missing: 0, wideTicks: 0, recordings: 0, renames: [] }
  private readonly streams: Stream[] = []
  private readonly recordings: Recording[] = []
  private readonly buffer = new RecordBuffer()
  /** Keys of all streams of the file: pyddff finds but the last of two equal ones. */
  private readonly fileKeys: UniqueNames
  /** Where streams that the file did not have begin, by id. */
  private readonly added = new Map<number, Mark>()

  /** @param known what the file holds, if it is appended to */
  constructor(
    private readonly blocks: BlockWriter,
    private readonly settings: DdffOptions,
    private readonly known: Known = NEW_FILE,
  ) {
    this.fileKeys = new UniqueNames({ taken: known.keys })
    if (settings.variant !== "base" && !blocks.has(STREAM_INVENTORY)) blocks.open(STREAM_INVENTORY)
    if (settings.variant === "tagged" && !blocks.has(STREAM_TAGS)) blocks.open(STREAM_TAGS)
  }

  /** @param log one in which no names are equal */
  async copy(log: Log): Promise<void> {
    for (const [i, group] of log.groups.entries()) this.stream(i, group)
    this.putSpecialStreams()
    for await (const chunk of log.chunks({ reuse: true })) {
      // A new group may have appeared.
      const stream = this.stream(chunk.group, log.groups[chunk.group] as Group)
      this.rows(stream, chunk)
    }
  }

  /**
   * Writes the tags and every stream's last block.
   * @param said what the log's source says about its recordings, used if their number is the same
   */
  finish(time: string, said: readonly RecordingText[] = []): void {
    for (const { id } of this.streams) this.blocks.close(id)
    if (this.settings.variant === "tagged") this.tags(time, said.length === this.recordings.length ? said : [])
    this.putSpecialStreams()
    this.blocks.flush()
  }

  /** Puts the inventory and the tags in front of the rows, as far as they are known. */
  private putSpecialStreams(): void {
    if (this.settings.variant !== "base") this.blocks.close(STREAM_INVENTORY)
    if (this.settings.variant === "tagged") this.blocks.close(STREAM_TAGS)
  }

  private stream(index: number, group: Group): Stream {
    const known = this.streams[index]
    if (known !== undefined) return known
    const old = this.known.idOf(group.name, group)
    const id = old ?? this.known.newId() ?? index + { base: 0, inventory: 1, tagged: 2 }[this.settings.variant]
    const stream = this.add(index, group, id, spanOf(group.channels))
    if (old !== null) return stream
    this.blocks.open(id)
    this.added.set(id, this.blocks.mark(id))
    if (this.settings.variant !== "base") {
      const key = this.fileKeys.take(group.name)
      this.met.renames.push([group.name, key])
      this.buffer.clear()
      this.buffer.array(3)
      this.buffer.text(key)
      this.buffer.uint(id)
      this.buffer.text(labelText(group, stream.parts, stream.span >= 0))
      this.blocks.record(STREAM_INVENTORY, this.buffer.record())
    }
    return stream
  }

  private add(index: number, group: Group, id: number, span: number): Stream {
    const data = group.channels.map((_, i) => i).filter((i) => i !== span)
    const stream = { id, group, span, parts: nest(data), lastTick: Number.NEGATIVE_INFINITY, firstTick: 0, epoch: -1 }
    this.streams[index] = stream
    return stream
  }

  private rows(stream: Stream, chunk: Chunk): void {
    const { buffer, blocks, met } = this
    const { id, span, parts, group } = stream
    for (let row = 0; row < chunk.rows; row++) {
      const tick = tickAt(chunk.ticks, row) ?? chunk.first + row
      this.recording(stream, Number(tick))
      if (tick < 0 || tick > 0xffffffff || !Number.isInteger(Number(tick))) met.wideTicks++
      buffer.clear()
      buffer.array(3)
      buffer.tick(tick)
      if (span >= 0 && chunk.missing[span]?.[row] !== 1) buffer.uint(Number(chunk.columns[span]?.[row]))
      else buffer.uint(0)
      this.data(group.channels, parts, chunk, row)
      blocks.record(id, buffer.record())
    }
  }

  private data(channels: readonly Channel[], parts: readonly Part[], chunk: Chunk, row: number): void {
    const { buffer, met } = this
    buffer.array(parts.length)
    for (const part of parts) {
      if ("parts" in part) {
        buffer.array(1)
        this.data(channels, part.parts, chunk, row)
        continue
      }
      const i = part.channel
      if (chunk.missing[i]?.[row] === 1) {
        buffer.nil()
        met.missing++
      } else {
        buffer.value((channels[i] as Channel).type, chunk.columns[i] as Chunk["columns"][number], row)
      }
    }
  }

  /** Begins a recording where a stream's ticks go back. A tick that is no number says nothing. */
  private recording(stream: Stream, tick: number): void {
    const isTick = Number.isFinite(tick)
    if (stream.epoch < 0 || (isTick && tick < stream.lastTick)) {
      stream.epoch++
      this.recordings[stream.epoch] ??= { begins: new Map(), first: Number.POSITIVE_INFINITY, last: 0 }
      ;(this.recordings[stream.epoch] as Recording).begins.set(stream.id, this.blocks.mark(stream.id))
    }
    if (!isTick) return
    stream.lastTick = tick
    const recording = this.recordings[stream.epoch] as Recording
    if (tick < recording.first) recording.first = tick
    if (tick > recording.last) recording.last = tick
  }

  private tags(time: string, said: readonly RecordingText[]): void {
    const { tags, lists } = this.known
    const texts = this.recordings.map(({ first, last }, i) => {
      const number = tags.length + i
      const label = number === 0 ? this.settings.label : `${this.settings.label}_${String(number).padStart(6, "0")}`
      return { index0: inTag(Math.floor(Math.min(first, last))), index1: inTag(Math.ceil(last)), time, label, inco: "", ...said[i] }
    })
    this.met.recordings = said.length
    const old = lists.get(STREAM_TAGS)
    if (old !== undefined && this.added.size > 0) {
      this.blocks.open(STREAM_TAGS, old.size[0], [...old.at.subarray(0, old.count)])
      putOldTags(this.blocks, tags, lists, this.added)
    }
    const marks = this.recordings.map(({ begins }) => begins)
    putTags(this.blocks, texts, marks, [...lists.keys(), ...this.streams.map(({ id }) => id)], tags.length)
  }
}

/** A tick as tags have it: pyddff leaves out the rows of a recording outside `index0` to `index1`. */
function inTag(tick: number): number {
  return Math.min(0xffffffff, Math.max(0, tick))
}

/** The channel that our reader makes of a record's span. */
export function spanOf(channels: readonly Channel[]): number {
  const last = channels.length - 1
  const channel = channels[last]
  return channel !== undefined && channel.type === "u32" && (channel.name === "span" || channel.name === "record.span") ? last : -1
}

/** `YYYY-MM-DD HH:MM:SS` in UTC, as the tag has no zone; empty if the log has no start. */
export function localTime(start: bigint | null): string {
  if (start === null) return ""
  return dateOf(start)?.toISOString().slice(0, 19).replace("T", " ") ?? ""
}
