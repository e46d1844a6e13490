import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fieldSize, layoutMarkdown, readRecord, writeRecord } from "../../host/bytes/layout.js"
import * as ddff from "../../shared/ddff/layout.js"
import * as jls from "../../shared/jls/layout.js"
import type { Layout } from "../../shared/layout.js"
import * as meteor from "../../shared/meteor/layout.js"

const tables = ([...Object.values(meteor), ...Object.values(ddff), ...Object.values(jls)] as unknown[]).filter(isLayout)

describe("layout tables", () => {
  test("own every byte exactly once and name their source", () => {
    expect(tables.length).toBeGreaterThan(4)
    expect(tables.flatMap((table) => layoutFaults(table))).toEqual([])
  })

  test("a table with a hole, an overlap or a wrong size is found out", () => {
    const field = { unit: "", doc: "x" }
    const hole: Layout = {
      name: "t",
      source: "s",
      endian: "be",
      size: 4,
      fields: { a: { at: 0, type: "u8", ...field }, b: { at: 2, type: "u16", ...field } },
    }
    const overlap: Layout = {
      name: "t",
      source: "s",
      endian: "be",
      size: 3,
      fields: { a: { at: 0, type: "u16", ...field }, b: { at: 1, type: "u16", ...field } },
    }
    const short: Layout = { name: "t", source: "s", endian: "be", size: 4, fields: { a: { at: 0, type: "u16", ...field } } }
    expect(layoutFaults(hole)).toEqual(["t.b: at 2, expected 1"])
    expect(layoutFaults(overlap)).toEqual(["t.b: at 1, expected 2"])
    expect(layoutFaults(short)).toEqual(["t: fields end at 2, size is 4"])
  })

  test("what is written is read back, at any place in a buffer", () => {
    fc.assert(
      fc.property(
        fc.nat(7),
        fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
        fc.nat(0xffff),
        fc.nat(0xffffffff),
        (at, nextOffset, crc, blockSize) => {
          const view = new DataView(new ArrayBuffer(40))
          const header = { nextOffset, crc, streamId: 1, blockSize, fill: 28, objectOffset: 28, blockNumber: 7 }
          writeRecord(ddff.blockHeader, view, at, header)
          expect(readRecord(ddff.blockHeader, view, at)).toEqual(header)
        },
      ),
    )
  })

  test("a record that leaves the buffer is refused", () => {
    const view = new DataView(new ArrayBuffer(27))
    expect(() => readRecord(ddff.blockHeader, view, 0)).toThrow(RangeError)
    expect(() => writeRecord(ddff.blockHeader, view, 0, { crc: 1 })).toThrow(RangeError)
  })

  test("the documentation table has one row a field", () => {
    const rows = layoutMarkdown(meteor.frameHeader).split("\n")
    expect(rows.filter((row) => row.startsWith("| ") && /^\| \d/.test(row))).toHaveLength(4)
    expect(rows.join("\n")).toContain("| 0 | 4 | timestamp | u32 be | ms |")
  })
})

function isLayout(value: unknown): value is Layout {
  return typeof value === "object" && value !== null && "fields" in value
}

/** What is wrong with a table: overlaps, gaps, fields that leave the record, missing texts. Empty when sound. */
function layoutFaults(layout: Layout): string[] {
  const faults: string[] = []
  if (layout.source === "") faults.push(`${layout.name}: no source`)
  let end = 0
  for (const [name, field] of Object.entries(layout.fields)) {
    if (field.at !== end) faults.push(`${layout.name}.${name}: at ${field.at}, expected ${end}`)
    if (field.doc === "") faults.push(`${layout.name}.${name}: no doc`)
    end = field.at + fieldSize(layout, field)
  }
  if (end !== layout.size) faults.push(`${layout.name}: fields end at ${end}, size is ${layout.size}`)
  return faults
}
