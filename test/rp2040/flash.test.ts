import { describe, expect, test } from "vitest"
import { Machine } from "../sim/rp2040/machine.js"
import { IO_QSPI_BASE, XIP_SSI_BASE } from "../sim/rp2040/memory-map.js"

const SS_CTRL = IO_QSPI_BASE + 0x0c
const DR0 = XIP_SSI_BASE + 0x60
const RXFLR = XIP_SSI_BASE + 0x24

/** One flash instruction as boot code sends it: chip select forced low, bytes through DR0, chip select high. */
function instruction(machine: Machine, ...bytes: number[]): number[] {
  const { mcu } = machine
  mcu.writeUint32(SS_CTRL, 2 << 8)
  const answer = bytes.map((byte) => {
    mcu.writeUint32(DR0, byte)
    expect(mcu.readUint32(RXFLR)).toBe(1)
    return mcu.readUint32(DR0)
  })
  mcu.writeUint32(SS_CTRL, 3 << 8)
  return answer
}

describe("the flash behind the SSI", () => {
  test("erases a sector, programs a page and reads it back", () => {
    const machine = new Machine()
    machine.mcu.flash.fill(0x00, 0x2000, 0x4000)
    instruction(machine, 0x06)
    instruction(machine, 0x20, 0x00, 0x20, 0x00)
    expect(machine.mcu.flash[0x2000]).toBe(0xff)
    expect(machine.mcu.flash[0x2fff]).toBe(0xff)
    expect(machine.mcu.flash[0x3000]).toBe(0x00)
    instruction(machine, 0x06)
    instruction(machine, 0x02, 0x00, 0x20, 0x10, 1, 2, 3)
    expect([...machine.mcu.flash.subarray(0x200f, 0x2014)]).toEqual([0xff, 1, 2, 3, 0xff])
    expect(instruction(machine, 0x03, 0x00, 0x20, 0x10, 0, 0, 0).slice(4)).toEqual([1, 2, 3])
    expect([machine.flashChip.erases, machine.flashChip.programs]).toEqual([1, 1])
  })

  test("only clears bits, wraps inside the page, and does nothing without write enable", () => {
    const machine = new Machine()
    machine.mcu.flash.fill(0xff, 0, 0x1000)
    instruction(machine, 0x02, 0, 0, 0, 0x55)
    expect(machine.mcu.flash[0]).toBe(0xff)
    instruction(machine, 0x06)
    expect(instruction(machine, 0x05, 0)[1]).toBe(2)
    instruction(machine, 0x02, 0, 0, 0xff, 0xf0, 0x0f)
    instruction(machine, 0x06)
    instruction(machine, 0x02, 0, 0, 0xff, 0x3c)
    expect(machine.mcu.flash[0xff]).toBe(0x30)
    expect(machine.mcu.flash[0]).toBe(0x0f)
    expect(machine.mcu.flash[0x100]).toBe(0xff)
    expect(instruction(machine, 0x05, 0)[1]).toBe(0)
  })
})
