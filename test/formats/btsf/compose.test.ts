import { existsSync, readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { composeHeader } from "../../../host/formats/btsf/compose.js"
import { decodeRows } from "../../../host/formats/btsf/decode.js"
import { encodeRow, encodeRows } from "../../../host/formats/btsf/encode.js"
import { readHeader } from "../../../host/formats/btsf/head/header.js"
import { pythonJson } from "../../../host/formats/btsf/python-json.js"

const folder = "test/golden/btsf"
const cases = readdirSync(folder).filter((name) => {
  if (!existsSync(`${folder}/${name}/file.btsf`)) return false
  const expected = JSON.parse(readFileSync(`${folder}/${name}/expected.json`, "utf8"))
  return expected.open_error === undefined && expected.header !== undefined
})

describe.each([...cases, "legacy_6c8eada"])("golden %s", (name) => {
  const bytes = new Uint8Array(readFileSync(`${folder}/${name}/file.btsf`))

  test("is written again byte for byte", async () => {
    const { master, sections, dataOffset } = await readHeader(memorySource(bytes))
    const { metrics, byteOrder, padTo } = master
    const others = sections.slice(1).map(({ type, payloadAt, payloadSize, followupSize }) => {
      return { type, payload: bytes.subarray(payloadAt, payloadAt + payloadSize), followupSize }
    })
    const composed = composeHeader({ metrics, byteOrder, padTo, sections: others })
    const rows = Math.floor((bytes.length - dataOffset) / composed.structSize)
    const columns = decodeRows(composed.row, composed.structSize, bytes, dataOffset, rows)
    const data = new Uint8Array(rows * composed.structSize)
    encodeRows(composed.row, composed.structSize, columns, 0, rows, data)
    const written = Buffer.concat([composed.bytes, data])
    expect(written.equals(bytes.subarray(0, written.length))).toBe(true)
    expect(bytes.length - written.length).toBeLessThan(composed.structSize)
  })

  test("takes row after row to the same bytes", async () => {
    const { master, dataOffset } = await readHeader(memorySource(bytes))
    const rows = Math.floor((bytes.length - dataOffset) / master.structSize)
    const columns = decodeRows(master.row, master.structSize, bytes, dataOffset, rows)
    const data = new Uint8Array(rows * master.structSize)
    for (let i = 0; i < rows; i++) {
      const values = columns.map((column) => column[i] as number | bigint)
      encodeRow(master.row, values, new DataView(data.buffer), i * master.structSize)
    }
    expect(Buffer.from(data).equals(bytes.subarray(dataOffset, dataOffset + data.length))).toBe(true)
  })
})

test("refuses what the reference fails on", () => {
  const metrics = [{ identifier: "a", code: "d" }] as const
  expect(() => composeHeader({ metrics: [] })).toThrow("no metrics")
  expect(() => composeHeader({ metrics, padTo: 0 })).toThrow("pad_to 0")
  expect(() => composeHeader({ metrics, padTo: null as unknown as number })).toThrow("pad_to null")
  expect(() => composeHeader({ metrics, sections: [{ type: 2, payload: new Uint8Array(5), followupSize: 2 }] })).toThrow("multiple of 8")
})

test("refuses values that their type cannot hold", () => {
  const { row } = composeHeader({ metrics: [{ identifier: "a", code: "B" }] })
  const view = new DataView(new ArrayBuffer(8))
  expect(() => encodeRow(row, [256], view, 0)).toThrow("256 is not within 0 and 255")
  expect(() => encodeRow(row, [1.5], view, 0)).toThrow("1.5 is not within")
  expect(() => encodeRow(row, [1, 2], view, 0)).toThrow("2 values, the file has 1 metrics")
  const float = composeHeader({ metrics: [{ identifier: "a", code: "f" }] }).row
  expect(() => encodeRow(float, [1e39], view, 0)).toThrow("1e+39 is not within")
  expect(() => encodeRow(float, [Number.POSITIVE_INFINITY], view, 0)).not.toThrow()
})

test("writes JSON as Python does", () => {
  const value = { text: 'Überlast "x"\\\n\u007f\u{1f600}', list: [1, 2.5, 1e-7, 0.0001, -0.00001, true, null], empty: [] }
  expect(pythonJson(value)).toBe(
    '{"text": "\\u00dcberlast \\"x\\"\\\\\\n\\u007f\\ud83d\\ude00", "list": [1, 2.5, 1e-07, 0.0001, -1e-05, true, null], "empty": []}',
  )
})
