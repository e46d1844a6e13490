import { describe, expect, test } from "vitest"
import { Machine } from "../sim/rp2040/machine.js"
import { attachSpi } from "../sim/rp2040/spi-port.js"
import { DONE, loadTransferProgram } from "../sim/rp2040/transfer-program.js"

describe("the test program in the emulated flash", () => {
  test("sends a list of transfers through SPI0 and DMA and keeps what came back", () => {
    const machine = new Machine()
    const seen: number[] = []
    let selected = false
    attachSpi(machine, 0, 17, {
      select: (on) => {
        selected = on
        seen.push(on ? -1 : -2)
      },
      exchange: (tx, rx) => {
        if (selected) seen.push(tx[0] as number)
        rx[0] = selected ? (tx[0] as number) ^ 0x5a : 0xff
      },
    })
    const run = loadTransferProgram(machine, [
      { selected: false, tx: Uint8Array.of(9, 9) },
      { selected: true, tx: Uint8Array.of(1, 2, 3) },
      { selected: true, tx: Uint8Array.from({ length: 528 }, (_, i) => i & 0xff) },
      { selected: false, tx: Uint8Array.of(0xff) },
    ])
    run.start()
    expect(machine.run(1e9)).toEqual({ why: "break", code: DONE })
    const [idle, three, long, last] = run.received() as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    expect([...idle]).toEqual([0xff, 0xff])
    expect([...three]).toEqual([1 ^ 0x5a, 2 ^ 0x5a, 3 ^ 0x5a])
    expect(long).toEqual(Uint8Array.from({ length: 528 }, (_, i) => (i & 0xff) ^ 0x5a))
    expect([...last]).toEqual([0xff])
    expect(seen.slice(-1)).toEqual([-2])
    expect(seen.filter((value) => value === -1)).toHaveLength(1)
  })
})
