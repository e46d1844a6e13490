import * as fc from "fast-check"
import { expect, test } from "vitest"
import { MemorySink } from "../../host/bytes/sink.js"
import { putScaled, SCALED_ROOM, TextBuffer } from "../../host/text/text-buffer.js"

const MOST = 2 ** 31 - 1

test("a scaled number has every decimal and as few digits before the mark as there are", () => {
  const digits = fc.integer({ min: 0, max: 12 })
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: -MOST, max: MOST }), fc.integer({ min: -1200, max: 1200 })), digits, (value, decimals) => {
      const bytes = new Uint8Array(SCALED_ROOM)
      const end = putScaled(bytes, 0, value, decimals, 0x2c)
      const size = Math.abs(value)
        .toString()
        .padStart(decimals + 1, "0")
      const whole = size.slice(0, size.length - decimals)
      const want = `${value < 0 ? "-" : ""}${whole}${decimals === 0 ? "" : `,${size.slice(size.length - decimals)}`}`
      expect(Buffer.from(bytes.subarray(0, end)).toString()).toBe(want)
    }),
    { numRuns: 2000 },
  )
})

test("what is written in pieces arrives whole, whatever its length", () => {
  const sink = new MemorySink()
  const text = new TextBuffer(sink)
  let want = ""
  for (let i = 0; i < 60_000; i++) {
    text.scaled(i * 7 - 9000, 2)
    text.repeat(0x2c, i % 11)
    text.utf8("é\n")
    want += `${((i * 7 - 9000) / 100).toFixed(2)}${",".repeat(i % 11)}é\n`
  }
  text.repeat(0x3b, 300_000)
  text.flush()
  expect(Buffer.from(sink.bytes()).toString() === `${want}${";".repeat(300_000)}`).toBe(true)
})
