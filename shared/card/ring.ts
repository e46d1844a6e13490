/**
 * Sectors between the encoders and the card. Everything is allocated once; taking, queueing and releasing allocate nothing.
 *
 * A slot is a sector framed as the card takes it in one transfer: FF FC, 512 bytes, CRC, then FF to clock the answer out.
 */

/** Bytes of a slot. */
export const SLOT_SIZE = 528
/** Where a slot's sector begins. */
export const SLOT_DATA = 2
/** Where it ends. */
export const SLOT_END = 514

/** A position that no row fits behind. */
export const FULL = 9999

/** A sector on its way: free, open in an encoder, or queued for the card. */
export interface Sector {
  /** Its bytes, framed. */
  readonly slot: Buffer
  /** Next free byte in the slot. */
  at: number
  /** ms at which its first row came. */
  since: number
  /** CRC of the bytes before `summed`, where the format has one (ddff). */
  sum: number
  summed: number
}

/** Stands for a sector where none is open. */
export const NO_SECTOR: Sector = { slot: Buffer.alloc(0), at: FULL, since: 0, sum: 0, summed: 0 }

/** Sectors: free, open in an encoder, or queued. */
export class Ring {
  /** Queued sectors. */
  waiting: number
  /** Sectors that nobody holds. */
  spare: number
  private head: number
  private readonly size: number
  private readonly queue: Sector[]
  private readonly free: Sector[]
  /** Most queued sectors since somebody set it back. */
  high: number

  /** @param size sectors, 528 bytes each */
  constructor(size: number) {
    this.waiting = 0
    this.spare = size
    this.head = 0
    this.size = size
    this.queue = []
    this.free = []
    this.high = 0
    for (let i = 0; i < size; i++) {
      const slot = Buffer.alloc(SLOT_SIZE)
      slot.fillAt(0, SLOT_SIZE, 0xff)
      slot[1] = 0xfc
      const sector: Sector = { slot, at: FULL, since: 0, sum: 0, summed: 0 }
      this.free.push(sector)
      this.queue.push(sector)
    }
  }

  /** A free sector. Look at `spare` first. */
  take(): Sector {
    const spare = this.spare - 1
    this.spare = spare
    return this.free[spare] as Sector
  }

  /** Queues a full sector. */
  push(sector: Sector): void {
    const waiting = this.waiting
    let tail = this.head + waiting
    if (tail >= this.size) tail = tail - this.size
    this.queue[tail] = sector
    this.waiting = waiting + 1
    if (waiting >= this.high) this.high = waiting + 1
  }

  /** The oldest queued sector; it stays queued until `release`. */
  first(): Sector {
    return this.queue[this.head] as Sector
  }

  /** Sets the oldest queued sector free: it is on the card. */
  release(): void {
    const head = this.head
    const spare = this.spare
    this.free[spare] = this.queue[head] as Sector
    this.spare = spare + 1
    this.waiting = this.waiting - 1
    this.head = head + 1 === this.size ? 0 : head + 1
  }
}
