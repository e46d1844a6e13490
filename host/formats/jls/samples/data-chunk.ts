import * as jls from "../../../../shared/jls/layout.js"
import { issue } from "../../../model/issues.js"
import type { Issue } from "../../../model/log.js"
import { type BadChunk, CHUNK_SIZE, parseHeader, parsePayloadHeader, payloadOnDisk, soundPayload, trackTag } from "../chunks/chunks.js"
import { type DataType, packedSize } from "../chunks/datatype.js"
import type { DataPlace, Signal } from "../chunks/structure.js"

/** The samples of a DATA chunk, packed as in the file. */
interface PackedSamples {
  /** Sample id of the first one. */
  readonly first: number
  readonly count: number
  readonly packed: Uint8Array
}

/** Bytes that a DATA chunk of `count` samples takes in the file. */
export function dataChunkSize(type: DataType, count: number): number {
  return CHUNK_SIZE + payloadOnDisk(jls.PAYLOAD_HEADER_SIZE + packedSize(type.bits, count))
}

/** Judges the DATA chunks of one signal by their CRCs and by their INDEX. Faults become issues. */
export class DataJudge {
  private readonly type: DataType

  constructor(
    private readonly signal: Signal,
    private readonly note: (issue: Issue) => void,
  ) {
    this.type = signal.type as DataType
  }

  /** The samples of the chunk at a place, whose bytes begin with `bytes`; null if they are lost. */
  samples(place: DataPlace, bytes: Uint8Array): PackedSamples | null {
    const header = parseHeader(bytes, place.at)
    const data = trackTag(jls.TRACK_FSR, jls.KIND_DATA)
    if (header !== null && (header.tag !== data || header.meta !== this.signal.stored)) return this.bad("bad-link", place, "no DATA chunk")
    // The index says how long a chunk is: with a sound payload it does not need its header.
    const length = header?.length ?? jls.PAYLOAD_HEADER_SIZE + packedSize(this.type.bits, place.count)
    const onDisk = payloadOnDisk(length)
    if (bytes.length < CHUNK_SIZE + onDisk) return this.bad("truncated", place, "is longer than expected, or the file ends within it")
    const payload = soundPayload(bytes.subarray(CHUNK_SIZE, CHUNK_SIZE + onDisk), length)
    if (payload === null) return this.bad(header === null ? "bad-header" : "bad-payload", place, "CRC is wrong")
    if (header === null) {
      const text = `DATA chunk at byte ${place.at}: header CRC is wrong; its samples are sound`
      this.note(issue("bad-header", "warning", text, { at: place.at, length: CHUNK_SIZE, group: this.signal.def.name }))
    }
    const head = parsePayloadHeader(payload)
    const size = head === null ? 0 : packedSize(this.type.bits, head.count)
    const packed = payload.subarray(jls.PAYLOAD_HEADER_SIZE)
    if (head === null || head.first !== place.first || packed.length < size) {
      return this.bad("bad-payload", place, "holds other samples than expected")
    }
    return { first: head.first, count: head.count, packed }
  }

  private bad(kind: BadChunk["kind"], place: DataPlace, text: string): null {
    const ids = `samples ${place.first} to ${place.first + place.count}`
    const size = dataChunkSize(this.type, place.count)
    const lost = `DATA chunk at byte ${place.at}: ${text}; ${ids} are lost`
    this.note(issue(kind, "error", lost, { at: place.at, length: size, group: this.signal.def.name }))
    return null
  }
}
