import * as jls from "../../../shared/jls/layout.js"
import type { Finding } from "../../model/format.js"
import { type ChunkHeader, type PayloadHeader, parsePayloadHeader, payloadView, readOffset } from "./chunks/chunks.js"
import { type DataType, packedSize } from "./chunks/datatype.js"
import type { SignalDef } from "./chunks/definitions.js"
import { parseHead } from "./chunks/structure.js"

/** Takes a finding: rule, severity, byte offset, text. */
type Found = (rule: string, severity: Finding["severity"], at: number, text: string) => void

/** Checks one track of one signal: order of samples, INDEX entries against the chunks below, HEAD against all. */
export class TrackCheck {
  private head: { at: number; offsets: Float64Array } | null = null
  /** Chunks of a level, 0 DATA, that no INDEX has pointed to yet. */
  private readonly waiting: number[][] = Array.from({ length: jls.LEVELS }, () => [])
  private readonly firsts = new Float64Array(jls.LEVELS)
  private end: number | null = null
  private short: number | null = null
  /** SUMMARY chunks that are cut in half. */
  private readonly halves: number[] = []
  private index: { at: number; head: PayloadHeader } | null = null

  /** @param type type of an FSR track's samples, null for other tracks */
  constructor(
    private readonly def: SignalDef,
    private readonly type: DataType | null,
    private readonly found: Found,
  ) {}

  visit(header: ChunkHeader, payload: Uint8Array): void {
    const level = header.meta >>> jls.META_LEVEL_SHIFT
    const kind = header.tag & 7
    if (kind === jls.KIND_HEAD) this.head = { at: header.at, offsets: parseHead(payload) }
    const head = kind >= jls.KIND_DATA ? parsePayloadHeader(payload) : null
    if (head === null) return
    if (kind === jls.KIND_DATA) {
      this.member(0, header.at)
      if (this.type !== null) this.data(this.type, header.at, head, payload.length - jls.PAYLOAD_HEADER_SIZE)
    } else if (kind === jls.KIND_INDEX) {
      this.member(level, header.at)
      this.entries(level, header.at, head, payload)
      this.index = { at: header.at, head }
    } else {
      this.summary(header.at, head, payload.length - jls.PAYLOAD_HEADER_SIZE)
    }
  }

  finish(isClosed: boolean): void {
    for (let level = 0; this.head !== null && level < jls.LEVELS; level++) {
      const [says, is] = [this.head.offsets[level] as number, this.firsts[level] as number]
      if (says !== is) this.found("head", "error", this.head.at, `HEAD says that level ${level} starts at ${says}, it starts at ${is}`)
    }
    const [half] = this.halves
    const halves = `${this.halves.length} SUMMARY chunks without the second half of their entries, as the reference writes them`
    if (half !== undefined) this.found("summary-half", "note", half, halves)
    let top = jls.LEVELS - 1
    while (top > 0 && this.firsts[top] === 0) top--
    for (let level = 0; level < top; level++) {
      const [at] = this.waiting[level] as number[]
      const { length } = this.waiting[level] as number[]
      const text = `${length === 1 ? "a chunk" : `${length} chunks`} of level ${level} ${length === 1 ? "is" : "are"} in no index`
      if (at !== undefined) this.found("not-indexed", isClosed ? "note" : "warning", at, text)
    }
  }

  private member(level: number, at: number): void {
    if (this.firsts[level] === 0) this.firsts[level] = at
    this.waiting[level]?.push(at)
  }

  private data(type: DataType, at: number, { first, count, bits }: PayloadHeader, bytes: number): void {
    if (bits !== type.bits) this.found("data-type", "error", at, `samples of ${bits} bits in a signal of ${type.bits}`)
    if (packedSize(bits, count) !== bytes) this.found("data-length", "error", at, `${bytes} bytes for ${count} samples`)
    if (count > this.def.samplesPerData)
      this.found("data-length", "error", at, `${count} samples, at most ${this.def.samplesPerData} fit the definition`)
    if (this.short !== null)
      this.found("data-length", "warning", this.short, "fewer samples than the definition says, and not the last chunk")
    this.short = count < this.def.samplesPerData ? at : null
    if (this.end !== null && first !== this.end) {
      const omitted = first > this.end && (first - this.end) % this.def.samplesPerData === 0 && type.bits <= 8
      if (!omitted) this.found("data-order", "error", at, `starts at sample ${first}, expected ${this.end}`)
    }
    this.end = first + count
  }

  /** An INDEX lists every chunk below since the one before it, in order; 0 stands for DATA that was left out. */
  private entries(level: number, at: number, { count, bits }: PayloadHeader, payload: Uint8Array): void {
    const size = bits / 8
    const below = this.waiting[level - 1] ?? []
    if (payload.length < jls.PAYLOAD_HEADER_SIZE + count * size || (size !== 8 && size !== 16)) {
      this.found("index", "error", at, `${payload.length} bytes for ${count} entries of ${bits} bits`)
      return
    }
    const view = payloadView(payload)
    const listed: number[] = []
    for (let i = 0; i < count; i++) {
      const offset = readOffset(view, jls.PAYLOAD_HEADER_SIZE + i * size + size - 8)
      if (offset !== 0 || level > 1) listed.push(offset)
    }
    const wrong = listed.findIndex((offset, i) => offset !== below[i])
    if (wrong >= 0 || listed.length !== below.length) {
      const text = `INDEX of level ${level} lists ${listed.length} chunks, ${below.length} precede it${wrong < 0 ? "" : `; entry ${wrong} leads to ${listed[wrong]}`}`
      this.found("index", "error", at, text)
    }
    this.waiting[level - 1] = []
  }

  private summary(at: number, { first, count, bits }: PayloadHeader, bytes: number): void {
    if (this.index === null) this.found("summary", "error", at, "SUMMARY without its INDEX before it")
    else if (this.index.head.first !== first && !Number.isNaN(first))
      this.found("summary", "error", at, `starts at ${first}, its INDEX at ${this.index.head.first}`)
    this.index = null
    if (bytes * 8 >= count * bits) return
    if (bytes * 16 >= count * bits) this.halves.push(at)
    else this.found("summary", "error", at, `${bytes} bytes for ${count} entries of ${bits} bits`)
  }
}
