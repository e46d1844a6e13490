import { GPIOPinState, type RP2040 } from "rp2040js"
import type { Machine } from "./machine.js"

/** What hangs on the SPI pins: the simulated card, or anything that answers bytes. */
export interface SpiDevice {
  select(on: boolean): void
  /** Full duplex: `rx` takes what the device sends while it receives `tx`, selected or not: an SD card counts clocks before it is selected. */
  exchange(tx: Uint8Array, rx: Uint8Array): void
}

/**
 * Wires a device to an SPI controller of the emulator. A byte takes 8 clocks of the controller's set frequency,
 * so DMA, FIFOs and chip select run in the order they have on the chip.
 */
export function attachSpi(machine: Machine, controller: 0 | 1, selectPin: number, device: SpiDevice): void {
  const { mcu } = machine
  const spi = mcu.spi[controller] as RP2040["spi"][number]
  const tx = new Uint8Array(1)
  const rx = new Uint8Array(1)
  const shifted = machine.clock.createAlarm(() => spi.completeTransmit(rx[0] as number))
  spi.onTransmit = (value) => {
    tx[0] = value
    rx[0] = 0xff
    device.exchange(tx, rx)
    shifted.schedule((8 * 1e9) / spi.clockFrequency)
  }
  mcu.gpio[selectPin]?.addListener((state) => {
    device.select(state === GPIOPinState.Low)
  })
}
