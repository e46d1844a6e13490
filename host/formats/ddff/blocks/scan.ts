import { blockStamp, CHAIN_END, CRC_FROM, HEADER_SIZE } from "../../../../shared/ddff/layout.js"
import { crc16 } from "../../../bytes/crc16.js"
import type { Source } from "../../../bytes/source.js"
import { BlockList } from "./blocks.js"
import { peekTick } from "./msgpack.js"
import { Pages } from "./pages.js"

/** Larger blocks are treated as damage. */
export const MAX_BLOCK = 64 * 1024 * 1024
/** Most bytes of failed candidates that are put through the CRC, per byte of the file: bounds the time on hostile input. */
const FAILED_PER_BYTE = 4
const FAILED_AT_LEAST = 1024 * 1024
/** Streams beyond this number are treated as damage. */
const MAX_STREAMS = 4096

/** Bytes that belong to no sound block. */
export interface Span {
  readonly at: number
  readonly length: number
  /** `unused-tail`: zeros or FF behind the last block. `stale-block`: sound blocks of an earlier recording. */
  readonly kind: "bad-crc" | "bad-header" | "truncated" | "unused-tail" | "zeros" | "stale-block"
  readonly text: string
}

/** The fields of a block header that the scan needs. */
interface Header {
  next: bigint
  crc: number
  stream: number
  size: number
  fill: number
  first: number
  number: number
}

/** Reads the header at `i`; 28 bytes must be there. */
export function headerAt(view: DataView, i: number): Header {
  return {
    next: view.getBigInt64(i),
    crc: view.getUint16(i + 8),
    stream: view.getUint16(i + 10),
    size: view.getUint32(i + 12),
    fill: view.getUint32(i + 16),
    first: view.getUint32(i + 20),
    number: view.getUint32(i + 24),
  }
}

/** Says why a header is impossible; null for a plausible one. */
export function headerFault(header: Pick<Header, "size" | "fill" | "first">): string | null {
  const { size, fill, first } = header
  if (size <= HEADER_SIZE || size > MAX_BLOCK) return `block size ${size}, expected ${HEADER_SIZE + 1} to ${MAX_BLOCK}`
  if (fill < HEADER_SIZE || fill > size) return `fill ${fill}, expected ${HEADER_SIZE} to the block size ${size}`
  if (first !== 0 && (first < HEADER_SIZE || first > size)) return `object offset ${first}, expected 0 or ${HEADER_SIZE} to ${size}`
  return null
}

/**
 * Walks the blocks of a file in physical order and keeps those with a correct CRC, whatever the chain pointers say.
 * Behind a bad header it looks at every byte for the next sound block: at multiples of the smallest block size for any
 * block, elsewhere only for block sizes that the file has shown before.
 */
export class Scan {
  /** By stream id. */
  readonly streams = new Map<number, BlockList>()
  readonly badSpans: Span[] = []
  /** Block sizes seen, for the variant's name and for resynchronising. */
  readonly sizes = new Set<number>()
  blocks = 0
  /** Blocks that say that their chain ends with them although the stream goes on: so the board writes them. */
  unlinked = 0
  /** Random number of the recording whose blocks carry fieldlog's stamp, or null. */
  session: number | null = null
  /** File offset up to which every byte is judged. */
  at = 0
  private smallest = 0
  private spent = 0
  private judged = 0
  private bad: { at: number; kind: Span["kind"]; text: string; zeros: boolean; erased: boolean } | null = null
  private stale: { at: number; length: number; blocks: number } | null = null

  constructor(
    private readonly source: Source,
    private readonly pages: Pages = new Pages(source),
  ) {}

  /** Judges all bytes up to the source's present end. The bytes behind the last sound block stay undecided until `finish`. */
  async advance(signal?: AbortSignal, progress?: (bytes: number) => void): Promise<void> {
    let scratch = new Uint8Array(4096)
    let wanted = HEADER_SIZE
    while (this.source.size - this.at >= wanted) {
      signal?.throwIfAborted()
      const base = this.at
      let bytes = await this.pages.from(base)
      if (bytes.length < wanted) {
        // The block reaches into the next page.
        if (wanted > scratch.length) scratch = new Uint8Array(wanted)
        await this.pages.read(base, wanted, scratch, 0)
        bytes = scratch.subarray(0, wanted)
      }
      wanted = this.walk(bytes, base)
      progress?.(this.at)
    }
    if (this.bad === null && this.at < this.source.size) {
      this.openSpan(this.at, "truncated", "the file ends inside a block header")
      this.seeTail(await this.pages.from(this.at))
      this.at = this.source.size
    }
  }

