import fc from "fast-check"
import { expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { btsfDeviceHeader } from "../../../host/formats/btsf/device.js"
import { readHeader } from "../../../host/formats/btsf/head/header.js"
import { openBtsf } from "../../../host/formats/btsf/read.js"
import { allRows } from "./rows-of.js"

const code = fc.constantFrom("f", "d", "b", "B", "h", "H", "l", "L" as const)
const metrics = fc.array(fc.record({ identifier: fc.string({ minLength: 1 }), code, unit: fc.string() }), { minLength: 1, maxLength: 60 })

test("rows begin at a sector boundary and never straddle one, for any metrics", async () => {
  await fc.assert(
    fc.asyncProperty(metrics, fc.integer({ min: 0, max: 2000 }), async (list, reserve) => {
      const { bytes, structSize, fields, used } = btsfDeviceHeader(list, { reserve })
      expect(bytes.length % 512).toBe(0)
      expect(512 % structSize).toBe(0)
      const header = await readHeader(memorySource(bytes))
      expect(header.dataOffset).toBe(bytes.length)
      expect(header.master.structSize).toBe(structSize)
      expect(header.master.row).toEqual({ fields, used, little: true })
      expect(header.issues).toEqual([])
      const [, notes] = header.sections
      const room = (notes?.payloadSize ?? 0) + (notes?.followupSize ?? 0)
      expect(room).toBeGreaterThanOrEqual(reserve)
      expect(room % structSize).toBe(0)
    }),
    { numRuns: 200 },
  )
})

test("rows put where the header says are read back", async () => {
  const { bytes, structSize, fields } = btsfDeviceHeader([
    { identifier: "time", code: "L", unit: "ms", isTime: true },
    { identifier: "ax", code: "h" },
    { identifier: "temperature", code: "f", unit: "degC" },
  ])
  expect(structSize).toBe(16)
  const row = Buffer.alloc(structSize)
  row.writeUInt32LE(120, fields[0]?.at ?? 0)
  row.writeInt16LE(-5, fields[1]?.at ?? 0)
  row.writeFloatLE(21.5, fields[2]?.at ?? 0)
  const log = await openBtsf(memorySource(new Uint8Array(Buffer.concat([bytes, row]))))
  expect(await allRows(log)).toEqual([[120, -5, 21.5]])
  expect(log.groups[0]?.time).toEqual({ kind: "stamped", tick: 0.001 })
})

test("refuses what the board cannot write", () => {
  expect(() => btsfDeviceHeader([{ identifier: "n", code: "Q" }])).toThrow("64-bit integer")
  expect(() => btsfDeviceHeader(Array.from({ length: 65 }, (_, i) => ({ identifier: `m${i}`, code: "d" as const })))).toThrow(
    "more than a sector",
  )
})
