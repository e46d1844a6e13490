import { zeros } from "../bytes/filled.js"
import type { Sink } from "../bytes/sink.js"
import type { Output, WriteOptions } from "../model/format.js"
import type { Channel, Chunk, Group, Log, Loss, Values, Wire } from "../model/log.js"
import { counting, formLosses, tickLosses } from "../model/losses.js"
import { hasTime, rowTimes } from "../model/time.js"
import { isNumeric, storageOf } from "../model/wire.js"
import { otherText } from "../text/cells.js"
import { joinBytes } from "../text/hex.js"
import { encoded } from "../text/text-buffer.js"
import { uniquelyNamed } from "../views/unique-names.js"
import { byteLengths } from "./parts/byte-lengths.js"
import {
  type BlockPlace,
  CHANNEL_FLAGS_AT,
  type ChannelData,
  CYCLE_COUNT_AT,
  channelData,
  channelGroupData,
  headerData,
  historyData,
  identification,
  linearData,
  markerData,
  setLink,
  writeBlock,
  writeDataList,
  writeText,
  writeXml,
  xmlText,
} from "./parts/mdf-block.js"
import { logMetadata } from "./parts/metadata.js"
import { exportOptions } from "./parts/options.js"

/** Bytes gathered into one data block, over all groups. */
const GATHERED = 32 * 1024 * 1024

/**
 * ASAM MDF 4.10: a data group per group with its time as master channel, stored integers with linear conversions,
 * units, gaps as invalidation bits, text as variable-length data, annotations as marker events; the rest is JSON in
 * the header's comment. Bytes of one length are a byte array; those of different lengths are hex digits, as readers (asammdf 8.8) fill
 * byte arrays with zeros to the longest. Streams: data blocks as they fill, tied together by lists at the end; a log with bytes is read
 * twice.
 */
export async function writeMdf(original: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const { log, losses: nameLosses } = uniquelyNamed(original, ["time"])
  const { selection, raw } = exportOptions(options)
  await log.survey()
  const lengths = await byteLengths(log, selection)
  const sink = output.sink()
  sink.write(identification())
  const hasStart = log.start !== null && log.start >= 0n && log.start < 2n ** 64n
  const start = hasStart ? (log.start as bigint) : 0n
  const header = writeBlock(sink, "HD", [0, 0, 0, 0, 0, 0], headerData(start))
  const toolComment =
    "<FHcomment><TX>converted</TX><tool_id>fieldlog</tool_id><tool_vendor>fieldlog</tool_vendor><tool_version>4.10</tool_version></FHcomment>"
  const comment = writeXml(sink, toolComment)
  setLink(sink, header, 1, writeBlock(sink, "FH", [0, comment], historyData(start)).at)

  const chosen = selection.groups ?? [...log.groups.keys()]
  const gather = Math.max(4096, Math.floor(GATHERED / Math.max(1, chosen.length)))
  const groups = new Map<number, GroupWriter>()
  let before: { place: BlockPlace; link: number } = { place: header, link: 0 }
  for (const g of chosen) {
    const writer = new GroupWriter(sink, log.groups[g] as Group, lengths.get(g) ?? [], raw, Math.min(gather, 1024 * 1024))
    setLink(sink, before.place, before.link, writer.dataGroup.at)
    before = { place: writer.dataGroup, link: 0 }
    groups.set(g, writer)
  }
  for await (const chunk of log.chunks(selection)) groups.get(chunk.group)?.write(chunk)
  for (const writer of groups.values()) writer.finish()
  const hex = [...groups.values()].reduce((sum, writer) => sum + writer.hexValues, 0)
  const far = writeEvents(sink, header, log)
  const properties = `<common_properties><e name="fieldlog">${xmlText(logMetadata(log, []))}</e></common_properties>`
  setLink(sink, header, 5, writeXml(sink, `<HDcomment><TX>${xmlText(log.name)}</TX>${properties}</HDcomment>`))
  sink.close()
  const written = chosen.map((g) => log.groups[g] as Group)
  return [
    ...formLosses(log, "MDF", { units: true, annotations: true, userData: true, utc: true, start: hasStart, since1970: true }),
    ...nameLosses(),
    ...tickLosses(written, "ticks stand in the place of seconds"),
    ...counting({ kind: "form", count: hex, text: `${hex} values of bytes written as hex digits: their lengths differ` }),
    ...counting({
      kind: "form",
      count: far,
      text: `${far === 1 ? "1 annotation" : `${far} annotations`} dropped: 64 bits of ns hold 292 years at most`,
    }),
  ]
}

/** @returns annotations that are too far from the start to be written */
function writeEvents(sink: Sink, header: BlockPlace, log: Log): number {
  let far = 0
  let before: { place: BlockPlace; link: number } = { place: header, link: 4 }
  for (const { time, text } of log.annotations) {
    const after = Math.round((time ?? 0) * 1e9)
    if (!(Math.abs(after) < 2 ** 63)) {
      far++
      continue
    }
    const ns = BigInt(after)
    const name = writeText(sink, text === "" ? "annotation" : text)
    const event = writeBlock(sink, "EV", [0, 0, 0, name, 0], markerData(ns))
    setLink(sink, before.place, before.link, event.at)
    before = { place: event, link: 0 }
  }
  return far
}

