import fc from "fast-check"
import { expect, test } from "vitest"
import { crc16 } from "../../host/bytes/crc16.js"

function bitwise(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = ((crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff
  }
  return crc
}

test("CRC-16/CCITT-FALSE has its check value", () => {
  expect(crc16(new TextEncoder().encode("123456789"), 0, 9)).toBe(0x29b1)
})

test("eight bytes a step give what bit by bit gives, at any place and cut anywhere", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), fc.nat(20), (bytes, skip, cut) => {
      const from = Math.min(skip, bytes.length)
      const middle = Math.min(from + cut, bytes.length)
      const whole = crc16(bytes, from, bytes.length)
      expect(whole).toBe(bitwise(bytes.subarray(from)))
      expect(crc16(bytes, middle, bytes.length, crc16(bytes, from, middle))).toBe(whole)
    }),
    { seed: 16 },
  )
})
