import { describe, expect, test } from "vitest"
import { newValues } from "../../host/model/values.js"
import { isFloat, isInteger, isNumeric, isWide, WIRES, type Wire } from "../../host/model/wire.js"

const ALL = Object.keys(WIRES) as Wire[]

describe("wire types", () => {
  test("each integer's column holds its least and its greatest value, and no wider column is taken than needed", () => {
    for (const type of ALL.filter((each) => isInteger(each) && WIRES[each].bits > 0)) {
      const { bits, kind } = WIRES[type]
      const ends = kind === "signed" ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n] : [0n, 2n ** BigInt(bits) - 1n]
      const column = newValues(type, 2) as BigInt64Array | Float64Array
      for (const [i, end] of ends.entries()) {
        column[i] = isWide(type) ? end : Number(end)
        expect(BigInt(column[i] as number | bigint), type).toBe(end)
      }
      expect(isWide(type)).toBe(bits > 53)
      expect(column.BYTES_PER_ELEMENT * 8, type).toBe([8, 16, 32, 64].find((size) => size >= bits))
    }
  })

  test("fresh columns are zeros, empty texts and bytes, or undefined", () => {
    const fresh = (type: Wire) => Array.from(newValues(type, 2) as ArrayLike<unknown>)
    for (const type of ALL.filter(isNumeric)) expect(fresh(type).map(Number), type).toEqual([0, 0])
    expect(fresh("text")).toEqual(["", ""])
    expect(fresh("bytes")).toEqual([new Uint8Array(0), new Uint8Array(0)])
    expect(fresh("mixed")).toEqual([undefined, undefined])
  })

  test("every type is an integer, a float, a bool or none of them", () => {
    expect(ALL.filter((type) => !isNumeric(type))).toEqual(["text", "bytes", "mixed"])
    expect(ALL.filter((type) => isNumeric(type) && !isInteger(type) && !isFloat(type))).toEqual(["bool"])
    expect(ALL.filter(isWide)).toEqual(["u56", "u64", "i56", "i64"])
    for (const type of ALL) expect(isInteger(type), type).toBe(/^(u|i)(\d+|nt)$|^uint$/.test(type))
  })
})
