/** Addresses and bits of the RP2040 that the harness needs. Source: RP2040 datasheet, section named at each. */

/** 2.2.2 */
export const XIP_BASE = 0x10000000
export const XIP_CTRL_BASE = 0x14000000
export const XIP_SSI_BASE = 0x18000000
export const SRAM_BASE = 0x20000000
export const RESETS_BASE = 0x4000c000
export const IO_BANK0_BASE = 0x40014000
export const IO_QSPI_BASE = 0x40018000
export const SPI0_BASE = 0x4003c000
export const SPI1_BASE = 0x40040000
export const ROSC_BASE = 0x40060000
export const DMA_BASE = 0x50000000
export const SIO_BASE = 0xd0000000

/** 2.3.1.7, SIO */
export const GPIO_OUT_SET = SIO_BASE + 0x14
export const GPIO_OUT_CLR = SIO_BASE + 0x18
export const GPIO_OE_SET = SIO_BASE + 0x24

/** 2.19.2, function select */
export const FUNC_SPI = 1
export const FUNC_SIO = 5

/** 4.4.4, PL022 */
export const SSPCR0 = 0x00
export const SSPCR1 = 0x04
export const SSPDR = 0x08
export const SSPSR = 0x0c
export const SSPCPSR = 0x10
export const SSPDMACR = 0x24
export const SSPSR_BSY = 1 << 4
export const SSPSR_RNE = 1 << 2

/** 2.5.7, DMA channel registers; 0x40 bytes a channel */
export const CH_READ_ADDR = 0x00
export const CH_WRITE_ADDR = 0x04
export const CH_TRANS_COUNT = 0x08
export const CH_CTRL_TRIG = 0x0c
export const CH_AL1_CTRL = 0x10
export const MULTI_CHAN_TRIGGER = DMA_BASE + 0x430
export const CTRL_BUSY = 1 << 24
export const CTRL_EN = 1
export const CTRL_INCR_READ = 1 << 4
export const CTRL_INCR_WRITE = 1 << 5
export const CTRL_IRQ_QUIET = 1 << 21

/** 2.5.3.1, transfer requests */
export const DREQ_SPI0_TX = 16
export const DREQ_SPI0_RX = 17
export const DREQ_SPI1_TX = 18
export const DREQ_SPI1_RX = 19

/** GPIO n's control register in IO_BANK0 (2.19.6.1). */
export function gpioControl(pin: number): number {
  return IO_BANK0_BASE + 8 * pin + 4
}

/** A byte-wide channel control word: enabled, chained to itself (2.5.2.1). */
export function channelControl(channel: number, dreq: number, increment: number): number {
  return CTRL_EN | increment | (channel << 11) | (dreq << 15) | CTRL_IRQ_QUIET
}
