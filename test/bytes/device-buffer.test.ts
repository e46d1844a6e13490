import "../../host/bytes/device-buffer.js"
import { describe, expect, test } from "vitest"
import type { NumberFormat } from "../../host/bytes/device-buffer.js"

/** What the board's VM (DeviceScript 2.16.4) left in eight zero bytes, run once. */
const STORED: readonly [NumberFormat, number, string][] = [
  ["u8", 300, "ff00000000000000"],
  ["u8", -3, "0000000000000000"],
  ["u8", 1.5, "0200000000000000"],
  ["u8", 2.5, "0300000000000000"],
  ["i8", -3.5, "fd00000000000000"],
  ["i8", -3.6, "fd00000000000000"],
  ["i8", -2.5, "fe00000000000000"],
  ["i8", 200, "7f00000000000000"],
  ["i8", -200, "8000000000000000"],
  ["u16", 70000, "ffff000000000000"],
  ["i16", -40000, "0080000000000000"],
  ["i16", Number.NaN, "0080000000000000"],
  ["u32", -1, "0000000000000000"],
  ["u32", 4294967296, "ffffffff00000000"],
  ["u32", 4294967294.7, "ffffffff00000000"],
  ["i32", 2147483648, "ffffff7f00000000"],
  ["i32", -2147483649, "0000008000000000"],
  ["i32", -1.5, "ffffffff00000000"],
  ["u64", 9007199254740992, "0000000000002000"],
  ["u64", 1700000000123456, "40222018240a0600"],
  ["u64", -1, "0000000000000000"],
  ["u64", 1.5, "0200000000000000"],
  ["i64", 5, "0500000000000000"],
  ["i64", -5, "fbffffffffffffff"],
  ["i64", 2147483648, "0000000000000080"],
  ["i64", 1.5, "0000000000000080"],
  ["f32", 1.1, "cdcc8c3f00000000"],
  ["f64", 0.1, "9a9999999999b93f"],
]

describe("Node's Buffer does what the board's does", () => {
  test.each(STORED)("setAt %s %d", (format, value, bytes) => {
    const b = Buffer.alloc(8)
    b.setAt(0, format, value)
    expect(b.toString("hex")).toBe(bytes)
  })

  test("getAt gives back what the bytes say", () => {
    const b = Buffer.alloc(8, 0xff)
    expect([b.getAt(0, "u32"), b.getAt(0, "i32"), b.getAt(0, "i64"), b.getAt(6, "u16")]).toEqual([4294967295, -1, -1, 65535])
  })

  test("stores outside throw", () => {
    expect(() => Buffer.alloc(8).setAt(7, "u16", 1)).toThrow(RangeError)
    expect(() => Buffer.alloc(8).setAt(-1, "u8", 1)).toThrow(RangeError)
  })

  const source = Buffer.from("0102030405060708", "hex")
  test.each<[number, Buffer | string, number, number, string]>([
    [0, source, 0, 8, "0102030405060708"],
    [4, source, 0, 8, "0000000001020304"],
    [0, source, 6, 8, "0708000000000000"],
    [-1, source, 0, 4, "0000000000000000"],
    [0, source, -1, 4, "0000000000000000"],
    [9, source, 0, 4, "0000000000000000"],
    [0, source, 9, 4, "0000000000000000"],
    [0, source, 0, -1, "0102030405060708"],
    [0, "h\u00e9llo", 0, 6, "68c3a96c6c6f0000"],
    [1, "abc", 1, 9, "0062630000000000"],
  ])("blitAt(%d, %s, %d, %d)", (at, from, start, length, bytes) => {
    const b = Buffer.alloc(8)
    b.blitAt(at, from, start, length)
    expect(b.toString("hex")).toBe(bytes)
  })

  test.each([
    [0, 8, 1, "0101010101010101"],
    [4, 8, 1, "0000000001010101"],
    [-1, 2, 1, "0000000000000000"],
    [8, 1, 1, "0000000000000000"],
    [2, -1, 1, "0000010101010101"],
    [2, 2, 300, "00002c2c00000000"],
    [2, 2, -1, "0000ffff00000000"],
    [2, 2, 1.9, "0000010100000000"],
  ])("fillAt(%d, %d, %d)", (at, length, value, bytes) => {
    const b = Buffer.alloc(8)
    b.fillAt(at, length, value)
    expect(b.toString("hex")).toBe(bytes)
  })

  test("hex reads digits over several lines", () => {
    expect(hex`00 01
      ff`).toEqual(Buffer.from([0, 1, 255]))
  })
})
