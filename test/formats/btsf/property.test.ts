import fc from "fast-check"
import { expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { composeHeader, type NewMetric } from "../../../host/formats/btsf/compose.js"
import { encodeRow } from "../../../host/formats/btsf/encode.js"
import type { Code } from "../../../host/formats/btsf/head/row-layout.js"
import { openBtsf } from "../../../host/formats/btsf/read.js"
import { writeBtsf } from "../../../host/formats/btsf/write.js"
import { MemoryOutput } from "../../conformance/memory.js"
import { allChunks } from "./rows-of.js"

const VALUES: Readonly<Record<Code, fc.Arbitrary<number | bigint>>> = {
  f: fc.float(),
  d: fc.double(),
  b: fc.integer({ min: -128, max: 127 }),
  B: fc.integer({ min: 0, max: 255 }),
  h: fc.integer({ min: -32768, max: 32767 }),
  H: fc.integer({ min: 0, max: 65535 }),
  l: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  L: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  q: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  Q: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
}

const code = fc.constantFrom(...(Object.keys(VALUES) as Code[]))
const metric = fc.record({ identifier: fc.string(), code, unit: fc.string(), name: fc.string(), description: fc.string() })
const file = fc.record({
  metrics: fc.uniqueArray(metric, { minLength: 1, maxLength: 9, selector: ({ identifier }) => identifier }),
  byteOrder: fc.constantFrom("<", ">", "=", "!", "@" as const),
  padTo: fc.integer({ min: 1, max: 70 }),
  rows: fc.integer({ min: 0, max: 40 }),
})

test("rows of any metrics, byte order and padding come back, value by value", async () => {
  await fc.assert(
    fc.asyncProperty(file, fc.gen(), async ({ metrics, byteOrder, padTo, rows }, gen) => {
      const header = composeHeader({ metrics, byteOrder, padTo })
      const bytes = new Uint8Array(header.bytes.length + rows * header.structSize)
      bytes.set(header.bytes)
      const view = new DataView(bytes.buffer)
      const values = Array.from({ length: rows }, () => metrics.map((each) => gen(() => VALUES[each.code])))
      for (const [i, row] of values.entries()) encodeRow(header.row, row, view, header.bytes.length + i * header.structSize)

      const log = await openBtsf(memorySource(bytes))
      const chunks = await allChunks(log)
      const wide = (value: unknown, c: number) =>
        ["q", "Q"].includes((metrics[c] as NewMetric).code) || byteOrder === "@" ? Number(value) : value
      const read = chunks.flatMap((chunk) =>
        Array.from({ length: chunk.rows }, (_, i) => chunk.columns.map((column, c) => wide(column[i], c))),
      )
      expect(read).toEqual(values.map((row) => row.map(wide)))
      expect(log.issues).toEqual([])

      if (byteOrder !== "<") return
      const output = new MemoryOutput()
      await writeBtsf(log, output, { padTo })
      expect(Buffer.from(output.bytes()).equals(bytes)).toBe(true)
    }),
    { numRuns: 300 },
  )
})
