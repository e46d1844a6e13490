import { TYPE_COMPOSITE, TYPE_TOPIC } from "../../../../shared/meteor/layout.js"
import { MAX_WIDTH, type MeteorSpec } from "../head/spec.js"

/** Samples after which a topic's widths are taken as learnt: a new one must be proven by what follows. */
const LEARNT_AFTER = 8

/** Most frames of one slot that a batch holds. */
const SLOT_ROWS = 32_768
const LEAST_ROWS = 256
/** A plain frame has at least one byte of data behind its header. */
export const SMALLEST_PLAIN = 8

/** What the scan keeps of one topic or composite id. */
export interface Slot {
  readonly index: number
  readonly type: number
  readonly id: number
  /** Data length of its first frame. */
  readonly length: number
  /** Data length by the specification: a composite's size or a topic's fixed length; -1 when it is not said. Without one: a composite's `length`. */
  readonly size: number
  /** Index into the log's groups; -1 for a composite that cannot be decoded. */
  readonly group: number
  /** Data lengths seen: bit n for n bytes up to 8, bit 9 for more. */
  widths: number
  /** Frames delivered in earlier batches. */
  rows: number
}

/** Gives a topic or composite that occurs its place among the log's groups, -1 for none. */
export type GroupOf = (type: number, id: number, length: number) => number

/**
 * The ids of a log during one pass: which frames are plainly good, and what was learnt on the way.
 * `plain` answers for type, id and length in one look: the slot, or -1 for a frame that needs a closer look.
 */
export class Slots {
  readonly plain = new Int16Array(3 << 16).fill(-1)
  readonly list: Slot[] = []
  /** Most frames of one slot that a batch holds. */
  readonly rows: number
  /** Distance of two slots in the batch's arrays. Not a power of two, or all slots would fight for the same cache lines. */
  readonly stride: number
  /** Where the next frame of each slot goes in the batch's arrays: `slot * stride` and up. */
  readonly next = new Int32Array(512)
  private readonly byId = new Int16Array(512).fill(-1)
  private readonly sizes = new Int16Array(512).fill(-1)
  private readonly declared = new Uint8Array(512)
  /** Type, id and length of every kind of frame met, in the order of their first. */
  readonly learnt: number[] = []
  /** Frames of unusual length that were proven once: type, id and length. */
  private readonly odd = new Set<number>()
  private readonly open: boolean

  /** @param blockSize bytes of the file that are in memory at once */
  constructor(
    spec: MeteorSpec | null,
    private readonly groupOf: GroupOf,
    blockSize: number,
  ) {
    this.rows = Math.max(LEAST_ROWS, Math.min(SLOT_ROWS, Math.ceil(blockSize / SMALLEST_PLAIN)))
    this.stride = this.rows + 208
    for (let slot = 0; slot < this.next.length; slot++) this.next[slot] = slot * this.stride
    this.open = spec === null
    for (const topic of spec?.topics ?? []) {
      this.declared[topic.id] = 1
      this.sizes[topic.id] = topic.length ?? -1
    }
    for (const composite of spec?.composites ?? []) {
      this.declared[256 + composite.id] = 1
      this.sizes[256 + composite.id] = composite.size
    }
  }

  /** True for a composite whose bytes nothing describes. */
  bare(type: number): boolean {
    return this.open && type === TYPE_COMPOSITE
  }

  /** True for an id that a specification leaves out. */
  undeclared(type: number, id: number): boolean {
    return !this.open && this.declared[((type - 1) << 8) | id] === 0
  }

  /** Frames of a slot in the batch at hand. */
  count(slot: number): number {
    return (this.next[slot] as number) - slot * this.stride
  }

  /** Starts a new batch. */
  retire(): void {
    for (const slot of this.list) {
      slot.rows += this.count(slot.index)
      this.next[slot.index] = slot.index * this.stride
    }
  }

  /** True for a topic or composite frame as the specification and the frames before lead to expect. */
  fits(type: number, id: number, length: number): boolean {
    if (type !== TYPE_TOPIC && type !== TYPE_COMPOSITE) return false
    if (this.odd.has((type << 16) | (id << 8) | length)) return true
    const key = ((type - 1) << 8) | id
    const slot = this.list[this.byId[key] as number]
    if (type === TYPE_COMPOSITE) {
      const size = this.sizes[key] as number
      if (this.declared[key] === 1) return length === size
      if (slot === undefined) return this.open && length > 0
      return (this.plain[(type << 16) | (id << 8) | length] as number) >= 0
    }
    if (length < 1 || length > MAX_WIDTH) return false
    if (slot === undefined) return this.open || this.declared[key] === 1
    if (slot.size >= 0 && length !== slot.size) return false
    return slot.rows + this.count(slot.index) < LEARNT_AFTER || (slot.widths & (1 << length)) !== 0
  }

  /** The one data length that a known id has always had, up to 4 bytes for a topic; -1 when there is none. */
  usual(type: number, id: number): number {
    const slot = this.list[this.byId[((type - 1) << 8) | id] as number]
    if (slot === undefined) return -1
    if (type === TYPE_COMPOSITE) return slot.size
    const width = 31 - Math.clz32(slot.widths)
    return slot.widths === 1 << width && width >= 1 && width <= 4 ? width : -1
  }

  /** The slot of a frame that was judged good; learns its id and length. */
  learn(type: number, id: number, length: number): Slot {
    const key = ((type - 1) << 8) | id
    let slot = this.list[this.byId[key] as number]
    if (slot === undefined) {
      const group = this.groupOf(type, id, length)
      const size = type === TYPE_COMPOSITE && this.open ? length : (this.sizes[key] as number)
      slot = { index: this.list.length, type, id, length, size, group, widths: 0, rows: 0 }
      this.byId[key] = slot.index
      this.list.push(slot)
    }
    slot.widths |= 1 << Math.min(length, MAX_WIDTH + 1)
    const regular = (slot.size < 0 || length === slot.size) && (type === TYPE_COMPOSITE || (length >= 1 && length <= MAX_WIDTH))
    const word = (type << 16) | (id << 8) | length
    if ((this.plain[word] as number) < 0 && !this.odd.has(word)) this.learnt.push(word)
    if (regular) this.plain[word] = slot.index
    else this.odd.add(word)
    return slot
  }
}
