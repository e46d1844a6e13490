import { describe, expect, test } from "vitest"
import { parseUf2 } from "../../host/gen/uf2.js"

function block(address: number, payload: Uint8Array, flags = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(512))
  view.setUint32(0, 0x0a324655, true)
  view.setUint32(4, 0x9e5d5157, true)
  view.setUint32(8, flags, true)
  view.setUint32(12, address, true)
  view.setUint32(16, payload.length, true)
  view.setUint32(508, 0x0ab16f30, true)
  const bytes = new Uint8Array(view.buffer)
  bytes.set(payload, 32)
  return bytes
}

describe("a UF2 file", () => {
  test("gives its pieces with their addresses, without blocks that are not for the flash", () => {
    const file = Buffer.concat([block(0x10000000, Uint8Array.of(1, 2)), block(0, Uint8Array.of(9), 1), block(0x10000100, Uint8Array.of(3))])
    expect(parseUf2(file).map(({ address, bytes }) => [address, [...bytes]])).toEqual([
      [0x10000000, [1, 2]],
      [0x10000100, [3]],
    ])
  })

  test("that is cut, is none, or claims too much is refused", () => {
    const good = block(0x10000000, Uint8Array.of(1))
    expect(() => parseUf2(good.subarray(0, 500))).toThrow("500 bytes")
    expect(() => parseUf2(new Uint8Array(512))).toThrow("no UF2 block at byte 0")
    new DataView(good.buffer).setUint32(16, 477, true)
    expect(() => parseUf2(good)).toThrow("claims 477 bytes")
  })
})