  /** Closes the bad span at the end of the file. */
  finish(): void {
    this.endStale()
    if (this.bad === null) return
    const { zeros, erased } = this.bad
    if (zeros || erased) this.bad.kind = "unused-tail"
    this.endSpan(this.source.size)
  }

  /**
   * Looks again at the end of a growing file: first at blocks that their writer filled further, then at new ones.
   */
  async follow(): Promise<void> {
    for (const list of this.streams.values()) await this.refreshLast(list)
    if (this.bad !== null) {
      this.at = this.bad.at
      this.bad = null
    }
    await this.advance()
  }

  /** Walks as far as the bytes reach. @returns how many bytes the next step needs */
  private walk(bytes: Uint8Array, base: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const remaining = this.source.size - base
    let i = this.at - base
    while (i + HEADER_SIZE <= bytes.length) {
      const header = headerAt(view, i)
      const fault = this.judge(header, bytes, i, remaining)
      if (fault === MORE) {
        this.at = base + i
        return header.size
      }
      if (fault === null) {
        this.accept(header, bytes, view, base, i)
        i += header.size
        continue
      }
      if (this.bad === null) this.openSpan(base + i, fault.kind, fault.text)
      i = this.stepInSpan(bytes, view, i, fault.jump)
    }
    if (this.bad !== null && base + bytes.length === this.source.size) this.seeTail(bytes.subarray(i))
    this.at = base + Math.min(i, bytes.length)
    return HEADER_SIZE
  }

  /** Steps over bytes that cannot begin a header: most of them by two loads and three comparisons. */
  private stepInSpan(bytes: Uint8Array, view: DataView, from: number, jump: number): number {
    const span = this.bad as NonNullable<typeof this.bad>
    const last = bytes.length - HEADER_SIZE
    let every = 0xff
    let any = 0
    let i = from
    do {
      every &= bytes[i] as number
      any |= bytes[i] as number
      i++
      if (i > last) break
      const size = view.getUint32(i + 12)
      const fill = view.getUint32(i + 16)
      if (size > HEADER_SIZE && size <= MAX_BLOCK && fill >= HEADER_SIZE && fill <= size) break
    } while (i < bytes.length)
    if (any !== 0) span.zeros = false
    if (every !== 0xff) span.erased = false
    return Math.max(i, from + jump)
  }

  /** The last bytes of the file, too few for a header. */
  private seeTail(bytes: Uint8Array): void {
    const span = this.bad as NonNullable<typeof this.bad>
    if (bytes.some((byte) => byte !== 0)) span.zeros = false
    if (bytes.some((byte) => byte !== 0xff)) span.erased = false
  }

  private judge(header: Header, bytes: Uint8Array, i: number, remaining: number): Fault | null | typeof MORE {
    const { size } = header
    const text = headerFault(header)
    if (text !== null) return this.fault("bad-header", text)
    if (this.bad !== null && !this.sizes.has(size) && !this.aligned(i + (this.source.size - remaining))) return PLAIN
    if (size > remaining - i) {
      return this.fault("truncated", `the file ends ${size - (remaining - i)} bytes before the end of a block of ${size}`)
    }
    if (i + size > bytes.length) return MORE
    const crc = crc16(bytes, i + CRC_FROM, i + size)
    if (crc === header.crc) return null
    this.spent += size
    const jump = this.spent > FAILED_PER_BYTE * this.source.size + FAILED_AT_LEAST ? size : 1
    return { kind: "bad-crc", text: `CRC ${hex(header.crc)}, computed ${hex(crc)}`, jump }
  }

  private fault(kind: Span["kind"], text: string): Fault {
    return this.bad === null ? { kind, text, jump: 1 } : PLAIN
  }

  private aligned(at: number): boolean {
    const span = this.bad as NonNullable<typeof this.bad>
    return this.smallest === 0 || (at - span.at) % this.smallest === 0
  }

