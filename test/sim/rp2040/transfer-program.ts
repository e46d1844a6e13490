import type { Machine } from "./machine.js"
import * as rp from "./memory-map.js"
import { SPI0_PINS } from "./register-spi.js"
import { adds, assemble, bkpt, branch, branchIf, cmp, EQ, label, ldr, load, NE, str, tst } from "./thumb.js"

/** One transfer of the list: what to send, and the chip select during it. */
export interface Transfer {
  readonly selected: boolean
  readonly tx: Uint8Array
}

/** Where the program ends well. */
export const DONE = 0x2a

const CODE_AT = rp.XIP_BASE + 0x100
const LIST_AT = rp.XIP_BASE + 0x10000
const RX_AT = rp.SRAM_BASE + 0x100
const RX_ROOM = 0x3f000
const ENTRY = 16

/**
 * The project's own test program in the emulated flash: the core sets up GPIO, SPI0 and two DMA channels,
 * then works through a list of full-duplex transfers as the firmware's driver would, and stops.
 */
export function loadTransferProgram(machine: Machine, transfers: readonly Transfer[]): { start(): void; received(): Uint8Array[] } {
  const places = layOut(machine, transfers)
  machine.flash(CODE_AT, program())
  return {
    start: () => machine.start(CODE_AT),
    received: () => places.map(({ rx, length }) => machine.mcu.sram.slice(rx - rp.SRAM_BASE, rx - rp.SRAM_BASE + length)),
  }
}

/** Writes list and bytes to flash: entries of {select register, length, tx address, rx address}, length 0 ends. */
function layOut(machine: Machine, transfers: readonly Transfer[]): { rx: number; length: number }[] {
  const list = new DataView(new ArrayBuffer(ENTRY * (transfers.length + 1)))
  let tx = LIST_AT + list.byteLength
  let rx = RX_AT
  const places = transfers.map((transfer, i) => {
    list.setUint32(ENTRY * i, transfer.selected ? rp.GPIO_OUT_CLR : rp.GPIO_OUT_SET, true)
    list.setUint32(ENTRY * i + 4, transfer.tx.length, true)
    list.setUint32(ENTRY * i + 8, tx, true)
    list.setUint32(ENTRY * i + 12, rx, true)
    machine.flash(tx, transfer.tx)
    const place = { rx, length: transfer.tx.length }
    tx += transfer.tx.length
    rx += transfer.tx.length
    return place
  })
  if (rx - RX_AT > RX_ROOM) throw new RangeError(`${rx - RX_AT} bytes do not fit into the RAM`)
  machine.flash(LIST_AT, new Uint8Array(list.buffer))
  return places
}

const RX = 0
const TX = 1
const RX_CONTROL = rp.channelControl(RX, rp.DREQ_SPI0_RX, rp.CTRL_INCR_WRITE)
const TX_CONTROL = rp.channelControl(TX, rp.DREQ_SPI0_TX, rp.CTRL_INCR_READ)

/** r0 list, r1 and r2 scratch, r3 length, r4 DMA, r5 SPI0 data register, r6 busy mask, r7 select mask. */
function program(): Uint8Array {
  return assemble([
    ...poke(rp.gpioControl(SPI0_PINS.rx), rp.FUNC_SPI),
    ...poke(rp.gpioControl(SPI0_PINS.clock), rp.FUNC_SPI),
    ...poke(rp.gpioControl(SPI0_PINS.tx), rp.FUNC_SPI),
    ...poke(rp.GPIO_OUT_SET, 1 << SPI0_PINS.select),
    ...poke(rp.GPIO_OE_SET, 1 << SPI0_PINS.select),
    ...poke(rp.gpioControl(SPI0_PINS.select), rp.FUNC_SIO),
    // 125 MHz / (2 * 6) = 10.417 MHz, 8 bits, DMA both ways: what the firmware sets when asked for 12 MHz.
    ...poke(rp.SPI0_BASE + rp.SSPCPSR, 2),
    ...poke(rp.SPI0_BASE + rp.SSPCR0, (5 << 8) | 7),
    ...poke(rp.SPI0_BASE + rp.SSPDMACR, 3),
    ...poke(rp.SPI0_BASE + rp.SSPCR1, 2),
    load(0, LIST_AT),
    load(4, rp.DMA_BASE),
    load(5, rp.SPI0_BASE + rp.SSPDR),
    load(6, rp.CTRL_BUSY),
    load(7, 1 << SPI0_PINS.select),
    label("next"),
    ldr(3, 0, 4),
    cmp(3, 0),
    branchIf(EQ, "end"),
    ldr(1, 0, 0),
    str(7, 1),
    str(5, 4, 0x40 * RX + rp.CH_READ_ADDR),
    ldr(1, 0, 12),
    str(1, 4, 0x40 * RX + rp.CH_WRITE_ADDR),
    str(3, 4, 0x40 * RX + rp.CH_TRANS_COUNT),
    load(1, RX_CONTROL),
    str(1, 4, 0x40 * RX + rp.CH_AL1_CTRL),
    ldr(1, 0, 8),
    str(1, 4, 0x40 * TX + rp.CH_READ_ADDR),
    str(5, 4, 0x40 * TX + rp.CH_WRITE_ADDR),
    str(3, 4, 0x40 * TX + rp.CH_TRANS_COUNT),
    load(1, TX_CONTROL),
    str(1, 4, 0x40 * TX + rp.CH_AL1_CTRL),
    load(1, rp.MULTI_CHAN_TRIGGER),
    load(2, (1 << RX) | (1 << TX)),
    str(2, 1),
    label("wait"),
    ldr(1, 4, rp.CH_CTRL_TRIG),
    tst(1, 6),
    branchIf(NE, "wait"),
    adds(0, ENTRY),
    branch("next"),
    label("end"),
    bkpt(DONE),
  ])
}

function poke(address: number, value: number): ReturnType<typeof load>[] {
  return [load(1, value), load(2, address), str(1, 2)]
}
