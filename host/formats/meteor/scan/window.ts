import { ReadAhead } from "../../../bytes/read-ahead.js"
import type { Source } from "../../../bytes/source.js"
import type { MeteorHeader } from "../head/header.js"
import { unusedTail } from "./tail.js"

/** A loop may read an integer of 4 bytes where a frame has but one. */
const SLACK = 8

/** The stretch of a file that is in memory. Places in it are indexes into `bytes`; `base` is the place in the file of index 0. */
export class ByteWindow {
  bytes: Uint8Array = new Uint8Array(0)
  view = new DataView(this.bytes.buffer)
  base = 0
  /** Behind the last byte in use. */
  end = 0
  /** True when the file ends at `end`. */
  final = false
  /** From here to the end of the file all bytes are 00 or all are FF; beyond `end` when there is no such tail. */
  tail = 0
  private readonly ahead: ReadAhead
  private tailAt: number | null = null

  /**
   * @param at where in the file to begin
   * @param refill bytes of one read
   * @param most bytes that stay from one read to the next
   */
  constructor(
    readonly source: Source,
    private readonly header: MeteorHeader,
    at: number,
    private readonly refill: number,
    private readonly most: number,
  ) {
    this.base = at
    this.ahead = new ReadAhead(source, most, SLACK)
  }

  /**
   * Reads on behind the bytes from `keep` on, which stay.
   * @returns how far every index has moved
   */
  async fill(keep: number): Promise<number> {
    const { source } = this
    // Of a long tail only the start stays; the rest is read again.
    const kept = this.bytes.subarray(keep, Math.min(this.end, keep + this.most))
    const from = this.base + keep + kept.length
    const read = await this.ahead.read(from, Math.min(this.refill, Math.max(0, source.size - from)))
    const start = this.most - kept.length
    const moved = start - keep
    if (read.buffer !== this.bytes.buffer) {
      this.bytes = new Uint8Array(read.buffer)
      this.view = new DataView(read.buffer)
    }
    this.bytes.set(kept, start)
    this.end = this.most + read.length
    this.base = from - this.most
    // A source that gives fewer bytes than it said ends here.
    this.final = read.length === 0 || from + read.length >= source.size
    if (!this.final) this.ahead.begin(from + read.length, Math.min(this.refill, source.size - from - read.length))
    if (this.tailAt === null || this.tailAt > source.size)
      this.tailAt = await unusedTail(source, this.header.bytes.length, this.header.name)
    this.tail = this.tailAt - this.base
    return moved
  }

  /** The file has grown: the end is where it was no more. */
  grown(): void {
    this.tailAt = null
  }
}
