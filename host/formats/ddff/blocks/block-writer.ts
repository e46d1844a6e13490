import { CHAIN_END, CRC_FROM, HEADER_SIZE } from "../../../../shared/ddff/layout.js"
import { crc16 } from "../../../bytes/crc16.js"
import type { Sink } from "../../../bytes/sink.js"
import { UsageError } from "../../../model/errors.js"
import { MAX_BLOCK } from "./scan.js"

/** A place in a stream: the number of a block and the offset in it. */
export interface Mark {
  readonly block: number
  readonly offset: number
}

/** Placed blocks are held back this long, so that most chain pointers are set before they reach the sink. */
const TAIL = 4 * 1024 * 1024

/** The block that a stream is filling. */
interface Filling {
  readonly bytes: Uint8Array
  readonly view: DataView
  fill: number
  /** Offset of the first record that begins in it; 0 if none begins. */
  first: number
  number: number
  /** File offset of the stream's previous block, -1 for the first. */
  before: number
  /** File offset where this block already lies and is written again, -1 if it is new. */
  at: number
  /** File offsets of blocks that the file holds and this stream writes again, by number. */
  readonly places: readonly number[]
  /** File offsets of the blocks that marks point at, by number; -1 until the block is placed. */
  readonly marked: Map<number, number>
}

/**
 * Cuts streams of records into blocks as DUECA's writer does: a record begins anywhere and runs on in the stream's next
 * block. A block gets its place in the file when it is full; the chain pointer of the block before is set then, which its
 * CRC does not cover.
 */
export class BlockWriter {
  private readonly streams = new Map<number, Filling>()
  private readonly tail = new Uint8Array(TAIL)
  private tailLength = 0

  /**
   * @param sink gets the file; what it already holds stays in front
   * @param blockSize of streams opened from now on
   * @throws UsageError for a block size outside 29..64 Mi
   */
  constructor(
    private readonly sink: Sink,
    private readonly blockSize: number,
  ) {
    if (!Number.isInteger(blockSize) || blockSize <= HEADER_SIZE || blockSize > MAX_BLOCK) {
      throw new UsageError(`ddff block size ${blockSize}, expected ${HEADER_SIZE + 1} to ${MAX_BLOCK}`, { format: "ddff" })
    }
  }

  /**
   * Begins a stream; it gets a block even if nothing is written to it.
   * @param places of the blocks of this size that the stream has in the sink already: it is written anew, into them before all others
   */
  open(id: number, blockSize = this.blockSize, places: readonly number[] = []): void {
    const bytes = new Uint8Array(blockSize)
    const view = new DataView(bytes.buffer)
    const at = places[0] ?? -1
    this.streams.set(id, { bytes, view, fill: HEADER_SIZE, first: HEADER_SIZE, number: 0, before: -1, at, places, marked: new Map() })
  }

  /**
   * Goes on with a stream of the file that the sink already holds.
   * @param block the stream's last block, complete @param at its file offset, where it is written again
   */
  resume(id: number, block: Uint8Array, at: number): void {
    const bytes = new Uint8Array(block)
    const view = new DataView(bytes.buffer)
    const [fill, first, number] = [view.getUint32(16), view.getUint32(20), view.getUint32(24)]
    const begun = first < fill || number === 0 ? first : 0
    this.streams.set(id, { bytes, view, fill, first: begun, number, before: -1, at, places: [], marked: new Map() })
  }

  has(id: number): boolean {
    return this.streams.has(id)
  }

  /** Appends one record. */
  record(id: number, record: Uint8Array): void {
    const stream = this.streams.get(id) as Filling
    if (stream.fill === stream.bytes.length) this.next(id, stream)
    if (stream.first === 0) stream.first = stream.fill
    for (let done = 0; done < record.length; ) {
      if (stream.fill === stream.bytes.length) this.next(id, stream)
      const n = Math.min(record.length - done, stream.bytes.length - stream.fill)
      stream.bytes.set(n === record.length ? record : record.subarray(done, done + n), stream.fill)
      stream.fill += n
      done += n
    }
  }

  /** The place where the stream's next record begins. */
  mark(id: number): Mark {
    const { fill, bytes, number, marked } = this.streams.get(id) as Filling
    const mark = fill === bytes.length ? { block: number + 1, offset: HEADER_SIZE } : { block: number, offset: fill }
    marked.set(mark.block, -1)
    return mark
  }

  /**
   * File offset of a marked block and the mark's offset in it: of the stream's end if there is no mark, or nothing was written behind it.
   * Known once the stream is closed. A stream that does not exist is at 0.
   */
  placeOf(id: number, mark: Mark | null): { readonly offset: number; readonly inblock: number } {
    const stream = this.streams.get(id)
    if (stream === undefined) return { offset: 0, inblock: 0 }
    const marked = mark === null ? -1 : (stream.marked.get(mark.block) ?? -1)
    return mark === null || marked < 0 ? { offset: stream.at, inblock: stream.fill } : { offset: marked, inblock: mark.offset }
  }

  /** Writes the stream's last block as it is now; if the stream goes on, the block is written again in the same place. */
  close(id: number): void {
    this.place(id, this.streams.get(id) as Filling)
  }

  /** Hands everything to the sink. */
  flush(): void {
    this.sink.write(this.tail.subarray(0, this.tailLength))
    this.tailLength = 0
  }

  private next(id: number, stream: Filling): void {
    this.place(id, stream)
    stream.before = stream.at
    stream.number++
    stream.at = stream.places[stream.number] ?? -1
    stream.fill = HEADER_SIZE
    stream.first = 0
  }

  private place(id: number, stream: Filling): void {
    const { bytes, view } = stream
    view.setBigInt64(0, CHAIN_END)
    view.setUint16(10, id)
    view.setUint32(12, bytes.length)
    view.setUint32(16, stream.fill)
    view.setUint32(20, stream.first)
    view.setUint32(24, stream.number)
    bytes.fill(0, stream.fill)
    view.setUint16(8, crc16(bytes, CRC_FROM, bytes.length))
    if (stream.at >= 0) this.patch(stream.at, bytes)
    else {
      stream.at = this.sink.size + this.tailLength
      this.append(bytes)
    }
    if (stream.before >= 0) this.patch(stream.before, pointer(stream.at))
    if (stream.marked.has(stream.number)) stream.marked.set(stream.number, stream.at)
  }

  private append(block: Uint8Array): void {
    if (this.tailLength + block.length > TAIL) this.flush()
    if (block.length > TAIL) {
      this.sink.write(block)
      return
    }
    this.tail.set(block, this.tailLength)
    this.tailLength += block.length
  }

  private patch(at: number, bytes: Uint8Array): void {
    if (at >= this.sink.size) this.tail.set(bytes, at - this.sink.size)
    else this.sink.patch(at, bytes)
  }
}

function pointer(at: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, BigInt(at))
  return bytes
}
