import type { Machine } from "./machine.js"
import * as rp from "./memory-map.js"

/** Pins of one controller: SPI0 on GP16 to GP19, as the Pico's wiring page has it. */
export interface SpiPins {
  readonly rx: number
  readonly select: number
  readonly clock: number
  readonly tx: number
}
export const SPI0_PINS: SpiPins = { rx: 16, select: 17, clock: 18, tx: 19 }

const RX_CHANNEL = 0
const TX_CHANNEL = 1
const TX_AT = rp.SRAM_BASE + 0x1000
const RX_AT = rp.SRAM_BASE + 0x3000
const LONGEST = 4096

/**
 * Full-duplex transfers by poking SPI, DMA and GPIO registers from outside, without a core: what the firmware's
 * `spiXfer` does (RP2040 datasheet 4.4.3 and 2.5).
 */
export class RegisterSpi {
  private readonly base: number

  constructor(
    private readonly machine: Machine,
    readonly controller: 0 | 1 = 0,
    private readonly pins: SpiPins = SPI0_PINS,
  ) {
    const { mcu } = machine
    this.base = controller === 0 ? rp.SPI0_BASE : rp.SPI1_BASE
    for (const pin of [pins.rx, pins.clock, pins.tx]) mcu.writeUint32(rp.gpioControl(pin), rp.FUNC_SPI)
    mcu.writeUint32(rp.GPIO_OUT_SET, 1 << pins.select)
    mcu.writeUint32(rp.GPIO_OE_SET, 1 << pins.select)
    mcu.writeUint32(rp.gpioControl(pins.select), rp.FUNC_SIO)
    mcu.writeUint32(this.base + rp.SSPDMACR, 3)
    this.setClock(400_000)
  }

  /** The fastest clock not above `hz` (4.4.4: clk_peri / (CPSDVSR * (1 + SCR))). @returns what was set, in Hz. */
  setClock(hz: number): number {
    const { mcu } = this.machine
    let prescale = 2
    while (prescale < 254 && mcu.clkPeri / (prescale * 256) > hz) prescale += 2
    const divider = Math.min(256, Math.max(1, Math.ceil(mcu.clkPeri / (prescale * hz))))
    mcu.writeUint32(this.base + rp.SSPCR1, 0)
    mcu.writeUint32(this.base + rp.SSPCPSR, prescale)
    mcu.writeUint32(this.base + rp.SSPCR0, ((divider - 1) << 8) | 7)
    mcu.writeUint32(this.base + rp.SSPCR1, 2)
    return mcu.clkPeri / (prescale * divider)
  }

  select(on: boolean): void {
    this.machine.mcu.writeUint32(on ? rp.GPIO_OUT_CLR : rp.GPIO_OUT_SET, 1 << this.pins.select)
  }

  /** Both directions at once: the only transfer that leaves nothing behind. */
  transfer(tx: Uint8Array, rx: Uint8Array): void {
    if (tx.length !== rx.length || tx.length > LONGEST) throw new RangeError(`transfer of ${tx.length} and ${rx.length} bytes`)
    const { mcu } = this.machine
    mcu.sram.set(tx, TX_AT - rp.SRAM_BASE)
    this.prepareReceive(rx.length)
    this.prepareSend(tx.length)
    mcu.writeUint32(rp.MULTI_CHAN_TRIGGER, (1 << RX_CHANNEL) | (1 << TX_CHANNEL))
    this.wait(RX_CHANNEL, rx.length)
    rx.set(mcu.sram.subarray(RX_AT - rp.SRAM_BASE, RX_AT - rp.SRAM_BASE + rx.length))
  }

  /** Send only: ends with the DMA, leaving what came in meanwhile in the receive FIFO. */
  sendOnly(tx: Uint8Array): void {
    const { mcu } = this.machine
    mcu.sram.set(tx, TX_AT - rp.SRAM_BASE)
    this.prepareSend(tx.length)
    mcu.writeUint32(rp.MULTI_CHAN_TRIGGER, 1 << TX_CHANNEL)
    this.wait(TX_CHANNEL, tx.length)
  }

  /** Receive only, as a transfer without a sender: nothing clocks the bus. @returns whether it came to an end. */
  receiveOnly(rx: Uint8Array): boolean {
    this.prepareReceive(rx.length)
    this.machine.mcu.writeUint32(rp.MULTI_CHAN_TRIGGER, 1 << RX_CHANNEL)
    return this.ended(RX_CHANNEL, 1000 * rx.length)
  }

  private prepareSend(length: number): void {
    const request = this.controller === 0 ? rp.DREQ_SPI0_TX : rp.DREQ_SPI1_TX
    this.prepare(TX_CHANNEL, TX_AT, this.base + rp.SSPDR, length, rp.channelControl(TX_CHANNEL, request, rp.CTRL_INCR_READ))
  }

  private prepareReceive(length: number): void {
    const request = this.controller === 0 ? rp.DREQ_SPI0_RX : rp.DREQ_SPI1_RX
    this.prepare(RX_CHANNEL, this.base + rp.SSPDR, RX_AT, length, rp.channelControl(RX_CHANNEL, request, rp.CTRL_INCR_WRITE))
  }

  private prepare(channel: number, from: number, to: number, length: number, control: number): void {
    const { mcu } = this.machine
    const at = rp.DMA_BASE + 0x40 * channel
    mcu.writeUint32(at + rp.CH_READ_ADDR, from)
    mcu.writeUint32(at + rp.CH_WRITE_ADDR, to)
    mcu.writeUint32(at + rp.CH_TRANS_COUNT, length)
    mcu.writeUint32(at + rp.CH_AL1_CTRL, control)
  }

  private wait(channel: number, length: number): void {
    if (!this.ended(channel, 1000 * length)) throw new Error(`DMA channel ${channel} never ended`)
  }

  private ended(channel: number, steps: number): boolean {
    const { machine } = this
    for (let i = 0; i < steps; i++) {
      if ((machine.mcu.readUint32(rp.DMA_BASE + 0x40 * channel + rp.CH_CTRL_TRIG) & rp.CTRL_BUSY) === 0) return true
      machine.idle(100)
    }
    return false
  }
}
