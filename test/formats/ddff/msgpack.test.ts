import { encode } from "@msgpack/msgpack"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { INCOMPLETE, INVALID, skip, valueAt } from "../../../host/formats/ddff/blocks/msgpack.js"

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.string({ unit: "grapheme", maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(
      fc.string({ maxLength: 5 }).filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 20 },
    ),
  ),
})).value

describe("msgpack", () => {
  test("any value is stepped over as a whole, and no cut of it is taken for whole", () => {
    fc.assert(
      fc.property(anyValue, fc.nat(1000), (value, cut) => {
        const bytes = encode(value)
        expect(skip(bytes, 0, bytes.length)).toBe(bytes.length)
        expect(skip(bytes, 0, cut % bytes.length)).toBe(INCOMPLETE)
        expect(valueAt(bytes, 0, bytes.length)).toEqual(value)
      }),
      { seed: 5 },
    )
  })

  test("the byte c1 is no value", () => {
    expect(skip(Uint8Array.of(0x92, 1, 0xc1), 0, 3)).toBe(INVALID)
  })

  test("a length beyond what is there costs no time and no memory", () => {
    expect(skip(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff, 1, 2), 0, 7)).toBe(INCOMPLETE)
    expect(skip(Uint8Array.of(0xc6, 0xff, 0xff, 0xff, 0xff, 1, 2), 0, 7)).toBe(INCOMPLETE)
  })

  test("what JavaScript cannot hold is undefined: 65 levels, a key named __proto__", () => {
    const deep = new Uint8Array(70).fill(0x91)
    deep[69] = 1
    expect(valueAt(deep, 0, 70)).toBeUndefined()
    expect(valueAt(deep, 10, 70)).toBeDefined()
    const proto = Uint8Array.of(0x81, 0xa9, ...new TextEncoder().encode("__proto__"), 1)
    expect(valueAt(proto, 0, proto.length)).toBeUndefined()
  })
})
