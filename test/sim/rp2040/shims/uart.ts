import { BasePeripheral, type RP2040 } from "rp2040js"
import type { Machine } from "../machine.js"

/** RP2040 datasheet 4.2.8 */
const DR = 0x00
const FR = 0x18
const IBRD = 0x24
const FBRD = 0x28
const FR_TXFE = 1 << 7
const FR_TXFF = 1 << 5
const FR_RXFE = 1 << 4
const FR_BUSY = 1 << 3
const DEPTH = 32
const DREQ_UART0_TX = 20

/** UART0 that takes its time: a byte needs ten bits at the set rate, and DMA waits while the FIFO is full. The emulator's own sends at once. */
export class Uart extends BasePeripheral {
  private readonly registers = new Map<number, number>()
  private readonly fifo: number[] = []
  private readonly alarm: { schedule(nanos: number): void }
  private sending = false

  constructor(
    private readonly mcu: RP2040,
    name: string,
    machine: Machine,
  ) {
    super(mcu, name)
    this.alarm = machine.clock.createAlarm(() => this.sent())
    mcu.dma.setDREQ(DREQ_UART0_TX)
  }

  override readUint32(offset: number): number {
    if (offset === DR) return 0
    if (offset !== FR) return this.registers.get(offset) ?? 0
    const empty = this.fifo.length === 0
    return FR_RXFE | (empty ? FR_TXFE : 0) | (this.fifo.length >= DEPTH ? FR_TXFF : 0) | (empty && !this.sending ? 0 : FR_BUSY)
  }

  override writeUint32(offset: number, value: number): void {
    if (offset !== DR) {
      this.registers.set(offset, value)
      return
    }
    if (this.fifo.length < DEPTH) this.fifo.push(value & 0xff)
    if (this.fifo.length >= DEPTH) this.mcu.dma.clearDREQ(DREQ_UART0_TX)
    if (!this.sending) this.send()
  }

  private send(): void {
    const byte = this.fifo.shift()
    if (byte === undefined) return
    this.sending = true
    this.alarm.schedule((10 * 1e9) / this.baud())
    this.mcu.dma.setDREQ(DREQ_UART0_TX)
  }

  private sent(): void {
    this.sending = false
    this.send()
  }

  /** clk_peri / (16 * (IBRD + FBRD / 64)), 4.2.7.1 */
  private baud(): number {
    const divisor = (this.registers.get(IBRD) ?? 0) + (this.registers.get(FBRD) ?? 0) / 64
    return divisor > 0 ? this.mcu.clkPeri / (16 * divisor) : 115_200
  }
}
