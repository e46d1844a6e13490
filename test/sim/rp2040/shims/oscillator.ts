import { BasePeripheral } from "rp2040js"

const ROSC_STATUS = 0x18
const ROSC_RANDOMBIT = 0x1c
const STATUS_STABLE = 0x80000000

/** RP2040 datasheet 2.17: only RANDOMBIT matters. Seeded, so that runs repeat. */
export class Rosc extends BasePeripheral {
  private state = 0x2545f491

  override readUint32(offset: number): number {
    if (offset === ROSC_STATUS) return STATUS_STABLE
    if (offset === ROSC_RANDOMBIT) return this.next() & 1
    return 0
  }

  override writeUint32(): void {}

  /** xorshift32 */
  private next(): number {
    this.state ^= this.state << 13
    this.state ^= this.state >>> 17
    this.state ^= this.state << 5
    return this.state >>> 31
  }
}

const XIP_STAT = 0x08
const STAT_FIFO_EMPTY = 1 << 1
const STAT_FLUSH_READY = 1

/** RP2040 datasheet 2.6.3.6: the cache is not modelled, so a flush is always done. */
export class XipControl extends BasePeripheral {
  override readUint32(offset: number): number {
    return offset === XIP_STAT ? STAT_FIFO_EMPTY | STAT_FLUSH_READY : 0
  }

  override writeUint32(): void {}
}