/** A channel's place in a record. */
interface Field {
  readonly channel: Channel
  readonly offset: number
  /** Bytes of a value in the record, where it is a byte array; else null. */
  readonly array: number | null
  readonly place: BlockPlace
  /** The data block of variable-length values. */
  readonly texts: DataBlocks | null
  hasMissing: boolean
}

/** One group on its way into the file: records gathered into data blocks. */
class GroupWriter {
  readonly dataGroup: BlockPlace
  private readonly channelGroup: BlockPlace
  private readonly fields: Field[]
  private readonly recordBytes: number
  private readonly dataBytes: number
  private readonly data: DataBlocks
  private rows = 0
  /** Values of bytes that became hex digits. */
  hexValues = 0

  constructor(
    private readonly sink: Sink,
    private readonly group: Group,
    lengths: readonly (number | null)[],
    raw: boolean,
    gather: number,
  ) {
    const { offsets, dataBytes, recordBytes } = recordLayout(group, lengths)
    this.dataBytes = dataBytes
    this.recordBytes = recordBytes
    const invalidBytes = recordBytes - dataBytes
    this.dataGroup = writeBlock(sink, "DG", [0, 0, 0, 0], new Uint8Array(8))
    const name = writeText(sink, group.name)
    this.channelGroup = writeBlock(sink, "CG", [0, 0, name, 0, 0, 0], channelGroupData(dataBytes, invalidBytes))
    setLink(sink, this.dataGroup, 1, this.channelGroup.at)
    this.data = new DataBlocks(sink, "DT", gather)

    const timeName = writeText(sink, "time")
    const timeUnit = writeText(sink, hasTime(group) ? "s" : "")
    const time: ChannelData = { kind: 2, dataType: 4, byteOffset: 0, bits: 64, invalidBit: null }
    let last = writeBlock(sink, "CN", [0, 0, timeName, 0, 0, 0, timeUnit, 0], channelData(time))
    setLink(sink, this.channelGroup, 1, last.at)
    this.fields = group.channels.map((channel, c) => {
      const array = arrayBytes(lengths[c])
      const place = writeChannel(sink, channel, { byteOffset: offsets[c] as number, invalidBit: c, array }, raw)
      setLink(sink, last, 0, place.at)
      last = place
      const texts = isNumeric(channel.type) || array !== null ? null : new DataBlocks(sink, "SD", gather)
      return { channel, offset: offsets[c] as number, array, place, texts, hasMissing: false }
    })
  }

  write(chunk: Chunk): void {
    const { recordBytes } = this
    const records = new ArrayBuffer(chunk.rows * recordBytes)
    scatter(new Float64Array(records), rowTimes(this.group, chunk), 0, recordBytes / 8)
    const bytes = new Uint8Array(records)
    for (const [c, field] of this.fields.entries()) {
      const values = chunk.columns[c] as Values
      const missing = chunk.missing[c] ?? null
      if (field.array !== null) scatterArrays(bytes, values as Uint8Array[], missing, field, recordBytes)
      else if (field.texts !== null) this.hexValues += scatterTexts(records, values as unknown[], missing, field, recordBytes)
      else scatterColumn(records, values, field.offset, recordBytes)
      if (missing === null) continue
      const at = this.dataBytes + (c >> 3)
      const bit = 1 << (c & 7)
      for (let i = 0; i < missing.length; i++) {
        if (missing[i] !== 1) continue
        field.hasMissing = true
        bytes[i * recordBytes + at] = (bytes[i * recordBytes + at] as number) | bit
      }
    }
    this.data.write(bytes)
    this.rows += chunk.rows
  }

  finish(): void {
    setLink(this.sink, this.dataGroup, 2, this.data.finish())
    const { bytes: count, view: countView } = zeros(8)
    countView.setBigUint64(0, BigInt(this.rows), true)
    this.sink.patch(this.channelGroup.data + CYCLE_COUNT_AT, count)
    for (const { place, texts, hasMissing } of this.fields) {
      if (texts !== null) setLink(this.sink, place, 5, texts.finish())
      if (!hasMissing) this.sink.patch(place.data + CHANNEL_FLAGS_AT, new Uint8Array(4))
    }
  }
}

/** Fields on their natural bounds behind the time, then a bit per channel for gaps; a record fills whole 8 bytes. */
function recordLayout(group: Group, lengths: readonly (number | null)[]): { offsets: number[]; dataBytes: number; recordBytes: number } {
  let at = 8
  const offsets = group.channels.map(({ type }, c) => {
    const array = arrayBytes(lengths[c])
    const size = array ?? fieldBytes(type)
    const offset = array === null ? Math.ceil(at / size) * size : at
    at = offset + size
    return offset
  })
  const invalidBytes = Math.ceil(group.channels.length / 8)
  const recordBytes = Math.ceil((at + invalidBytes) / 8) * 8
  return { offsets, dataBytes: recordBytes - invalidBytes, recordBytes }
}

