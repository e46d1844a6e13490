import { BasePeripheral, type RP2040 } from "rp2040js"
import type { FlashChip } from "./flash-chip.js"

/** RP2040 datasheet 4.10.13 */
const SSIENR = 0x08
const TXFLR = 0x20
const RXFLR = 0x24
const SR = 0x28
const IDR = 0x58
const VERSION = 0x5c
const DR0 = 0x60
const SR_RFNE = 1 << 3
const SR_TFE = 1 << 2
const SR_TFNF = 1 << 1
const FIFO_DEPTH = 16

/** The SSI as the boot code drives the flash through it: every byte written clocks one byte in. */
export class Ssi extends BasePeripheral {
  private readonly registers = new Map<number, number>()
  private readonly received: number[] = []

  constructor(
    mcu: RP2040,
    name: string,
    private readonly chip: FlashChip,
  ) {
    super(mcu, name)
  }

  override readUint32(offset: number): number {
    switch (offset) {
      case SR:
        return SR_TFE | SR_TFNF | (this.received.length > 0 ? SR_RFNE : 0)
      case TXFLR:
        return 0
      case RXFLR:
        return this.received.length
      case IDR:
        return 0x51535049
      case VERSION:
        return 0x3430312a
      case DR0:
        return this.received.shift() ?? 0
      default:
        return this.registers.get(offset) ?? 0
    }
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === DR0) {
      if (this.received.length < FIFO_DEPTH) this.received.push(this.chip.exchange(value & 0xff))
      return
    }
    if (offset === SSIENR && value === 0) this.received.length = 0
    this.registers.set(offset, value)
  }
}

/** 2.19.6.2: GPIO_QSPI_SS_CTRL. OUTOVER 2 forces the pin low, 3 high. */
const SS_CTRL = 0x0c
const OUTOVER_SHIFT = 8

/** The pins of the flash: only the forced chip select matters. */
export class IoQspi extends BasePeripheral {
  private readonly registers = new Map<number, number>()

  constructor(
    mcu: RP2040,
    name: string,
    private readonly chip: FlashChip,
  ) {
    super(mcu, name)
  }

  override readUint32(offset: number): number {
    return this.registers.get(offset) ?? 0
  }

  override writeUint32(offset: number, value: number): void {
    this.registers.set(offset, value)
    if (offset === SS_CTRL) this.chip.select(((value >>> OUTOVER_SHIFT) & 3) === 2)
  }
}