  private accept(header: Header, bytes: Uint8Array, view: DataView, base: number, i: number): void {
    const at = base + i
    if (this.bad !== null) this.endSpan(at)
    if (this.isStale(header, view, at, i)) {
      this.stale ??= { at, length: 0, blocks: 0 }
      this.stale.length += header.size
      this.stale.blocks++
      return
    }
    this.endStale()
    let list = this.streams.get(header.stream)
    if (list === undefined) {
      if (this.streams.size >= MAX_STREAMS) return
      list = new BlockList(header.stream)
      this.streams.set(header.stream, list)
    }
    const start = header.number === 0 && header.first === 0 ? HEADER_SIZE : header.first
    const first = start < header.fill || header.number === 0 ? start : 0
    const tick = first === 0 ? Number.NaN : peekTick(bytes, view, i + first, i + header.fill)
    if (list.count > 0 && list.ended) this.unlinked++
    list.ended = header.next === CHAIN_END
    list.add(at, header.size, header.fill, first, header.number, tick)
    this.blocks++
    this.sizes.add(header.size)
    if (this.smallest === 0 || header.size < this.smallest) this.smallest = header.size
  }

  /**
   * With fieldlog's stamps, the first sound block's session is the file's; blocks of another session, or without stamp,
   * were in the file's sectors before. The file has stamps only if the second block, right behind the first, has one too, of any session.
   */
  private isStale(header: Header, view: DataView, at: number, i: number): boolean {
    const session = stampedSession(header, view, at, i)
    this.judged++
    if (this.judged === 1) this.session = session
    if (this.judged === 2 && session === null && this.badSpans.length === 0) this.session = null
    return this.session !== null && session !== this.session
  }

  private openSpan(at: number, kind: Span["kind"], text: string): void {
    this.endStale()
    this.bad = { at, kind, text, zeros: true, erased: true }
  }

  private endSpan(end: number): void {
    const { at, kind, text, zeros } = this.bad as NonNullable<typeof this.bad>
    this.bad = null
    const unused = kind === "unused-tail"
    const said = unused ? `${end - at} unused bytes behind the last block` : zeros ? `${end - at} zero bytes` : text
    this.keep({ at, length: end - at, kind: zeros && !unused ? "zeros" : kind, text: said })
  }

  private endStale(): void {
    if (this.stale === null) return
    const { at, length, blocks } = this.stale
    this.stale = null
    this.keep({ at, length, kind: "stale-block", text: `${blocks} blocks of an earlier recording` })
  }

  private keep(span: Span): void {
    if (this.badSpans.length < MAX_SPANS) this.badSpans.push(span)
  }

  private async refreshLast(list: BlockList): Promise<void> {
    const i = list.count - 1
    const size = list.size[i] as number
    if (list.fill[i] === size) return
    const bytes = await this.source.read(list.at[i] as number, size)
    if (bytes.length < size) return
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const header = headerAt(view, 0)
    // A block caught while it is being written has a wrong CRC for a moment: look again next time.
    if (header.stream !== list.id || header.size !== size || headerFault(header) !== null) return
    if (header.number !== list.number[i] || header.fill <= (list.fill[i] as number)) return
    if (crc16(bytes, CRC_FROM, size) !== header.crc) return
    const first = header.first === 0 ? (list.first[i] as number) : header.first
    list.replaceLast(header.fill, first, first === 0 ? Number.NaN : peekTick(bytes, view, first, header.fill))
  }
}

interface Fault {
  readonly kind: Span["kind"]
  readonly text: string
  readonly jump: number
}

const MORE = Symbol("more bytes")
/** A fault inside a bad span, whose text is not needed. */
const PLAIN: Fault = { kind: "bad-header", text: "", jump: 1 }
/** Bad spans beyond this many are not listed; their blocks are still missing from the streams. */
const MAX_SPANS = 10_000

/** The session in a block's stamp; null if it has no stamp. The stamp's number must be the block's place in the file. */
function stampedSession(header: Header, view: DataView, at: number, i: number): number | null {
  const stamp = i + header.size - blockStamp.size
  if (header.fill > header.size - blockStamp.size) return null
  if (view.getUint32(stamp + blockStamp.fields.sequence.at) !== at / header.size) return null
  return view.getUint32(stamp + blockStamp.fields.session.at) || null
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(4, "0")}`
}
