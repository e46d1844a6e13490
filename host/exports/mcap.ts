import { type IWritable, McapWriter } from "@mcap/core"
import type { Compressors } from "../bytes/compressors.js"
import type { Sink } from "../bytes/sink.js"
import type { Output, WriteOptions } from "../model/format.js"
import type { Annotation, Channel, Group, Log, Loss } from "../model/log.js"
import { counting, formLosses, instantLosses, tickLosses } from "../model/losses.js"
import { instantsOf, NO_INSTANT } from "../model/time.js"
import { encoded, MessageText } from "../text/text-buffer.js"
import { mergeRows } from "../views/merge.js"
import { uniquelyNamed } from "../views/unique-names.js"
import { prepareChunk } from "./parts/columns.js"
import { type JsonShape, jsonShape, writeJsonNumbers } from "./parts/json-row.js"
import { logMetadata } from "./parts/metadata.js"
import { exportOptions } from "./parts/options.js"

const CHUNK_SIZE = 1024 * 1024

/**
 * MCAP with JSON messages: a topic per group, a JSON Schema that names types and units, chunks with index (zstd where it is at hand). Times are
 * UTC where the log has a start, else ns from the log's start. What is missing or no number has no
 * key in its message, as the schema allows. Annotations are messages on `/annotations`
 * (foxglove.Log), user data are attachments, the rest is a metadata record.
 */
export async function writeMcap(original: Log, output: Output, options: WriteOptions, compressors: Compressors): Promise<Loss[]> {
  const { log, losses: nameLosses } = uniquelyNamed(original)
  const { selection, raw } = exportOptions(options)
  await log.survey()
  const compress = await compressors.zstd?.()
  const sink = output.sink()
  const writer = new McapWriter({
    writable: new SinkWritable(sink),
    chunkSize: CHUNK_SIZE,
    ...(compress === undefined ? {} : { compressChunk: (data) => ({ compression: "zstd", compressedData: compress(data) }) }),
  })
  await writer.start({ profile: "", library: "fieldlog" })
  const topics: Topic[] = []
  for (const group of log.groups) topics.push(await registerTopic(writer, group, raw))

  const text = new MessageText()
  let outside = 0
  let untimed = 0
  let left = 0
  for await (const merged of mergeRows(log, selection)) {
    const prepared = merged.chunks.map((chunk, s) => {
      const topic = topics[chunk.group] as Topic
      return {
        topic,
        cells: prepareChunk(topic.shape.plan, chunk, merged.times[s]),
        times: instantsOf(log, log.groups[chunk.group] as Group, chunk),
      }
    })
    for (let i = 0; i < merged.rows; i++) {
      const { topic, cells, times } = prepared[merged.slot[i] as number] as (typeof prepared)[number]
      const row = merged.row[i] as number
      const time = times[row] as bigint
      if (time === NO_INSTANT) {
        untimed++
        continue
      }
      // MCAP counts from 1970 in u64.
      const logTime = time < 0n ? 0n : time
      if (time < 0n) outside++
      left += writeJsonNumbers(text, topic.shape, cells, row)
      await writer.addMessage({ channelId: topic.id, sequence: topic.sequence++, logTime, publishTime: logTime, data: text.take() })
    }
  }
  await writeAnnotations(writer, log)
  for (const [i, { meta, kind, data }] of log.userData.entries()) {
    const mediaType = { binary: "application/octet-stream", text: "text/plain", json: "application/json" }[kind]
    await writer.addAttachment({ logTime: 0n, createTime: 0n, name: `user-data-${i}-${meta}`, mediaType, data })
  }
  await writer.addMetadata({ name: "fieldlog", metadata: new Map([["log", logMetadata(log, [])]]) })
  await writer.end()
  sink.close()
  return [
    ...formLosses(log, "MCAP", { units: true, annotations: true, userData: true, utc: true, start: true, since1970: true }),
    ...instantLosses("rows", untimed),
    ...nameLosses(),
    ...counting(
      { kind: "values", count: outside, text: `${outside} times before 1970 written as 1970: MCAP has no earlier ones` },
      { kind: "values", count: left, text: `${left} values left out: JSON has no NaN and no infinities` },
    ),
    ...tickLosses(log.groups, "ticks are written as ns"),
  ]
}

/** A channel of the file. */
interface Topic {
  readonly id: number
  readonly shape: JsonShape
  sequence: number
}

async function registerTopic(writer: McapWriter, group: Group, raw: boolean): Promise<Topic> {
  const schema = {
    title: group.name,
    type: "object",
    properties: Object.fromEntries(group.channels.map((channel) => [channel.name, property(channel)])),
  }
  const schemaId = await writer.registerSchema({ name: group.name, encoding: "jsonschema", data: encoded(JSON.stringify(schema)) })
  const units = group.channels.filter(({ unit }) => unit !== "").map(({ name, unit }) => [`unit:${name}`, unit] as const)
  const id = await writer.registerChannel({ topic: group.name, schemaId, messageEncoding: "json", metadata: new Map(units) })
  return { id, shape: jsonShape(group, raw), sequence: 0 }
}

function property({ type, unit, notes }: Channel): Record<string, unknown> {
  const description = [unit, notes.description ?? ""].filter((part) => part !== "").join(", ")
  const named = description === "" ? {} : { description }
  if (type === "mixed") return named
  if (type === "bool") return { type: "boolean", ...named }
  if (type === "text") return { type: "string", ...named }
  if (type === "bytes") return { type: "string", contentEncoding: "base16", ...named }
  return { type: "number", ...named }
}

const LOG_SCHEMA = {
  title: "foxglove.Log",
  type: "object",
  properties: {
    timestamp: { type: "object", title: "time", properties: { sec: { type: "integer" }, nsec: { type: "integer" } } },
    level: { type: "integer" },
    message: { type: "string" },
    name: { type: "string" },
    file: { type: "string" },
    line: { type: "integer" },
  },
}

/** Annotations as log lines that Foxglove shows beside the plots; those without a time stand at the start. */
async function writeAnnotations(writer: McapWriter, log: Log): Promise<void> {
  if (log.annotations.length === 0) return
  const schemaId = await writer.registerSchema({
    name: "foxglove.Log",
    encoding: "jsonschema",
    data: encoded(JSON.stringify(LOG_SCHEMA)),
  })
  const channelId = await writer.registerChannel({ topic: "/annotations", schemaId, messageEncoding: "json", metadata: new Map() })
  const timed = log.annotations.map((each) => ({ each, at: annotationTime(log, each) })).sort((a, b) => Number(a.at - b.at))
  for (const [sequence, { each, at }] of timed.entries()) {
    const name = each.group === null ? log.name : (log.groups[each.group]?.name ?? "")
    const timestamp = { sec: Number(at / 1_000_000_000n), nsec: Number(at % 1_000_000_000n) }
    const data = encoded(JSON.stringify({ timestamp, level: 2, message: each.text, name, file: "", line: 0 }))
    await writer.addMessage({ channelId, sequence, logTime: at, publishTime: at, data })
  }
}

function annotationTime(log: Log, { time }: Annotation): bigint {
  const at = (log.start ?? 0n) + BigInt(Math.round((time ?? 0) * 1e9))
  return at < 0n ? 0n : at
}

/** A sink with the interface that the MCAP library asks for. */
class SinkWritable implements IWritable {
  constructor(private readonly sink: Sink) {}

  position(): bigint {
    return BigInt(this.sink.size)
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.sink.write(bytes)
  }
}
