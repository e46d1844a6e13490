import { HEADER_SIZE } from "../../../../shared/ddff/layout.js"
import type { BlockList } from "./blocks.js"
import type { Pages } from "./pages.js"

/** A longer record is treated as damage. */
export const MAX_RECORD = 64 * 1024 * 1024
const FIRST_BUFFER = 64 * 1024

/** Why gathering stopped. `more`: the limit is reached. `gap`: the next block does not continue this one. */
export type Stop = "more" | "gap" | "end"

/**
 * The payload of one stream, gathered block by block into one run of bytes. The reader takes records from
 * `bytes[start..end)` and moves `start`; the remaining bytes are kept in front of the next gathering.
 */
export class Payload {
  bytes = new Uint8Array(FIRST_BUFFER)
  view = new DataView(this.bytes.buffer)
  start = 0
  end = 0
  /** The next block to read. */
  block = 0
  /** Offset in that block of the next byte; 0 if nothing was read from it. */
  private offset = 0
  /** True if the gathered bytes reach to the end of the previous block. */
  private joined = false
  /** Where each gathered piece begins in `bytes`, where in the file, and where in `bytes` its first record begins (-1 if none begins). */
  private pieceFrom: number[] = []
  private pieceAt: number[] = []
  private pieceRecord: number[] = []

  /** @param until blocks at or beyond this index are not read */
  constructor(
    private readonly pages: Pages,
    readonly blocks: BlockList,
    readonly until = Number.POSITIVE_INFINITY,
  ) {}

  /**
   * Gathers whole blocks until there are `limit` bytes or the next block lies at or beyond file offset `before`.
   * At a `gap` the gathered bytes end inside a record that is lost: the caller drops them and gathers again.
   */
  async gather(limit: number, before = Number.POSITIVE_INFINITY): Promise<Stop> {
    this.compact()
    const { blocks } = this
    while (this.block < Math.min(blocks.count, this.until)) {
      const i = this.block
      const atHand = this.end - this.start
      if (this.offset === 0) {
        const continues = this.joined && blocks.follows(i)
        if (!continues && atHand > 0) return "gap"
        this.offset = continues ? HEADER_SIZE : (blocks.first[i] as number)
      }
      const fill = blocks.fill[i] as number
      if (this.offset !== 0 && this.offset < fill) {
        if (atHand >= limit || (atHand > 0 && (blocks.at[i] as number) >= before)) return "more"
        await this.take(i, fill)
      }
      if (i + 1 >= blocks.count) return "end"
      this.joined = this.offset !== 0
      this.offset = 0
      this.block++
    }
    return "end"
  }

  /** Starts anew at block `block`, at its first record. */
  seek(block: number): void {
    this.start = 0
    this.end = 0
    this.block = block
    this.offset = 0
    this.joined = false
    this.pieceFrom.length = 0
    this.pieceAt.length = 0
    this.pieceRecord.length = 0
  }

  /** File offset of the byte at `position` of `bytes`. */
  fileOffset(position: number): number {
    const i = this.pieceOf(position)
    return i < 0 ? -1 : (this.pieceAt[i] as number) + position - (this.pieceFrom[i] as number)
  }

  /** File offsets of the first `n` of `positions`, which ascend. */
  fileOffsets(positions: Float64Array, n: number): Float64Array {
    const offsets = new Float64Array(n)
    let i = n > 0 ? this.pieceOf(positions[0] as number) : 0
    for (let k = 0; k < n; k++) {
      const position = positions[k] as number
      while (i + 1 < this.pieceFrom.length && (this.pieceFrom[i + 1] as number) <= position) i++
      offsets[k] = (this.pieceAt[i] as number) + position - (this.pieceFrom[i] as number)
    }
    return offsets
  }

  /** The piece that holds `position`. */
  private pieceOf(position: number): number {
    let low = 0
    let high = this.pieceFrom.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.pieceFrom[middle] as number) <= position) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /** Position in `bytes` of the first record behind `position` that a block header points to; -1 if there is no such record. */
  nextRecord(position: number): number {
    for (const record of this.pieceRecord) if (record > position) return record
    return -1
  }

  private async take(i: number, fill: number): Promise<void> {
    const { blocks, offset } = this
    const n = fill - offset
    this.reserve(n)
    const at = (blocks.at[i] as number) + offset
    if (!this.pages.copy(at, n, this.bytes, this.end)) await this.pages.read(at, n, this.bytes, this.end)
    const first = blocks.first[i] as number
    this.pieceFrom.push(this.end)
    this.pieceAt.push(at)
    this.pieceRecord.push(first >= offset && first < fill ? this.end + first - offset : -1)
    this.end += n
    this.offset = fill
  }

  /** Moves the remaining bytes to the front. */
  private compact(): void {
    const { start, end } = this
    if (start === 0) return
    this.bytes.copyWithin(0, start, end)
    let keep = this.pieceFrom.length
    if (start < end) keep = this.pieceOf(start)
    this.pieceFrom = this.pieceFrom.slice(keep).map((from) => from - start)
    this.pieceAt = this.pieceAt.slice(keep)
    this.pieceRecord = this.pieceRecord.slice(keep).map((record) => (record < start ? -1 : record - start))
    this.start = 0
    this.end = end - start
  }

  private reserve(n: number): void {
    if (this.end + n <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(this.end + n, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.end))
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }
}
