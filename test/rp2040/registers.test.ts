import { describe, expect, test } from "vitest"
import { Machine } from "../sim/rp2040/machine.js"
import * as rp from "../sim/rp2040/memory-map.js"
import { RegisterSpi } from "../sim/rp2040/register-spi.js"
import { attachSpi, type SpiDevice } from "../sim/rp2040/spi-port.js"

/** Answers each byte with the one before it, inverted: shows order and shifts. */
class Inverter implements SpiDevice {
  selects = 0
  private selected = false
  private last = 0

  select(on: boolean): void {
    this.selected = on
    if (on) this.selects++
    this.last = 0
  }

  exchange(tx: Uint8Array, rx: Uint8Array): void {
    for (let i = 0; i < tx.length; i++) {
      rx[i] = this.selected ? ~this.last & 0xff : 0xff
      this.last = tx[i] as number
    }
  }
}

function wired(): { machine: Machine; spi: RegisterSpi; device: Inverter } {
  const machine = new Machine()
  const device = new Inverter()
  const spi = new RegisterSpi(machine)
  attachSpi(machine, 0, 17, device)
  return { machine, spi, device }
}

const ramp = Uint8Array.from({ length: 528 }, (_, i) => (7 * i) & 0xff)
const echoed = Uint8Array.from(ramp, (_, i) => ~(i === 0 ? 0 : (ramp[i - 1] as number)) & 0xff)

describe("the RP2040's SPI and DMA registers", () => {
  test("carry 528 bytes both ways in one full-duplex transfer, under chip select", () => {
    const { machine, spi, device } = wired()
    const hz = spi.setClock(12e6)
    const before = machine.nanos
    const rx = new Uint8Array(528)
    spi.select(true)
    spi.transfer(ramp, rx)
    spi.select(false)
    expect(rx).toEqual(echoed)
    expect(device.selects).toBe(1)
    expect(machine.nanos - before).toBeGreaterThanOrEqual((528 * 8 * 1e9) / hz)
  })

  test("never set a clock above the one asked for", () => {
    const { spi } = wired()
    for (const hz of [400e3, 1e6, 5e6, 10e6, 12e6, 20e6, 25e6]) {
      const set = spi.setClock(hz)
      expect(set).toBeLessThanOrEqual(hz)
      expect(set).toBeGreaterThan(0.6 * hz)
    }
  })

  test("an unselected device leaves the line high", () => {
    const { spi } = wired()
    const rx = new Uint8Array(8)
    spi.transfer(new Uint8Array(8), rx)
    expect([...rx]).toEqual(new Array(8).fill(0xff))
  })
})

describe("why the driver uses full-duplex transfers on SPI0 only", () => {
  test("a send-only transfer leaves stale bytes that shift the next one", () => {
    const { spi } = wired()
    spi.select(true)
    spi.sendOnly(ramp.subarray(0, 64))
    const rx = new Uint8Array(16)
    spi.transfer(ramp.subarray(64, 80), rx)
    expect(rx).not.toEqual(echoed.subarray(64, 80))
    expect(rx.subarray(0, 8)).toEqual(echoed.subarray(0, 8))
  })

  test("a receive-only transfer never ends, because nothing clocks the bus", () => {
    const { spi } = wired()
    spi.select(true)
    expect(spi.receiveOnly(new Uint8Array(4))).toBe(false)
  })

  test("reading SPI0's data register while SPI1 works gives nothing of what SPI1 received", () => {
    const machine = new Machine()
    const spi = new RegisterSpi(machine, 1, { rx: 8, select: 9, clock: 10, tx: 11 })
    attachSpi(machine, 1, 9, new Inverter())
    spi.select(true)
    spi.sendOnly(ramp.subarray(0, 8))
    machine.idle(1e6)
    expect(machine.mcu.readUint32(rp.SPI0_BASE + rp.SSPDR)).toBe(0)
    expect(machine.mcu.readUint32(rp.SPI1_BASE + rp.SSPDR)).toBe(echoed[0])
  })
})
