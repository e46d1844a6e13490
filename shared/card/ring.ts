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

/** A sector that is being filled. `at` beyond every row's limit means: none is open. */
export interface Sector {
  slot: Buffer
  /** Next free byte in the slot. */
  at: number
  /** True while `slot` belongs to this sector. */
  open: boolean
  /** ms at which its first row came. */
  since: number
  /** CRC of the bytes before `summed`, where the format has one (ddff). */
  sum: number
  summed: number
}

/** A position that no row fits behind. */
export const FULL = 9999

/** A sector that waits for its first slot. */
export function emptySector(placeholder: Buffer): Sector {
  return { slot: placeholder, at: FULL, open: false, since: 0, sum: 0, summed: 0 }
}

/** Slots: free, open in an encoder, or queued for the card. */
export class Ring {
  /** Queued slots. */
  waiting: number
  /** Most queued slots since somebody set it back. */
  high: number
  /** Slots that nobody holds. */
  spare: number
  private readonly size: number
  private readonly free: Buffer[]
  private readonly queue: Buffer[]
  private readonly sums: number[]
  private readonly since: number[]
  private head: number

  /** @param size slots, 528 bytes each */
  constructor(size: number) {
    this.size = size
    this.free = []
    this.queue = []
    this.sums = []
    this.since = []
    for (let i = 0; i < size; i++) {
      const slot = Buffer.alloc(SLOT_SIZE)
      slot.fillAt(0, SLOT_SIZE, 0xff)
      slot[1] = 0xfc
      this.free.push(slot)
      this.queue.push(slot)
      this.sums.push(0)
      this.since.push(0)
    }
    this.waiting = 0
    this.high = 0
    this.spare = size
    this.head = 0
  }

  /** Opens a slot in `sector`; false when all are in use. */
  take(sector: Sector): boolean {
    if (this.spare === 0) return false
    this.spare = this.spare - 1
    sector.slot = this.free[this.spare] as Buffer
    sector.open = true
    return true
  }

  /** Queues the slot of a full sector, with the CRC of its payload. */
  push(sector: Sector): void {
    let tail = this.head + this.waiting
    if (tail >= this.size) tail = tail - this.size
    this.queue[tail] = sector.slot
    this.sums[tail] = sector.sum
    this.since[tail] = sector.since
    this.waiting = this.waiting + 1
    if (this.waiting > this.high) this.high = this.waiting
    sector.open = false
    sector.at = FULL
  }

  /** The oldest queued slot; it stays queued until `release`. */
  first(): Buffer {
    return this.queue[this.head] as Buffer
  }

  /** The CRC that came with it. */
  firstSum(): number {
    return this.sums[this.head] as number
  }

  /** When its first row came, ms. */
  firstSince(): number {
    return this.since[this.head] as number
  }

  /** Sets the oldest queued slot free: its sector is on the card. */
  release(): void {
    this.free[this.spare] = this.queue[this.head] as Buffer
    this.spare = this.spare + 1
    this.waiting = this.waiting - 1
    this.head = this.head + 1 === this.size ? 0 : this.head + 1
  }
}