/** Longest value that stands in the record itself. */
const LONGEST_ARRAY = 4096

/** Bytes of a byte array in the record; null for values that have their place elsewhere. An array of no bytes is none. */
function arrayBytes(length: number | null | undefined): number | null {
  return length === null || length === undefined || length === 0 || length > LONGEST_ARRAY ? null : length
}

/** Bytes of a value in a record; text and bytes have the place of their data there. */
function fieldBytes(type: Wire): number {
  const storage = storageOf(type)
  return isNumeric(type) ? Number(storage.slice(1)) / 8 : 8
}

function dataType(type: Wire): ChannelData["dataType"] {
  if (!isNumeric(type)) return 7
  const kind = storageOf(type)[0]
  return kind === "f" ? 4 : kind === "i" ? 2 : 0
}

/** Where a channel's values stand in a record. */
interface ChannelPlace extends Pick<Field, "array"> {
  readonly byteOffset: number
  readonly invalidBit: number
}

function writeChannel(sink: Sink, channel: Channel, { byteOffset, invalidBit, array }: ChannelPlace, raw: boolean): BlockPlace {
  const { type, calibration } = channel
  const name = writeText(sink, channel.name)
  const unit = writeText(sink, channel.unit)
  const about = writeText(sink, channel.notes.description ?? "")
  let conversion = 0
  if (calibration !== null && !raw && isNumeric(type)) {
    const factor = calibration.multiplier / calibration.divisor
    conversion = writeBlock(
      sink,
      "CC",
      [0, 0, 0, 0],
      linearData((calibration.addition / calibration.divisor) * calibration.multiplier, factor),
    ).at
  }
  const form: Pick<ChannelData, "kind" | "dataType" | "bits"> =
    array === null
      ? { kind: isNumeric(type) ? 0 : 1, dataType: dataType(type), bits: fieldBytes(type) * 8 }
      : { kind: 0, dataType: 10, bits: array * 8 }
  const data = channelData({ ...form, byteOffset, invalidBit })
  return writeBlock(sink, "CN", [0, 0, name, 0, conversion, 0, unit, about], data)
}

/** Puts a column into records through a view of its own type: every field stands on its bound. */
function scatterColumn(records: ArrayBuffer, values: Values, offset: number, recordBytes: number): void {
  const view = new (values.constructor as new (buffer: ArrayBuffer) => Float64Array)(records)
  const size = view.BYTES_PER_ELEMENT
  scatter(view, values as Float64Array, offset / size, recordBytes / size)
}

function scatter(target: Float64Array, values: Float64Array, from: number, stride: number): void {
  for (let i = 0, at = from; i < values.length; i++, at += stride) target[at] = values[i] as number
}

function scatterArrays(
  bytes: Uint8Array,
  values: readonly Uint8Array[],
  missing: Uint8Array | null,
  { offset }: Field,
  recordBytes: number,
): void {
  for (const [i, value] of values.entries()) if (missing?.[i] !== 1) bytes.set(value, i * recordBytes + offset)
}

/** Variable-length values: the record holds the offset of `length, bytes` in the channel's own data. @returns values of bytes, which became hex digits */
function scatterTexts(
  records: ArrayBuffer,
  values: readonly unknown[],
  missing: Uint8Array | null,
  field: Field,
  recordBytes: number,
): number {
  const view = new DataView(records)
  const texts = field.texts as DataBlocks
  let hex = 0
  for (const [i, value] of values.entries()) {
    view.setBigUint64(i * recordBytes + field.offset, BigInt(texts.size), true)
    const present = missing?.[i] !== 1
    if (present && value instanceof Uint8Array && value.length > 0) hex++
    const body = encoded(`${present ? otherText(value) : ""}\0`)
    const { bytes: entry, view: entryView } = zeros(4 + body.length)
    entryView.setUint32(0, body.length, true)
    entry.set(body, 4)
    texts.write(entry)
  }
  return hex
}

/** Bytes that become one block, or several under a list. */
class DataBlocks {
  /** Bytes written so far. */
  size = 0
  private readonly blocks: number[] = []
  private readonly offsets: number[] = []
  private pending: Uint8Array[] = []
  private pendingBytes = 0

  constructor(
    private readonly sink: Sink,
    private readonly id: string,
    private readonly gather: number,
  ) {}

  write(bytes: Uint8Array): void {
    this.pending.push(bytes)
    this.pendingBytes += bytes.length
    this.size += bytes.length
    if (this.pendingBytes >= this.gather) this.flush()
  }

  /** @returns the offset of the block or list; 0 if there is no data */
  finish(): number {
    this.flush()
    if (this.blocks.length <= 1) return this.blocks[0] ?? 0
    return writeDataList(this.sink, this.blocks, this.offsets)
  }

  private flush(): void {
    if (this.pendingBytes === 0) return
    this.offsets.push(this.size - this.pendingBytes)
    this.blocks.push(writeBlock(this.sink, this.id, [], joinBytes(this.pending)).at)
    this.pending = []
    this.pendingBytes = 0
  }
}
