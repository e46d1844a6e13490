import fc from "fast-check"
import { expect, test } from "vitest"
import { crc32c, crc32cPlain } from "../host/crc32c.js"

test("the check value of the catalogue of CRCs is met", () => {
  const check = Buffer.from("123456789")
  expect(crc32c(check)).toBe(0xe3069283)
  expect(crc32cPlain(check)).toBe(0xe3069283)
})

test("the module, plain JavaScript and a sum bit by bit agree on any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(40), (bytes, from) => {
      const part = bytes.subarray(from)
      expect(crc32c(part)).toBe(bitwise(part))
      expect(crc32cPlain(part)).toBe(bitwise(part))
    }),
  )
})

test("a sum goes on from where another one ended, also across the module's memory", () => {
  const bytes = Uint8Array.from({ length: 150_001 }, (_, i) => (i * i) >> 3)
  const whole = crc32cPlain(bytes)
  expect(crc32c(bytes)).toBe(whole)
  for (const cut of [0, 1, 27, 49_152, 49_153, 100_000, 150_001]) {
    expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(whole)
    expect(crc32cPlain(bytes.subarray(cut), crc32cPlain(bytes.subarray(0, cut)))).toBe(whole)
  }
})

function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}
