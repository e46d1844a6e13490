import fc from "fast-check"
import { expect, test } from "vitest"
import { crc32c, crc32cPlain, DISTANCES } from "../../host/bytes/crc32c.js"

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

test("long messages, which are folded before they are summed, give the same sum at any length and offset", () => {
  const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 13) & 255)
  for (let length = 2000; length < 2300; length++) {
    const part = bytes.subarray(length % 7, (length % 7) + length)
    if (crc32c(part) !== crc32cPlain(part)) expect(length).toBe(-1)
  }
  fc.assert(
    fc.property(fc.nat(4000), fc.nat(6000), fc.integer(), (from, length, before) => {
      const part = bytes.subarray(from, from + length)
      expect(crc32c(part, before)).toBe(crc32cPlain(part, before))
    }),
  )
})

test("a byte weighs as much as the same byte in the five places to which it is folded", () => {
  const spread = new Uint8Array(2000)
  const single = spread.slice()
  single[100] = 0xa7
  for (const distance of DISTANCES) spread[100 + distance] = 0xa7
  expect(crc32cPlain(spread)).toBe(crc32cPlain(single))
})

test("a sum goes on from where another one ended, also across the module's memory", () => {
  const bytes = Uint8Array.from({ length: 150_001 }, (_, i) => (i * i) >> 3)
  const whole = crc32cPlain(bytes)
  expect(crc32c(bytes)).toBe(whole)
  for (const cut of [0, 1, 27, 49_152, 49_153, 111_616, 111_617, 150_001]) {
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
